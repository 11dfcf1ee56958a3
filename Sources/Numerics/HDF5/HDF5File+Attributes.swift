import CHDF5
import Diagnostics

extension HDF5File {
  /// Sets a string attribute of a group or dataset (variable-length UTF-8, which h5py reads as `str`).
  public func setAttribute(_ name: String, of object: String = "/", to value: String) throws(TernError) {
    guard !value.utf8.contains(0) else {
      throw TernError(.data, "a string attribute cannot hold a NUL", file: path, key: "\(object)@\(name)")
    }
    try writeAttribute(name, of: object, type: stringType) { attribute, type in
      value.withCString { text in withUnsafePointer(to: text) { H5Awrite(attribute, type, $0) } }
    }
  }

  /// Sets an integer attribute of a group or dataset.
  public func setAttribute(_ name: String, of object: String = "/", to value: Int64) throws(TernError) {
    try writeAttribute(name, of: object, type: { () throws(TernError) in try copy(tern_h5t_file_int64()) }) {
      attribute, _ in withUnsafePointer(to: value) { H5Awrite(attribute, tern_h5t_native_int64(), $0) }
    }
  }

  /// Sets a floating-point attribute of a group or dataset.
  public func setAttribute(_ name: String, of object: String = "/", to value: Double) throws(TernError) {
    try writeAttribute(name, of: object, type: { () throws(TernError) in try copy(tern_h5t_file_double()) }) {
      attribute, _ in withUnsafePointer(to: value) { H5Awrite(attribute, tern_h5t_native_double(), $0) }
    }
  }

  /// Whether an attribute is set.
  public func hasAttribute(_ name: String, of object: String = "/") throws(TernError) -> Bool {
    try checkAttribute(name, object)
    return try locked { file throws(TernError) in
      guard try linkExists(object, in: file) else { return false }
      return H5Aexists_by_name(file, object, name, tern_h5p_default()) > 0
    }
  }

  /// A string attribute, of fixed or variable length.
  /// - Throws: `TernError` of kind `data` when it is absent, no scalar string, or not UTF-8.
  public func stringAttribute(_ name: String, of object: String = "/") throws(TernError) -> String {
    try readAttribute(name, of: object) { attribute, type throws(TernError) in
      guard H5Tget_class(type) == H5T_STRING else { throw wrongType(name, object, expected: "a string") }
      return H5Tis_variable_str(type) > 0
        ? try variableString(attribute, type, name, object) : try fixedString(attribute, type, name, object)
    }
  }

  /// An integer attribute.
  /// - Throws: `TernError` of kind `data` when it is absent or no scalar integer.
  public func integerAttribute(_ name: String, of object: String = "/") throws(TernError) -> Int64 {
    try readAttribute(name, of: object) { attribute, type throws(TernError) in
      guard H5Tget_class(type) == H5T_INTEGER else { throw wrongType(name, object, expected: "an integer") }
      var value: Int64 = 0
      guard H5Aread(attribute, tern_h5t_native_int64(), &value) >= 0 else {
        throw failure("cannot read the attribute", file: path, object: "\(object)@\(name)")
      }
      return value
    }
  }

  /// A floating-point attribute.
  /// - Throws: `TernError` of kind `data` when it is absent or no scalar floating-point number.
  public func doubleAttribute(_ name: String, of object: String = "/") throws(TernError) -> Double {
    try readAttribute(name, of: object) { attribute, type throws(TernError) in
      guard H5Tget_class(type) == H5T_FLOAT else {
        throw wrongType(name, object, expected: "a floating-point number")
      }
      var value: Double = 0
      guard H5Aread(attribute, tern_h5t_native_double(), &value) >= 0 else {
        throw failure("cannot read the attribute", file: path, object: "\(object)@\(name)")
      }
      return value
    }
  }

  private func checkAttribute(_ name: String, _ object: String) throws(TernError) {
    try Self.checkText(name, "attribute name", file: path)
    try Self.checkText(object, "path", file: path)
  }

