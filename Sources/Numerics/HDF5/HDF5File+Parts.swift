import CHDF5
import Diagnostics

/// Datasets that are written part by part, so that a program need not hold them.
extension HDF5File {
  /// Creates a dataset whose elements are written later, by ``write(_:extent:at:of:)``.
  ///
  /// Once every part is written, the file's bytes are those of a dataset written at once; a dataset of which no part was
  /// written cannot be read.
  /// - Parameters:
  ///   - object: the path of the dataset, which must not exist yet; its groups are created.
  ///   - type: the type of the elements.
  ///   - shape: the extents; `[]` is a scalar.
  ///   - storage: contiguous by default.
  /// - Throws: `TernError` of kind `temporary` when the disk is full.
  public func create<Element: HDF5Element>(
    _ object: String, of type: Element.Type, shape: [Int], storage: HDF5Storage = .contiguous
  ) throws(TernError) {
    precondition(shape.allSatisfy { $0 >= 0 }, "extents are not negative")
    try Self.checkText(object, "dataset", file: path)
    try locked { file throws(TernError) in
      _ = try createDataset(object, type, shape: shape, storage: storage, in: file)
    }
  }

  /// Writes a rectangular part of a dataset.
  ///
  /// - Parameters:
  ///   - values: the elements of the part in row-major order.
  ///   - extent: the part's extents.
  ///   - offset: the position of its first element, one number for each axis.
  ///   - object: the path of the dataset, of the element type of `values`.
  /// - Throws: `TernError` of kind `data` when there is no such dataset, it holds another type or the part lies outside,
  ///   `temporary` when the disk is full.
  public func write<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>, extent: [Int], at offset: [Int], of object: String
  ) throws(TernError) {
    precondition(
      extent.count == offset.count && extent.allSatisfy { $0 >= 0 } && extent.reduce(1, *) == values.count,
      "the extents must fit the values and the offset")
    try Self.checkText(object, "dataset", file: path)
    try locked { file throws(TernError) in
      let dataset = try openDataset(object, in: file)
      let stored = try storedType(of: dataset, object)
      guard stored == Element.elementType else {
        throw TernError(
          .data, "holds another element type", file: path, key: object,
          found: stored?.rawValue ?? "a type that is not written here", expected: Element.elementType.rawValue
        )
      }
      let shape = try extents(of: dataset, object)
      guard shape.count == offset.count,
        zip(shape, zip(offset, extent)).allSatisfy({ $1.0 >= 0 && $1.0 <= $0 && $1.1 <= $0 - $1.0 })
      else {
        throw TernError(
          .data, "the part lies outside the dataset", file: path, key: object,
          found: "\(extent) at \(offset)", expected: "within \(shape)")
      }
      if values.isEmpty { return }
      let memory = try dataspace(extent, object)
      guard let space = Handle(H5Dget_space(dataset.id), H5Sclose),
        shape.isEmpty
          || H5Sselect_hyperslab(
            space.id, H5S_SELECT_SET, offset.map { hsize_t($0) }, nil, extent.map { hsize_t($0) }, nil) >= 0,
        H5Dwrite(
          dataset.id, Element.elementType.memoryType, memory.id, space.id, tern_h5p_default(),
          values.baseAddress) >= 0
      else {
        throw failure("cannot write the dataset", file: path, object: object, kind: .internalFailure)
      }
    }
  }

  /// Creates a dataset and its groups in the open file.
  func createDataset<Element: HDF5Element>(
    _ object: String, _ type: Element.Type, shape: [Int], storage: HDF5Storage, in file: hid_t
  ) throws(TernError) -> Handle {
    let space = try dataspace(shape, object)
    let creation = try creationList(shape, type, storage, object)
    let links = try linkList()
    try makeGroups(object.split(separator: "/").dropLast(), in: file)
    guard
      let dataset = Handle(
        H5Dcreate2(
          file, object, Element.elementType.fileType, space.id, links.id, creation.id, tern_h5p_default()),
        H5Dclose)
    else { throw failure("cannot create the dataset", file: path, object: object, kind: .internalFailure) }
    return dataset
  }
}
