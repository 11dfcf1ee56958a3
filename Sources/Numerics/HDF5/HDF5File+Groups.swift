import CHDF5
import Diagnostics

extension HDF5File {
  /// Creates a group with all its parents; one that exists already is fine.
  public func createGroup(_ object: String) throws(TernError) {
    try Self.checkText(object, "group", file: path)
    try locked { file throws(TernError) in try makeGroups(object.split(separator: "/")[...], in: file) }
  }

  /// Whether a group or dataset lies at a path.
  public func exists(_ object: String) throws(TernError) -> Bool {
    try Self.checkText(object, "path", file: path)
    return try locked { file throws(TernError) in try linkExists(object, in: file) }
  }

  /// What lies at a path, nil when nothing does.
  public func kind(of object: String) throws(TernError) -> ObjectKind? {
    try Self.checkText(object, "path", file: path)
    return try locked { file throws(TernError) in
      try linkExists(object, in: file) ? kind(of: object, in: file) : nil
    }
  }

  /// The names directly within a group, in the order of their bytes.
  public func names(in group: String = "/") throws(TernError) -> [String] {
    try Self.checkText(group, "group", file: path)
    return try locked { file throws(TernError) in
      guard let opened = Handle(H5Gopen2(file, group, tern_h5p_default()), H5Gclose) else {
        throw failure("cannot open the group", file: path, object: group)
      }
      final class Collector { var names: [String] = [] }
      let collector = Collector()
      let status = H5Literate(
        opened.id, H5_INDEX_NAME, H5_ITER_INC, nil,
        { _, name, _, context in
          guard let name, let context else { return -1 }
          Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue().names.append(String(cString: name))
          return 0
        }, Unmanaged.passUnretained(collector).toOpaque())
      guard status >= 0 else { throw failure("cannot list the group", file: path, object: group) }
      return collector.names
    }
  }

  /// Tests every step of a path, because the library fails on a missing parent instead of answering no.
  func linkExists(_ object: String, in file: hid_t) throws(TernError) -> Bool {
    var prefix = ""
    for part in object.split(separator: "/") {
      let parent = prefix.isEmpty ? "/" : prefix
      prefix += "/" + part
      let answer = H5Lexists(file, prefix, tern_h5p_default())
      if answer < 0 {
        // Below a dataset there is nothing; a damaged group is an error.
        if kind(of: parent, in: file) == .dataset { return false }
        throw failure("cannot look up", file: path, object: prefix)
      }
      if answer == 0 { return false }
    }
    return H5Oexists_by_name(file, prefix.isEmpty ? "/" : prefix, tern_h5p_default()) > 0
  }

  func kind(of object: String, in file: hid_t) -> ObjectKind? {
    guard let opened = Handle(H5Oopen(file, object, tern_h5p_default()), H5Oclose) else { return nil }
    switch H5Iget_type(opened.id) {
    case H5I_GROUP: return .group
    case H5I_DATASET: return .dataset
    default: return .other
    }
  }

  /// Creates the groups along a path one by one: the library's own intermediate groups carry time stamps.
  func makeGroups(_ parts: ArraySlice<Substring>, in file: hid_t) throws(TernError) {
    guard let creation = Handle(H5Pcreate(tern_h5p_group_create()), H5Pclose),
      H5Pset_obj_track_times(creation.id, false) >= 0
    else { throw failure("cannot prepare", file: path, kind: .internalFailure) }
    let links = try linkList()
    var prefix = ""
    for part in parts {
      prefix += "/" + part
      if try linkExists(prefix, in: file) {
        guard kind(of: prefix, in: file) == .group else {
          throw TernError(.data, "exists already and is not a group", file: path, key: prefix)
        }
        continue
      }
      guard Handle(H5Gcreate2(file, prefix, links.id, creation.id, tern_h5p_default()), H5Gclose) != nil
      else {
        throw failure("cannot create the group", file: path, object: prefix, kind: .internalFailure)
      }
    }
  }

  /// A link property list for UTF-8 names.
  func linkList() throws(TernError) -> Handle {
    guard let links = Handle(H5Pcreate(tern_h5p_link_create()), H5Pclose),
      H5Pset_char_encoding(links.id, H5T_CSET_UTF8) >= 0
    else { throw failure("cannot prepare", file: path, kind: .internalFailure) }
    return links
  }
}
