import Compute

/// The rows that grow an oblivious tree, grouped by leaf, with their packed derivatives of each output beside them.
///
/// A level splits every leaf: leaf l keeps the rows that go left, leaf l + 2^level gets the others, in their order.
final class LevelPartition {
  /// Where a leaf's rows are.
  struct Leaf {
    var begin = 0
    var count = 0
  }

  private struct Chunk {
    var leaf: Int
    var range: Range<Int>
    var right: Int
  }

  /// Leaves of the tree so far.
  var leaves: [Leaf] = []
  /// Grids of the packed derivatives of each output.
  private(set) var grids: [GradientQuantisation] = []
  let outputs: Int
  let rowCopies: [Storage<Int32>]
  let valueCopies: [[Storage<Int64>]]
  let flags: Storage<UInt8>
  /// Of each chunk of one leaf the rows that go right, then those before it.
  let rights: Storage<Int>
  private let positions: Storage<Int32>
  private let pairs: Storage<SIMD2<Float>>
  private(set) var copy = 0
  private var chunks: [Chunk] = []
  private var next: [Leaf] = []

  static let chunk = 8192

  init(capacity: Int, outputs: Int, leaves: Int) {
    self.outputs = outputs
    rowCopies = (0..<2).map { _ in Storage(capacity, initial: 0) }
    valueCopies = (0..<2).map { _ in (0..<outputs).map { _ in Storage(capacity, initial: 0) } }
    flags = Storage(capacity, initial: 0)
    rights = Storage(capacity / LevelPartition.chunk + 1, initial: 0)
    positions = Storage(capacity, initial: 0)
    pairs = Storage(capacity, initial: .zero)
    self.leaves.reserveCapacity(leaves)
    next.reserveCapacity(leaves)
    chunks.reserveCapacity(leaves + capacity / LevelPartition.chunk + 1)
  }

  /// Row numbers, grouped by leaf.
  var rows: UnsafeMutablePointer<Int32> { rowCopies[copy].pointer }

  /// Packed derivatives of an output, in the order of `rows`.
  func values(_ output: Int) -> UnsafeMutablePointer<Int64> { valueCopies[copy][output].pointer }

  /// Whether every derivative was a finite number.
  var isFinite: Bool { grids.allSatisfy(\.isFinite) }

  /// Takes positions of a fold as the only leaf.
  ///
  /// - Parameters:
  ///   - range: positions to take; those of sample weight 0 are left out.
  ///   - gradients: (outputs, stride) by position, sample weights not applied.
  ///   - weights: row weights by position, or nil for ones.
  ///   - sample: sample weights by position, or nil for ones.
  func load(
    _ range: Range<Int>, rows order: [Int32], gradients: UnsafePointer<Float>, stride: Int,
    weights: [Float]?, sample: [Float]?, pool: ThreadPool
  ) {
    copy = 0
    var count = 0
    if let sample {
      for position in range where sample[position] > 0 {
        positions.pointer[count] = Int32(position)
        count += 1
      }
    } else {
      for position in range {
        positions.pointer[count] = Int32(position)
        count += 1
      }
    }
    leaves.removeAll(keepingCapacity: true)
    leaves.append(Leaf(begin: 0, count: count))
    grids.removeAll(keepingCapacity: true)
    let pairs = pairs.pointer
    let identity = flagsOrder
    for output in 0..<outputs {
      fill(
        count, rows: order, gradients: gradients + output * stride, weights: weights, sample: sample,
        pool: pool)
      let grid = GradientQuantisation(pairs, rows: identity, count: count, pool: pool)
      if grid.isFinite {
        grid.pack(pairs, rows: identity, count: count, into: values(output), pool: pool)
      }
      grids.append(grid)
    }
  }

