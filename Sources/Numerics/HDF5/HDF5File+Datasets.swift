import CHDF5
import Diagnostics

extension HDF5File {
  /// Deflate cannot expand by more than this factor, so a dataset that claims more is damaged or hostile.
  private static var greatestExpansion: Int { 1100 }

  /// Writes a dataset, creating its groups.
  ///
  /// - Parameters:
  ///   - values: the elements in row-major order.
  ///   - shape: the extents, `[values.count]` by default; `[]` is a scalar.
  ///   - object: the path of the dataset, which must not exist yet.
  ///   - storage: contiguous by default.
  /// - Throws: `TernError` of kind `temporary` when the disk is full.
  public func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int]? = nil, to object: String, storage: HDF5Storage = .contiguous
  ) throws(TernError) {
    let shape = shape ?? [values.count]
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count, "the shape must fit the values")
    try Self.checkText(object, "dataset", file: path)
    try locked { file throws(TernError) in
      let dataset = try createDataset(object, Element.self, shape: shape, storage: storage, in: file)
      if values.isEmpty { return }
      let status = values.withUnsafeBytes {
        H5Dwrite(
          dataset.id, Element.elementType.memoryType, tern_h5s_all(), tern_h5s_all(), tern_h5p_default(),
          $0.baseAddress)
      }
      guard status >= 0 else {
        throw failure("cannot write the dataset", file: path, object: object, kind: .internalFailure)
      }
    }
  }

  /// Reads a whole dataset in row-major order.
  /// - Throws: `TernError` of kind `data` when it is absent, damaged, or holds another element type.
  public func read<Element: HDF5Element>(
    _ object: String, as type: Element.Type = Element.self
  ) throws(TernError) -> (shape: [Int], values: [Element]) {
    try readRows(of: object, rows: nil)
  }

  /// Reads a range of rows (first axis) of a dataset of rank one or more.
  /// - Throws: `TernError` of kind `data`, also when the rows lie outside the dataset.
  public func read<Element: HDF5Element>(
    _ object: String, rows: Range<Int>, as type: Element.Type = Element.self
  ) throws(TernError) -> (shape: [Int], values: [Element]) {
    try readRows(of: object, rows: rows)
  }

  /// The extents of a dataset; `[]` for a scalar.
  public func shape(of object: String) throws(TernError) -> [Int] {
    try Self.checkText(object, "dataset", file: path)
    return try locked { file throws(TernError) in
      let dataset = try openDataset(object, in: file)
      return try extents(of: dataset, object)
    }
  }

  /// The element type of a dataset, nil for one that this wrapper does not read.
  public func elementType(of object: String) throws(TernError) -> HDF5ElementType? {
    try Self.checkText(object, "dataset", file: path)
    return try locked { file throws(TernError) in
      let dataset = try openDataset(object, in: file)
      return try storedType(of: dataset, object)
    }
  }

  private func readRows<Element: HDF5Element>(
    of object: String, rows: Range<Int>?
  ) throws(TernError) -> (shape: [Int], values: [Element]) {
    try Self.checkText(object, "dataset", file: path)
    return try locked { file throws(TernError) in
      let dataset = try openDataset(object, in: file)
      let stored = try storedType(of: dataset, object)
      guard stored == Element.elementType else {
        throw TernError(
          .data, "holds another element type", file: path, key: object,
          found: stored?.rawValue ?? "a type that is not read here", expected: Element.elementType.rawValue)
      }
      var shape = try extents(of: dataset, object)
      try checkExpansion(shape, Element.self, dataset, object)
      guard let space = Handle(H5Dget_space(dataset.id), H5Sclose) else {
        throw failure("cannot read the extents", file: path, object: object)
      }
      if let rows {
        try select(rows, of: shape, in: space, object)
        shape[0] = rows.count
      }
      let target = try dataspace(shape, object)
      let count = shape.reduce(1, *)
      if count == 0 { return (shape, []) }
      var status: herr_t = 0
      let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        status = H5Dread(
          dataset.id, Element.elementType.memoryType, target.id, space.id, tern_h5p_default(),
          buffer.baseAddress)
        initialized = status >= 0 ? count : 0
      }
      guard status >= 0 else { throw failure("cannot read the dataset", file: path, object: object) }
      return (shape, values)
    }
  }

  func openDataset(_ object: String, in file: hid_t) throws(TernError) -> Handle {
    guard try linkExists(object, in: file) else {
      throw TernError(.data, "there is no such dataset", file: path, key: object)
    }
    guard let dataset = Handle(H5Dopen2(file, object, tern_h5p_default()), H5Dclose) else {
      throw failure("cannot open as a dataset", file: path, object: object)
    }
    return dataset
  }

  func storedType(of dataset: borrowing Handle, _ object: String) throws(TernError)
    -> HDF5ElementType?
  {
    guard let type = Handle(H5Dget_type(dataset.id), H5Tclose) else {
      throw failure("cannot read the element type", file: path, object: object)
    }
    return HDF5ElementType(stored: type.id)
  }

  func extents(of dataset: borrowing Handle, _ object: String) throws(TernError) -> [Int] {
    guard let space = Handle(H5Dget_space(dataset.id), H5Sclose) else {
      throw failure("cannot read the extents", file: path, object: object)
    }
    let rank = H5Sget_simple_extent_ndims(space.id)
    guard rank >= 0, H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw failure("has no extents", file: path, object: object)
    }
    var dimensions = [hsize_t](repeating: 0, count: Int(rank))
    guard rank == 0 || H5Sget_simple_extent_dims(space.id, &dimensions, nil) == rank else {
      throw failure("cannot read the extents", file: path, object: object)
    }
    var shape: [Int] = []
    var count = 1
    for dimension in dimensions {
      guard let extent = Int(exactly: dimension),
        case (let product, false) = count.multipliedReportingOverflow(by: extent)
      else { throw TernError(.data, "is too large", file: path, key: object, found: "\(dimensions)") }
      count = product
      shape.append(extent)
    }
    return shape
  }

  private func checkExpansion<Element>(
    _ shape: [Int], _ type: Element.Type, _ dataset: borrowing Handle, _ object: String
  ) throws(TernError) {
    let count = shape.reduce(1, *)
    let stored = Int(clamping: H5Dget_storage_size(dataset.id))
    let (limit, unlimited) = stored.multipliedReportingOverflow(by: Self.greatestExpansion)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
    guard !overflow, unlimited || bytes <= limit else {
      throw TernError(
        .data, "claims more elements than its stored bytes can hold", file: path, key: object,
        found: "\(shape) in \(stored) bytes")
    }
  }

  private func select(
    _ rows: Range<Int>, of shape: [Int], in space: borrowing Handle, _ object: String
  ) throws(TernError) {
    guard let available = shape.first, rows.lowerBound >= 0, rows.upperBound <= available else {
      throw TernError(
        .data, "the rows lie outside the dataset", file: path, key: object, found: "\(rows)",
        expected: "within \(shape)")
    }
    let start = [hsize_t(rows.lowerBound)] + [hsize_t](repeating: 0, count: shape.count - 1)
    let count = [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) }
    let status =
      count.contains(0)
      ? H5Sselect_none(space.id) : H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil)
    guard status >= 0 else { throw failure("cannot select rows", file: path, object: object) }
  }

  func dataspace(_ shape: [Int], _ object: String) throws(TernError) -> Handle {
    let dimensions = shape.map { hsize_t($0) }
    let identifier =
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), dimensions, nil)
    guard let space = Handle(identifier, H5Sclose) else {
      throw failure(
        "cannot describe the extents \(shape)", file: path, object: object, kind: .internalFailure)
    }
    return space
  }

  func creationList<Element>(
    _ shape: [Int], _ type: Element.Type, _ storage: HDF5Storage, _ object: String
  ) throws(TernError) -> Handle {
    guard let list = Handle(H5Pcreate(tern_h5p_dataset_create()), H5Pclose),
      H5Pset_obj_track_times(list.id, false) >= 0
    else { throw failure("cannot prepare", file: path, object: object, kind: .internalFailure) }
    guard let chunk = storage.chunkShape(for: shape, elementSize: MemoryLayout<Element>.size) else {
      return list
    }
    var status = H5Pset_chunk(list.id, Int32(chunk.count), chunk.map { hsize_t($0) })
    if storage.shuffle { status = min(status, H5Pset_shuffle(list.id)) }
    if storage.deflate > 0 { status = min(status, H5Pset_deflate(list.id, UInt32(min(9, storage.deflate)))) }
    if storage.checksum { status = min(status, H5Pset_fletcher32(list.id)) }
    guard status >= 0 else {
      throw failure("cannot set the chunks and filters", file: path, object: object, kind: .internalFailure)
    }
    return list
  }
}
