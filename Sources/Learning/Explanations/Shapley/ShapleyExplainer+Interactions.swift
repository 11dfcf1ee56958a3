import Compute
import Diagnostics

extension ShapleyExplainer {
  /// Most numbers that one answer may hold (16 GiB).
  static let largestAnswer = 1 << 31

  /// The Shapley interaction values of a column-major table, on any number of threads the same.
  ///
  /// - Parameter columns: (feature, row), NaN where missing.
  /// - Throws: `TernError(.data)` if the columns do not fit the forest, or for more rows than memory should hold.
  public func interactions(
    columns: [[Float]], pool: ThreadPool, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> ShapleyInteractions {
    let rows = try LaneBlocks.rows(of: columns, names: names)
    let interactions = InteractionProgram(forest, cover: cover, program: program)
    let (features, outputs, tested) = (program.features, program.outputs, program.tested)
    let matrix = features * features
    let (count, isTooLarge) = rows.multipliedReportingOverflow(by: outputs * matrix)
    guard !isTooLarge, count <= ShapleyExplainer.largestAnswer else {
      throw TernError(
        .data, "interactions of so many rows do not fit into memory; explain fewer at a time",
        found: "\(rows) rows × \(outputs) × \(features) × \(features)",
        expected: "at most \(ShapleyExplainer.largestAnswer) numbers")
    }
    let columns = FeaturePlayers.columns(forest, columns, pool: pool)
    // One group of rows at a time: its sums of single players, then its sums of pairs.
    let cells = program.players.count + interactions.pairs.count
    let walks = (0..<pool.threads).map { _ in ShapleyWalk(program) }
    defer { for walk in walks { walk.deallocate() } }
    let counter = ProgressCounter(progress, phase: "interactions", total: rows)
    let values = [Double](unsafeUninitializedCapacity: count) { target, filled in
      filled = count
      target.initialize(repeating: 0)
      guard let base = target.baseAddress else { return }
      let output = SharedValues(base)
      pool.parallelChunks(of: rows, chunk: 8) { range, lane in
        LaneBlocks.withScratch(tested + outputs * cells) { scratch in
          let sums = scratch + tested
          LaneBlocks.load(columns, range, into: scratch)
          sums.initialize(repeating: .zero, count: outputs * cells)
          add(interactions, walks[lane], rows: scratch, sums: sums)
          for row in range {
            for k in 0..<outputs {
              spread(
                interactions, sums + k * cells, lane: row - range.lowerBound,
                into: output.pointer + (row * outputs + k) * matrix)
            }
          }
        }
        counter.add(range.count)
      }
    }
    return ShapleyInteractions(
      rows: rows, outputs: outputs, features: features, expected: program.expected, values: values)
  }

  /// Adds all trees' values of eight rows; `sums` is (output, player then pair).
  private func add(
    _ interactions: InteractionProgram, _ walk: ShapleyWalk, rows: UnsafePointer<Lanes>,
    sums: UnsafeMutablePointer<Lanes>
  ) {
    let cells = program.players.count + interactions.pairs.count
    program.withArrays { inner, constants, weights, sets in
      for (index, tree) in program.trees.enumerated() {
        let nodes = inner + tree.inner.lowerBound
        let points = tree.points
        walk.descend(
          nodes, count: tree.inner.count, points: points, weights: weights + tree.firstWeight,
          constants: constants + tree.firstConstant, sets: sets, rows: rows)
        let total = sums + tree.output * cells
        let firstPassed = interactions.firstPassed[index]
        walk.ascend(
          nodes, count: tree.inner.count, points: points, constants: constants + tree.firstConstant,
          sums: total
        ) { place in
          let node = tree.inner.lowerBound + place
          for position in Int(interactions.offsets[node])..<Int(interactions.offsets[node + 1]) {
            let partner = interactions.partners[position]
            let passes = walk.passes[Int(partner.node)]
            let first = firstPassed + Int(partner.node) * points
            var sum = Lanes.zero
            for q in 0..<points {
              let effect = Lanes(repeating: interactions.failed[tree.firstWeight + q]).replacing(
                with: Lanes(repeating: interactions.passed[first + q]), where: passes)
              sum.addProduct(walk.changes[q], effect)
            }
            total[program.players.count + Int(partner.pair)] += sum
          }
        }
      }
    }
  }

  /// Lays one lane's sums out as a symmetric matrix whose rows sum to the Shapley values.
  private func spread(
    _ interactions: InteractionProgram, _ sums: UnsafePointer<Lanes>, lane: Int,
    into matrix: UnsafeMutablePointer<Double>
  ) {
    let features = program.features
    let players = program.players
    func add(_ value: Double, _ first: Int, _ second: Int) {
      let (rows, columns) = (players.sources(of: first), players.sources(of: second))
      let part = value / Double(rows.count * columns.count)
      for row in rows { for column in columns { matrix[row * features + column] += part } }
    }
    // What is left of a set's own value stays with each of its features, so that their rows still sum up.
    func addOwn(_ value: Double, _ player: Int) {
      let sources = players.sources(of: player)
      for source in sources { matrix[source * features + source] += value / Double(sources.count) }
    }
    for player in 0..<players.count { addOwn(sums[player][lane], player) }
    for (place, pair) in interactions.pairs.enumerated() {
      let half = sums[players.count + place][lane] / 2
      add(half, pair.first, pair.second)
      add(half, pair.second, pair.first)
      addOwn(-half, pair.first)
      addOwn(-half, pair.second)
    }
  }
}
