/// The trees of a forest as prediction reads them, in the form that suits the forest's shape.
///
/// Four engines give the same leaves and add their values in the same order, so they agree to the last bit: `CodedForest`
/// for tables, `BitForest` for single rows, `RowForest` where these have larger trees or the processor does not permute bytes,
/// and `WalkingForest` where a tree is too large for all of these or the trees are too few to pay for coding the
/// features. All tests are numeric; leaf values and sums are of one type.
///
/// A class, because a row would else pay for the references of all its arrays.
final class CompiledForest<Value: BinaryFloatingPoint & Sendable>: Sendable {
  let outputs: Int
  /// For blocks of rows, if it is the faster way.
  let coded: CodedForest?
  /// For single rows, if it is the faster way.
  let bits: BitForest?
  /// The same for larger trees, more columns and other processors.
  let single: RowForest<UInt16>?
  /// The same for more answers than two bytes can name.
  let largeSingle: RowForest<UInt32>?
  /// For what the others do not serve; without trees if there is nothing such.
  let walking: WalkingForest
  /// Leaf values in the order of each engine.
  private let codedValues: [Value]
  private let singleValues: [Value]
  private let walkingValues: [Value]

  /// Compiles the trees for the engines of a choice.
  ///
  /// - Parameter values: one for each node, of which those of the leaves count.
  init(nodes source: ForestNodes, outputs: Int, values: [Value], choice: EngineChoice) {
    self.outputs = outputs
    var coded: CodedForest?
    var bits: BitForest?
    var single: RowForest<UInt16>?
    var largeSingle: RowForest<UInt32>?
    if choice.codesBlocks || choice.codesRows {
      let (codes, tests) = FeatureCodes.coding(source)
      if choice.codesBlocks {
        coded = CodedForest(nodes: source, outputs: outputs, codes: codes, tests: tests)
      }
      if choice.codesRows {
        if choice.permutesCodes {
          bits = BitForest(nodes: source, outputs: outputs, codes: codes, tests: tests)
        }
        if bits == nil {
          single = RowForest(nodes: source, outputs: outputs, codes: codes, tests: tests)
        }
        if bits == nil, single == nil {
          largeSingle = RowForest(nodes: source, outputs: outputs, codes: codes, tests: tests)
        }
      }
    }
    let leafNodes = bits?.leafNodes ?? single?.leafNodes ?? largeSingle?.leafNodes
    self.coded = coded
    self.bits = bits
    self.single = single
    self.largeSingle = largeSingle
    walking = WalkingForest(
      nodes: coded != nil && leafNodes != nil ? ForestNodes() : source, outputs: outputs)
    codedValues = coded.map { CompiledForest.gather(values, $0.leafNodes) } ?? []
    singleValues = leafNodes.map { CompiledForest.gather(values, $0) } ?? []
    walkingValues = CompiledForest.gather(values, walking.sourceNodes)
  }

  private static func gather(_ values: [Value], _ nodes: [Int32]) -> [Value] { nodes.map { values[Int($0)] } }

  /// Adds the leaf values of one row, each output's in tree order, without allocating.
  ///
  /// - Parameters:
  ///   - start: the sum of an output before its first tree.
  ///   - store: takes the sum of an output.
  @inline(__always)
  func sums(
    row: UnsafePointer<Float>, hasFeatures: Bool, start: (_ output: Int) -> Value,
    store: (_ output: Int, _ sum: Value) -> Void
  ) {
    if let bits {
      singleValues.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        bits.sums(row: row, outputs: outputs, values: values, start: start, store: store)
      }
    } else if let single {
      singleValues.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        single.sums(row: row, outputs: outputs, values: values, start: start, store: store)
      }
    } else if let largeSingle {
      singleValues.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        largeSingle.sums(row: row, outputs: outputs, values: values, start: start, store: store)
      }
    } else {
      walkingValues.withUnsafeBufferPointer { values in
        walking.sums(
          row: row, hasFeatures: hasFeatures, values: values.baseAddress, start: start, store: store)
      }
    }
  }

  /// Adds the trees' leaf values to the sums (rows, outputs) of `rows` rows.
  @inline(__always)
  func add(_ block: BlockValues, rows: Int, to sums: UnsafeMutablePointer<Value>) {
    guard let coded else {
      walkingValues.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        block.withRows(rows) { walking.add($0, rows: rows, values: values, to: sums) }
      }
      return
    }
    codedValues.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      withUnsafeTemporaryAllocation(byteCount: coded.scratchBytes, alignment: 64) { scratch in
        guard let scratch = scratch.baseAddress else { return }
        for first in stride(from: 0, to: rows, by: CodedForest.blockRows) {
          let count = min(CodedForest.blockRows, rows - first)
          coded.encode(block.dropping(first), rows: count, scratch: scratch)
          for output in 0..<outputs {
            coded.add(
              output: output, scratch: scratch, rows: count, values: values,
              to: sums + first * outputs + output, stride: outputs)
          }
        }
      }
    }
  }
}

extension CompiledForest<Float> {
  /// Compiles plain trees, by default for the engines that suit their shape.
  convenience init(nodes: ForestNodes, outputs: Int, choice: EngineChoice? = nil) {
    self.init(
      nodes: nodes, outputs: outputs, values: nodes.value, choice: choice ?? EngineChoice(nodes))
  }

  /// Adds the trees' leaf values to the margins of one row, each output's in tree order, without allocating.
  func accumulate(row: UnsafePointer<Float>, hasFeatures: Bool, margins: UnsafeMutablePointer<Float>) {
    sums(row: row, hasFeatures: hasFeatures, start: { margins[$0] }, store: { margins[$0] = $1 })
  }

  /// Adds the trees' leaf values to the margins (rows, outputs) of `rows` rows.
  func accumulate(_ block: BlockValues, rows: Int, margins: UnsafeMutablePointer<Float>) {
    add(block, rows: rows, to: margins)
  }
}

extension CompiledForest<Double> {
  /// Compiles trees with sums in `Double`; nil if a node is categorical, a leaf is linear, or zero is missing somewhere
  /// and the trees are such that only the features themselves could be walked.
  convenience init?(numeric nodes: ForestNodes, outputs: Int, choice: EngineChoice? = nil) {
    // Columns that statistics derive exist only row by row.
    guard nodes.categorySet.isEmpty, nodes.linearOffsets.isEmpty, nodes.statistics == nil else { return nil }
    var choice = choice ?? EngineChoice(nodes)
    let hasMissingZero = nodes.flags.contains { $0 & NodeFlags.zeroIsMissing.rawValue != 0 }
    if hasMissingZero { choice = EngineChoice(codesBlocks: true, codesRows: true) }
    self.init(
      nodes: nodes, outputs: outputs,
      values: nodes.exactValue.isEmpty ? nodes.value.map(Double.init) : nodes.exactValue, choice: choice)
    if hasMissingZero, !walking.roots.isEmpty { return nil }
  }

  /// Adds the trees' leaf values to the sums (rows, outputs) of `rows` rows.
  func accumulate(_ block: BlockValues, rows: Int, sums: UnsafeMutablePointer<Double>) {
    add(block, rows: rows, to: sums)
  }
}
