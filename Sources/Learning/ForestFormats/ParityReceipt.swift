import Compute
import Diagnostics
import Trees

/// How far apart a model and what was written of it are, over sampled rows.
public struct ParityReceipt: Sendable, Codable, Equatable {
  /// Number of rows that were predicted by both.
  public var rows: Int
  /// The greatest difference of margins.
  public var maximumMarginDifference: Double
  /// The greatest difference of predictions, after the link.
  public var maximumPredictionDifference: Double

  enum CodingKeys: String, CodingKey {
    case rows
    case maximumMarginDifference = "max_margin_difference"
    case maximumPredictionDifference = "max_prediction_difference"
  }

  /// Predicts sampled rows with a model and with its copy.
  ///
  /// Values are drawn from the model's own thresholds and their neighbours, zeros, missing values and numbers about; codes
  /// from known, unseen and negative ones.
  /// - Throws: `TernError(.data)` where the copy has other features or outputs.
  public init(
    of model: ForeignForest, and copy: ForeignForest, rows: Int, seed: UInt64, pool: ThreadPool
  ) throws(TernError) {
    guard copy.forest.features == model.forest.features, copy.forest.outputs == model.forest.outputs else {
      throw TernError(
        .data, "the copy has another shape",
        found: "\(copy.forest.features) features, \(copy.forest.outputs) outputs",
        expected: "\(model.forest.features) features, \(model.forest.outputs) outputs")
    }
    let columns = ParityReceipt.sample(model, rows: rows, seed: seed)
    let copied = columns.enumerated().map { ParityReceipt.translate($1, feature: $0, from: model, to: copy) }
    let first = try model.forest.exactMargins(columns: columns, pool: pool)
    let second = try copy.forest.exactMargins(columns: copied, pool: pool)
    let before = try model.forest.predict(columns: columns, pool: pool)
    let after = try copy.forest.predict(columns: copied, pool: pool)
    self.rows = rows
    maximumMarginDifference = zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
    maximumPredictionDifference = zip(before, after).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
  }

  private static func sample(_ model: ForeignForest, rows: Int, seed: UInt64) -> [[Float]] {
    let forest = model.forest
    let export = ForestExport(model, format: "")
    let isCategorical = export.categoricalFeatures()
    var thresholds = [[Float]](repeating: [], count: forest.features)
    for node in 0..<forest.nodes {
      let feature = Int(forest.splitFeature[node])
      // Some thresholds of a large forest stand for all.
      guard feature >= 0, feature < forest.features, !isCategorical[feature], thresholds[feature].count < 4096
      else {
        continue
      }
      thresholds[feature].append(forest.threshold[node])
    }
    var random = Philox(seed: seed)
    return (0..<forest.features).map { feature in
      let count = isCategorical[feature] ? export.categoryCount(feature) : 0
      return (0..<rows).map { _ in
        let choice = random.integer(below: 16)
        if choice == 0 { return .nan }
        if isCategorical[feature] {
          switch choice {
          case 1: return Float(count + random.integer(below: 100))
          case 2: return -1
          default: return Float(random.integer(below: max(count, 1)))
          }
        }
        let known = thresholds[feature]
        guard !known.isEmpty, choice > 2 else { return choice == 1 ? 0 : Float(random.normal()) }
        let threshold = known[random.integer(below: known.count)]
        let value = [threshold, threshold.nextDown, threshold.nextUp, threshold + Float(random.normal())][
          choice & 3]
        return value.isFinite ? value : 0
      }
    }
  }

  /// A column's codes as the copy numbers the same names.
  private static func translate(
    _ column: [Float], feature: Int, from model: ForeignForest, to copy: ForeignForest
  ) -> [Float] {
    guard let names = copy.categories[feature], names != model.categories[feature] else { return column }
    let codes = Dictionary(
      names.enumerated().map { ($1, Float($0)) }, uniquingKeysWith: { first, _ in first })
    let own = model.categories[feature] ?? []
    return column.map { code in
      guard let index = Int(exactly: code) else { return .nan }
      return codes[own.indices.contains(index) ? own[index] : "\(index)"] ?? .nan
    }
  }
}
