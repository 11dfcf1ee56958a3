/// How the elements of a dataset lie in the file.
public struct HDF5Storage: Sendable, Equatable {
  /// The number of rows (first axis) of a chunk; 0 chooses about half a MiB, nil stores one contiguous block.
  public var chunkRows: Int?
  /// Deflate level 1…9, or 0 for no compression.
  public var deflate: Int
  /// Whether bytes of equal significance are grouped first, which helps deflate on numbers.
  public var shuffle: Bool
  /// Whether every chunk carries a Fletcher-32 checksum that reading verifies.
  public var checksum: Bool

  /// Describes a layout; compression and checksums need chunks.
  public init(chunkRows: Int? = 0, deflate: Int = 0, shuffle: Bool = false, checksum: Bool = false) {
    self.chunkRows = chunkRows
    self.deflate = deflate
    self.shuffle = shuffle
    self.checksum = checksum
  }

  /// One block without filters.
  public static let contiguous = HDF5Storage(chunkRows: nil)
  /// Chunks, shuffled, deflated at level 4, with checksums.
  public static let compressed = HDF5Storage(chunkRows: 0, deflate: 4, shuffle: true, checksum: true)

  /// The chunk's shape for a dataset of `shape`, or nil where only a contiguous block is possible.
  func chunkShape(for shape: [Int], elementSize: Int) -> [Int]? {
    guard let chunkRows, let rows = shape.first, !shape.contains(0) else { return nil }
    let rowBytes = shape.dropFirst().reduce(elementSize, *)
    let chosen = chunkRows > 0 ? chunkRows : max(1, (512 << 10) / rowBytes)
    return [min(rows, chosen)] + shape.dropFirst()
  }
}
