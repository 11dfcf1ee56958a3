import Compute
import Diagnostics
import Trees

/// Exact path-dependent TreeSHAP: what a feature's being known changes of the margin, where unknown features take the
/// ways of the training rows in proportion to the nodes' covers (Lundberg et al. 2018, algorithm 2).
public struct ShapleyExplainer: Sendable {
  let program: ShapleyProgram
  let names: [String]
  let forest: Forest
  let cover: CoverMeasure

  /// Bytes of sums that a block of rows may hold: they should stay in the second-level cache.
  static let blockBytes = 256 << 10

  /// Prepares a forest.
  /// - Parameter cover: which numbers weigh the nodes; XGBoost's values follow from hessians, LightGBM's from rows.
  /// - Throws: `TernError(.data)` for linear leaves, or a tree with more than 2,048 distinct features on a
  ///   path.
  public init(_ forest: Forest, cover: CoverMeasure = .hessians) throws(TernError) {
    program = try ShapleyProgram(forest, cover: cover)
    names = forest.header.featureNames
    self.forest = forest
    self.cover = cover
  }

  /// Expected margin of each output, base score included: (output).
  public var expected: [Double] { program.expected }

  /// The Shapley values of a column-major table, on any number of threads the same.
  ///
  /// - Parameter columns: (feature, row), NaN where missing.
  /// - Throws: `TernError(.data)` if the columns do not fit the forest.
  public func values(
    columns: [[Float]], pool: ThreadPool, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> ShapleyValues {
    let rows = try LaneBlocks.rows(of: columns, names: names)
    let columns = FeaturePlayers.columns(forest, columns, pool: pool)
    let (features, outputs, tested) = (program.features, program.outputs, program.tested)
    let cells = outputs * features
    let cellsOfPlayers = outputs * program.players.count
    let groups = max(1, min(16, ShapleyExplainer.blockBytes / max(1, 64 * (cellsOfPlayers + tested))))
    let walks = (0..<pool.threads).map { _ in ShapleyWalk(program) }
    defer { for walk in walks { walk.deallocate() } }
    let counter = ProgressCounter(progress, phase: "explain", total: rows)
    let values = [Double](unsafeUninitializedCapacity: rows * cells) { target, count in
      count = rows * cells
      guard let base = target.baseAddress else { return }
      let output = SharedValues(base)
      pool.parallelChunks(of: rows, chunk: groups * 8) { range, lane in
        LaneBlocks.withScratch(groups * (cellsOfPlayers + tested)) { scratch in
          let blocks = (range.count + 7) / 8
          let sums = scratch + groups * tested
          LaneBlocks.load(columns, range, into: scratch)
          sums.initialize(repeating: .zero, count: blocks * cellsOfPlayers)
          add(walks[lane], blocks: blocks, rows: scratch, sums: sums)
          for part in 0..<blocks * outputs { program.players.share(sums + part * program.players.count) }
          LaneBlocks.store(
            sums, parts: outputs, stride: program.players.count, features: features, range,
            into: output.pointer)
        }
        counter.add(range.count)
      }
    }
    return ShapleyValues(
      rows: rows, outputs: outputs, features: features, expected: program.expected, values: values)
  }

  /// Adds all trees' values of `blocks` groups of eight rows.
  private func add(
    _ walk: ShapleyWalk, blocks: Int, rows: UnsafePointer<Lanes>, sums: UnsafeMutablePointer<Lanes>
  ) {
    let (players, outputs, tested) = (program.players.count, program.outputs, program.tested)
    program.withArrays { inner, constants, weights, sets in
      for tree in program.trees {
        let nodes = inner + tree.inner.lowerBound
        let numbers = constants + tree.firstConstant
        for block in 0..<blocks {
          walk.descend(
            nodes, count: tree.inner.count, points: tree.points, weights: weights + tree.firstWeight,
            constants: numbers, sets: sets, rows: rows + block * tested)
          walk.ascend(
            nodes, count: tree.inner.count, points: tree.points, constants: numbers,
            sums: sums + (block * outputs + tree.output) * players
          ) { _ in }
        }
      }
    }
  }
}

extension ShapleyProgram {
  /// The arrays as pointers; nothing happens for a forest that never splits.
  @inline(__always)
  func withArrays(
    _ body: (
      _ inner: UnsafePointer<InnerNode>, _ constants: UnsafePointer<Double>,
      _ weights: UnsafePointer<Double>, _ sets: UnsafePointer<UInt32>
    ) -> Void
  ) {
    inner.withUnsafeBufferPointer { inner in
      constants.withUnsafeBufferPointer { constants in
        weights.withUnsafeBufferPointer { weights in
          sets.withUnsafeBufferPointer { sets in
            guard let inner = inner.baseAddress, let constants = constants.baseAddress,
              let weights = weights.baseAddress, let sets = sets.baseAddress
            else { return }
            body(inner, constants, weights, sets)
          }
        }
      }
    }
  }
}
