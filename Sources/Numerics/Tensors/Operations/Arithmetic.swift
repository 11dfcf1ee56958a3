/// How the second operand of an elementwise operation is laid over the first.
public enum Broadcast: Sendable {
  /// Element by element.
  case same
  /// A vector over the features of each row.
  case features
  /// One number for each row: (…, 1).
  case rows
  /// One number.
  case scalar

  /// How `b` fits `a`.
  public init(_ a: Shape, _ b: Shape) {
    if a == b {
      self = .same
    } else if b.count == 1 {
      self = .scalar
    } else if b.count == a.last, b.last == a.last {
      self = .features
    } else if b.rank == a.rank, b.last == 1, b.rows == a.rows {
      self = .rows
    } else {
      preconditionFailure("\(b) cannot be laid over \(a)")
    }
  }
}

extension Workspace {
  /// `a + b` of equal shapes into memory that may be one of theirs.
  public func add(_ a: Tensor, _ b: Tensor, into target: Tensor) {
    precondition(a.shape == b.shape && a.shape == target.shape, "sums are of equal shapes")
    let (x, y, z) = (a.pointer, b.pointer, target.pointer)
    elementwise(a.count) { range in
      for i in range { z[i] = x[i] + y[i] }
    }
  }

  /// Runs `body` over fixed ranges of elements on the lanes.
  @inline(__always)
  func elementwise(_ count: Int, _ body: (Range<Int>) -> Void) {
    pool.parallelChunks(of: count, chunk: 16_384) { range, _ in body(range) }
  }

  /// Runs `body(first row, number of rows, lane)` over fixed blocks of rows on the lanes.
  @inline(__always)
  func rowBlocks(_ rows: Int, _ block: Int, _ body: (Int, Int, Int) -> Void) {
    pool.parallelChunks(of: rows, chunk: block) { range, lane in body(range.lowerBound, range.count, lane) }
  }

  /// Rows of a block whose elements fill some 64 kB, so that what one kernel wrote is near when the next reads it.
  @inline(__always)
  func rowsPerBlock(_ width: Int) -> Int { max(1, min(256, 16_384 / max(width, 1))) }
}