  /// Gathers the weighted derivatives and the rows of the positions that were taken.
  private func fill(
    _ count: Int, rows order: [Int32], gradients: UnsafePointer<Float>, weights: [Float]?, sample: [Float]?,
    pool: ThreadPool
  ) {
    let places = positions.pointer
    let pairs = pairs.pointer
    let target = rows
    let identity = flagsOrder
    order.withUnsafeBufferPointer { order in
      (weights ?? []).withUnsafeBufferPointer { weights in
        (sample ?? []).withUnsafeBufferPointer { sample in
          pool.parallelChunks(of: count, chunk: LevelPartition.chunk) { range, _ in
            for i in range {
              let position = Int(places[i])
              let factor: Float = sample.isEmpty ? 1 : sample[position]
              let weight: Float = weights.isEmpty ? 1 : weights[position]
              pairs[i] = SIMD2(gradients[position] * factor, weight * factor)
              target[i] = order[position]
              identity[i] = Int32(i)
            }
          }
        }
      }
    }
  }

  /// 0, 1, 2, … in the row copy that is not in use while rows are loaded.
  private var flagsOrder: UnsafeMutablePointer<Int32> { rowCopies[1].pointer }

  /// Splits every leaf by one test.
  func split(_ test: LevelTest, pool: ThreadPool) {
    let width = leaves.count
    chunks.removeAll(keepingCapacity: true)
    for (leaf, range) in leaves.enumerated() {
      var begin = range.begin
      while begin < range.begin + range.count {
        let end = min(begin + LevelPartition.chunk, range.begin + range.count)
        chunks.append(Chunk(leaf: leaf, range: begin..<end, right: 0))
        begin = end
      }
    }
    chunks.withUnsafeMutableBufferPointer { buffer in
      guard let chunks = buffer.baseAddress else { return }
      pool.parallelFor(count: buffer.count, with: (chunks, rows, flags.pointer, test)) { work, item, _ in
        let (chunks, rows, flags, test) = work
        var right = 0
        for i in chunks[item].range {
          let side = test.side(Int(rows[i]))
          flags[i] = UInt8(truncatingIfNeeded: side)
          right &+= side
        }
        chunks[item].right = right
      }
    }
    next.removeAll(keepingCapacity: true)
    for leaf in leaves { next.append(Leaf(begin: leaf.begin, count: 0)) }
    for leaf in leaves { next.append(Leaf(begin: leaf.begin + leaf.count, count: 0)) }
    for chunk in chunks {
      next[width + chunk.leaf].count += chunk.right
      next[width + chunk.leaf].begin -= chunk.right
      next[chunk.leaf].count += chunk.range.count - chunk.right
    }
    // From here on `right` is the place of a chunk's first right row.
    var leaf = -1
    var place = 0
    for i in chunks.indices {
      if chunks[i].leaf != leaf {
        leaf = chunks[i].leaf
        place = next[width + leaf].begin
      }
      let own = chunks[i].right
      chunks[i].right = place
      place += own
    }
    scatter(width: width, pool: pool)
    swap(&leaves, &next)
    copy = 1 - copy
  }

  private func scatter(width: Int, pool: ThreadPool) {
    pool.parallelFor(count: chunks.count, with: (self, width)) { work, item, _ in
      work.0.scatter(item, width: work.1)
    }
  }

  /// Moves the rows of a chunk.
  private func scatter(_ item: Int, width: Int) {
    let rows = rows
    let flags = flags.pointer
    let targetRows = rowCopies[1 - copy].pointer
    let chunk = chunks[item]
    let rightsBefore = chunk.right - next[width + chunk.leaf].begin
    let leftStart = chunk.range.lowerBound - rightsBefore
    for output in 0..<outputs {
      let source = valueCopies[copy][output].pointer
      let target = valueCopies[1 - copy][output].pointer
      var left = leftStart
      var right = chunk.right
      for i in chunk.range {
        let isRight = Int(flags[i])
        let place = left &+ ((right &- left) & (0 &- isRight))
        target[place] = source[i]
        if output == 0 { targetRows[place] = rows[i] }
        right &+= isRight
        left &+= 1 &- isRight
      }
    }
  }
}
