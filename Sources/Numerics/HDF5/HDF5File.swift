import CHDF5
import Diagnostics
import HDF5Reader

/// An HDF5 file: groups, datasets of numbers, and attributes, under `/`-separated paths.
///
/// Files are written in the 1.10 format, whose metadata carries checksums, and without time stamps: equal content
/// written in equal order gives equal bytes. Every call is safe from any thread; calls run one at a time because
/// the library itself is not reentrant. The file is closed when the object goes away; a writer calls `close()`, which
/// reports what could not be written.
public final class HDF5File: @unchecked Sendable {
  /// What a path leads to.
  public enum ObjectKind: Sendable, Equatable {
    /// A group, which holds other objects.
    case group
    /// A dataset.
    case dataset
    /// Something else, such as a named type.
    case other
  }

  /// The path of the file, or a description where it lives in memory.
  public let path: String
  /// Guarded by the library lock; negative once closed.
  private var identifier: hid_t
  /// Whether closing writes a digest of the file.
  private let seals: Bool

  private init(path: String, identifier: hid_t, seals: Bool) {
    self.path = path
    self.identifier = identifier
    self.seals = seals
  }

  deinit {
    guard identifier >= 0 else { return }
    try? alone { () throws(TernError) in _ = H5Fclose(identifier) }
  }

  /// Creates a file, replacing one that exists.
  ///
  /// To be crash-safe, create it under a temporary name with `AtomicFile.replace`.
  /// - Parameters:
  ///   - path: where.
  ///   - sealed: whether `close()` leaves a SHA-256 of the file in its user block, which opening verifies; other programs
  ///     read such a file as any other, and `open` refuses it once they have changed it.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public static func create(_ path: String, sealed: Bool = true) throws(TernError) -> HDF5File {
    try checkText(path, "path", file: path)
    return try alone { () throws(TernError) in
      let access = try accessList(path)
      // Without a sieve, a part of a dataset goes to the disk as it is; with one, its surroundings are read first.
      guard let creation = Handle(H5Pcreate(tern_h5p_file_create()), H5Pclose),
        H5Pset_sieve_buf_size(access.id, 0) >= 0,
        H5Pset_obj_track_times(creation.id, false) >= 0,
        !sealed || H5Pset_userblock(creation.id, hsize_t(Seal.blockSize)) >= 0
      else { throw failure("cannot prepare", file: path, kind: .internalFailure) }
      let identifier = H5Fcreate(path, tern_h5f_truncate(), creation.id, access.id)
      guard identifier >= 0 else { throw failure("cannot create", file: path, kind: .internalFailure) }
      return HDF5File(path: path, identifier: identifier, seals: sealed)
    }
  }

  /// Opens a file for reading.
  /// - Throws: `TernError` of kind `data` when it does not exist, is not an intact HDF5 file, or breaks its seal.
  public static func open(_ path: String) throws(TernError) -> HDF5File {
    try checkText(path, "path", file: path)
    try Seal.check(path)
    return try alone { () throws(TernError) in
      let access = try accessList(path)
      return try open(path, access: access)
    }
  }

  /// Opens the bytes of a file for reading; `name` stands for the path in errors.
  /// - Throws: `TernError` of kind `data` when they are not an intact HDF5 file.
  public static func open(image: [UInt8], named name: String) throws(TernError) -> HDF5File {
    try checkText(name, "name", file: name)
    guard !image.isEmpty else { throw TernError(.data, "is empty, not an HDF5 file", file: name) }
    try Seal.check(image: image, named: name)
    return try alone { () throws(TernError) in
      let access = try accessList(name)
      var image = image
      let status = image.withUnsafeMutableBytes {
        min(
          H5Pset_fapl_core(access.id, 1 << 20, false), H5Pset_file_image(access.id, $0.baseAddress, $0.count))
      }
      guard status >= 0 else {
        throw failure("cannot hold a file in memory", file: name, kind: .internalFailure)
      }
      return try open(name, access: access)
    }
  }

  /// Writes out everything and closes the file; closing again does nothing.
  /// - Throws: `TernError` of kind `temporary` when the disk is full.
  public func close() throws(TernError) {
    try alone { () throws(TernError) in
      guard identifier >= 0 else { return }
      let flushed = H5Fflush(identifier, H5F_SCOPE_GLOBAL)
      let problem = flushed < 0 ? failure("cannot write", file: path, kind: .internalFailure) : nil
      let closed = H5Fclose(identifier)
      identifier = -1
      if let problem { throw problem }
      guard closed >= 0 else { throw failure("cannot close", file: path, kind: .internalFailure) }
      if seals { try Seal.apply(to: path) }
    }
  }

  /// Runs `body` with the open file's identifier, alone in the library.
  func locked<Result>(_ body: (hid_t) throws(TernError) -> Result) throws(TernError) -> Result {
    try alone { () throws(TernError) in
      guard identifier >= 0 else {
        throw TernError(.internalFailure, "the file is closed already", file: path)
      }
      return try body(identifier)
    }
  }

  private static func open(_ path: String, access: borrowing Handle) throws(TernError) -> HDF5File {
    let identifier = H5Fopen(path, tern_h5f_read_only(), access.id)
    guard identifier >= 0 else { throw failure("cannot open as HDF5", file: path) }
    return HDF5File(path: path, identifier: identifier, seals: false)
  }

  /// Closing takes every open object along, the newest format with checksums, locks only where they work.
  private static func accessList(_ path: String) throws(TernError) -> Handle {
    guard let list = Handle(H5Pcreate(tern_h5p_file_access()), H5Pclose),
      H5Pset_fclose_degree(list.id, H5F_CLOSE_STRONG) >= 0,
      H5Pset_libver_bounds(list.id, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0,
      H5Pset_file_locking(list.id, true, true) >= 0
    else { throw failure("cannot prepare", file: path, kind: .internalFailure) }
    return list
  }

  /// C strings end at the first NUL, so a name that holds one would silently mean another object.
  static func checkText(_ text: String, _ what: String, file: String) throws(TernError) {
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw TernError(.data, "the \(what) is empty or holds a NUL", file: file, key: text)
    }
  }
}
