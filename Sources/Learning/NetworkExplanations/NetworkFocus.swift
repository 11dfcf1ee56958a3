import Compute
import Diagnostics
import Layers
import NetworkModels
import Networks
import Preprocessing
import Tensors

/// What a network looked at in rows: the masks of a TabNet, the rollout of an FT-Transformer's attention.
public struct NetworkFocus: Sendable, Equatable {
  /// What was measured.
  public enum Kind: String, Codable, Sendable {
    /// Masks, each weighed by what its step decided.
    case masks
    /// How much each column's token reaches the token that is read.
    case attentionRollout = "attention-rollout"
  }

  /// What was measured.
  public let kind: Kind
  /// Number of rows.
  public let rows: Int
  /// Number of features: input columns of the model.
  public let features: Int
  /// The features' shares of each row, row-major (row, feature); a row adds up to 1, or to 0 where nothing was looked at.
  public let shares: [Float]
  /// The features' shares of all rows: of masks as pytorch-tabnet's `feature_importances_`, of attention the mean of the rows'.
  public let importances: [Double]
  /// The mask of each step, row-major (row, feature); none for attention.
  public let steps: [[Float]]

  /// The shares of one row: (feature).
  public func shares(row: Int) -> ArraySlice<Float> { shares[row * features..<(row + 1) * features] }

  /// Rows of one pass.
  private static let batch = 512

  /// Looks at every row of columns; nil where the network has nothing to show, as attention to compressed keys has not.
  /// - Parameter columns: cells as the model's signature gives them. Shape: (feature, row).
  /// - Throws: `TernError` of kind `data` for another number of columns.
  public init?(_ model: NetworkModel, columns: [[Float]], pool: ThreadPool) throws(TernError) {
    let prepared = try model.prepared(columns, pool: pool)
    let network = try model.network()
    network.prepare()
    let sources = FeatureSources(model.header.preparation)
    let eager = Eager(Workspace(pool: pool))
    var sums = Sums(features: columns.count)
    for start in stride(from: 0, to: prepared.count, by: NetworkFocus.batch) {
      let batch = prepared.batch(
        start..<min(start + NetworkFocus.batch, prepared.count), network.inputs)
      switch network {
      case let network as TabNet:
        let order = sources.inOrder(categoryPositions: network.configuration.categoryColumns)
        sums.add(network.masks(batch, on: eager), order: order)
      case let network as FTTransformer where network.configuration.compressionRatio == nil:
        sums.add(
          try network.attentionRollout(batch, on: eager), order: sources.inOrder(categoryPositions: nil))
      default: return nil
      }
    }
    kind = network is TabNet ? .masks : .attentionRollout
    rows = prepared.count
    features = columns.count
    shares = sums.shares
    steps = sums.steps
    let total = sums.totals.reduce(0, +)
    importances = sums.totals.map { total > 0 ? $0 / total : 0 }
  }
}

/// What the batches of a table add up to, by feature.
private struct Sums {
  let features: Int
  var shares: [Float] = []
  var steps: [[Float]] = []
  var totals: [Double]

  init(features: Int) {
    self.features = features
    totals = Array(repeating: 0, count: features)
  }

  mutating func add(_ masks: TabNetMasks, order: [Int]) {
    shares += byFeature(masks.shares, order)
    let rows = byFeature(masks.rows, order)
    for index in rows.indices { totals[index % features] += Double(rows[index]) }
    if steps.isEmpty { steps = masks.steps.map { _ in [] } }
    for (step, mask) in masks.steps.enumerated() { steps[step] += byFeature(mask, order) }
  }

  mutating func add(_ reach: Tensor, order: [Int]) {
    let rows = byFeature(reach, order)
    shares += rows
    for index in rows.indices { totals[index % features] += Double(rows[index]) }
  }

  /// The columns of each row added up by the feature that they belong to.
  private func byFeature(_ tensor: Tensor, _ order: [Int]) -> [Float] {
    let rows = tensor.shape[0]
    var result = [Float](repeating: 0, count: rows * features)
    for row in 0..<rows {
      for (column, feature) in order.enumerated() {
        result[row * features + feature] += tensor.pointer[row * order.count + column]
      }
    }
    return result
  }
}

extension TablePreparation.Rows {
  /// Some of the rows as a network takes them.
  func batch(_ range: Range<Int>, _ inputs: TabularInputs) -> TabularBatch {
    let (width, categorical) = (inputs.numeric, inputs.cardinalities.count)
    return TabularBatch(
      numeric: width > 0
        ? Tensor(numbers[range.lowerBound * width..<range.upperBound * width], Shape(range.count, width))
        : nil,
      categories: categorical > 0
        ? IndexTensor(
          categories[range.lowerBound * categorical..<range.upperBound * categorical],
          Shape(range.count, categorical)) : nil)
  }
}
