/// The trees of a forest as prediction reads them, in the form that suits the forest's shape.
///
/// Three engines give the same leaves and add their values in the same order, so they agree to the last bit: `CodedForest`
/// for tables, `RowForest` for single rows, and `WalkingForest` where a tree is too large for these or the trees
/// are too few to pay for coding the features.
struct CompiledForest: Sendable {
  let outputs: Int
  /// For blocks of rows, if it is the faster way.
  let coded: CodedForest?
  /// For single rows, if it is the faster way.
  let single: RowForest?
  /// For what the others do not serve; without trees if there is nothing such.
  let walking: WalkingForest
  /// Leaf values in the order of `coded` and of `single`.
  private let codedValues: [Float]
  private let singleValues: [Float]

  /// Compiles the trees for the engines of a choice, by default the one for their shape.
  init(nodes source: ForestNodes, outputs: Int, choice given: EngineChoice? = nil) {
    let choice = given ?? EngineChoice(source)
    self.outputs = outputs
    var coded: CodedForest?
    var single: RowForest?
    if choice.codesBlocks || choice.codesRows {
      let (codes, tests) = FeatureCodes.coding(source)
      if choice.codesBlocks {
        coded = CodedForest(nodes: source, outputs: outputs, codes: codes, tests: tests)
      }
      if choice.codesRows { single = RowForest(nodes: source, outputs: outputs, codes: codes, tests: tests) }
    }
    self.coded = coded
    self.single = single
    codedValues = coded.map { $0.leafNodes.map { source.value[Int($0)] } } ?? []
    singleValues = single.map { $0.leafNodes.map { source.value[Int($0)] } } ?? []
    let isServed = coded != nil && single != nil
    walking = WalkingForest(nodes: isServed ? ForestNodes() : source, outputs: outputs)
  }

  /// Adds the trees' leaf values to the margins of one row, in tree order, without allocating.
  func accumulate(row: UnsafePointer<Float>, hasFeatures: Bool, margins: UnsafeMutablePointer<Float>) {
    guard let single else { return walking.accumulate(row: row, hasFeatures: hasFeatures, margins: margins) }
    singleValues.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      single.add(row: row, values: values, to: margins)
    }
  }

  /// Adds the trees' leaf values to the margins (rows, outputs) of `rows` rows.
  func accumulate(_ block: RowBlock, rows: Int, margins: UnsafeMutablePointer<Float>) {
    guard let coded else { return walking.accumulate(block, rows: rows, margins: margins) }
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
              to: margins + first * outputs + output,
              stride: outputs)
          }
        }
      }
    }
  }
}

/// Which engines serve a forest.
struct EngineChoice: Sendable, Equatable {
  /// Blocks of rows by `CodedForest`.
  var codesBlocks: Bool
  /// Single rows by `RowForest`.
  var codesRows: Bool

  init(codesBlocks: Bool, codesRows: Bool) {
    self.codesBlocks = codesBlocks
    self.codesRows = codesRows
  }

  /// The choice by shape.
  init(_ source: ForestNodes) {
    let trees = source.treeOffsets.count - 1
    self.init(codesBlocks: trees >= 8, codesRows: trees >= 8)
  }
}