  private func writeAttribute(
    _ name: String, of object: String, type: () throws(TernError) -> Handle, _ write: (hid_t, hid_t) -> herr_t
  ) throws(TernError) {
    try checkAttribute(name, object)
    try locked { file throws(TernError) in
      let type = try type()
      if H5Aexists_by_name(file, object, name, tern_h5p_default()) > 0 {
        _ = H5Adelete_by_name(file, object, name, tern_h5p_default())
      }
      guard let space = Handle(H5Screate(H5S_SCALAR), H5Sclose),
        let attribute = Handle(
          H5Acreate_by_name(
            file, object, name, type.id, space.id, tern_h5p_default(), tern_h5p_default(), tern_h5p_default()),
          H5Aclose),
        write(attribute.id, type.id) >= 0
      else {
        throw failure(
          "cannot write the attribute", file: path, object: "\(object)@\(name)", kind: .internalFailure)
      }
    }
  }

  private func readAttribute<Value>(
    _ name: String, of object: String, _ read: (hid_t, hid_t) throws(TernError) -> Value
  ) throws(TernError) -> Value {
    try checkAttribute(name, object)
    return try locked { file throws(TernError) in
      guard try linkExists(object, in: file), H5Aexists_by_name(file, object, name, tern_h5p_default()) > 0
      else {
        throw TernError(.data, "there is no such attribute", file: path, key: "\(object)@\(name)")
      }
      guard
        let attribute = Handle(
          H5Aopen_by_name(file, object, name, tern_h5p_default(), tern_h5p_default()), H5Aclose),
        let type = Handle(H5Aget_type(attribute.id), H5Tclose),
        let space = Handle(H5Aget_space(attribute.id), H5Sclose)
      else { throw failure("cannot open the attribute", file: path, object: "\(object)@\(name)") }
      guard H5Sget_simple_extent_npoints(space.id) == 1 else {
        throw wrongType(name, object, expected: "a single value")
      }
      return try read(attribute.id, type.id)
    }
  }

  private func variableString(
    _ attribute: hid_t, _ type: hid_t, _ name: String, _ object: String
  ) throws(TernError) -> String {
    let memory = try stringType()
    _ = H5Tset_cset(memory.id, H5Tget_cset(type))
    var pointer: UnsafeMutablePointer<CChar>?
    guard H5Aread(attribute, memory.id, &pointer) >= 0 else {
      throw failure("cannot read the attribute", file: path, object: "\(object)@\(name)")
    }
    guard let pointer else { return "" }
    defer { H5free_memory(pointer) }
    guard let text = String(validatingCString: pointer) else {
      throw wrongType(name, object, expected: "UTF-8")
    }
    return text
  }

  private func fixedString(
    _ attribute: hid_t, _ type: hid_t, _ name: String, _ object: String
  ) throws(TernError) -> String {
    // Attributes lie within the object header or a heap: 64 MiB bounds what a damaged size may claim.
    let size = H5Tget_size(type)
    guard size > 0, size <= 64 << 20 else {
      throw wrongType(name, object, expected: "a string of a sensible length")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    guard H5Aread(attribute, type, &bytes) >= 0 else {
      throw failure("cannot read the attribute", file: path, object: "\(object)@\(name)")
    }
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw wrongType(name, object, expected: "UTF-8")
    }
    return text
  }

  private func wrongType(_ name: String, _ object: String, expected: String) -> TernError {
    TernError(
      .data, "the attribute has another type", file: path, key: "\(object)@\(name)", expected: expected)
  }

  private func stringType() throws(TernError) -> Handle {
    let type = try copy(tern_h5t_c_string())
    guard H5Tset_size(type.id, tern_h5t_variable()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0 else {
      throw failure("cannot describe a string", file: path, kind: .internalFailure)
    }
    return type
  }

  private func copy(_ type: hid_t) throws(TernError) -> Handle {
    guard let copy = Handle(H5Tcopy(type), H5Tclose) else {
      throw failure("cannot describe a type", file: path, kind: .internalFailure)
    }
    return copy
  }
}
