import Compute
import Diagnostics
import Layers
import NetworkModels
import Networks
import Preprocessing
import Tensors

/// Attributions of margins to a network's inputs by integrated gradients (Sundararajan, Taly and Yan, "Axiomatic Attribution
/// for Deep Networks", 2017, equations 1 and 3):
///
///     IG_i(x) = (x_i - x'_i)·∫ ∂F(x' + α·(x - x'))/∂x_i dα ≈ (x_i - x'_i)·Σ_k w_k·∂F(x' + α_k·(x - x'))/∂x_i
///
/// F are the margins, for a regression in the target's units. The x_i are the prepared numbers and the vectors of the
/// embeddings; what belongs to one input column, a vector's elements or a number and its indicator of missing values,
/// adds up. The parts of a row add up to F(x) - F(x').
///
/// The baseline x' is the mean of some rows, as the network reads them: of one row it is that row.
public struct IntegratedGradients: Sendable {
  /// How fine the way is.
  public struct Configuration: Codable, Sendable, Equatable {
    /// Gradients taken on the way. Default 50.
    public var steps = 50
    /// Where they are taken. Default gauss-legendre.
    public var rule = PathRule.gaussLegendre

    /// The defaults.
    public init() {}

    /// Checks the range.
    /// - Throws: `TernError` of kind `configuration`.
    public func validate() throws(TernError) {
      guard (1...100_000).contains(steps) else {
        throw TernError(
          .configuration, "lies outside its range", key: "steps", found: "\(steps)", expected: "1 ... 100000")
      }
    }
  }

  private let model: NetworkModel
  private let configuration: Configuration
  private let sources: FeatureSources
  private let baseline: PathBaseline

  /// Prepares a baseline.
  /// - Parameter columns: rows whose mean is the baseline, at least one. Shape: (feature, row).
  /// - Throws: `TernError` of kind `configuration` for no steps, of kind `data` for no row or another number of columns.
  public init(
    _ model: NetworkModel, baseline columns: [[Float]], configuration: Configuration = Configuration(),
    pool: ThreadPool
  ) throws(TernError) {
    try configuration.validate()
    let rows = try model.prepared(columns, pool: pool)
    guard rows.count > 0 else {
      throw TernError(.data, "a baseline needs a row", key: "baseline", found: "0", expected: "1 or more")
    }
    self.model = model
    self.configuration = configuration
    sources = FeatureSources(model.header.preparation)
    baseline = PathBaseline(rows, of: try NetworkPath(model, pool: pool))
  }

  /// The attributions of every row of columns.
  ///
  /// They do not depend on the number of threads.
  /// - Parameter columns: cells as the model's signature gives them. Shape: (feature, row).
  /// - Throws: `TernError` of kind `data` for another number of columns.
  public func attributions(
    columns: [[Float]], pool: ThreadPool, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> NetworkAttributions {
    let rows = try model.prepared(columns, pool: pool)
    let path = try NetworkPath(model, pool: pool)
    let (places, weights) = configuration.rule.points(steps: configuration.steps)
    let (outputs, features) = (model.outputs, columns.count)
    // A network learns a scaled target; its margins are meant in the target's own units.
    let (unit, zero) = (model.header.target.deviation, model.header.target.mean)
    var values = [Double](repeating: 0, count: rows.count * outputs * features)
    let points = rows.count * places.count
    for start in stride(from: 0, to: points, by: path.batch) {
      let range = start..<min(start + path.batch, points)
      let part = range.map { PathPoint(row: $0 / places.count, place: places[$0 % places.count]) }
      for output in 0..<outputs {
        path.visit(part, of: rows, from: baseline, slopesOf: output) { point, parts in
          let weight = weights[(start + point) % places.count] * unit
          let first = (part[point].row * outputs + output) * features
          for (column, sum) in parts.numbers.enumerated() {
            values[first + sources.numbers[column]] += weight * sum
          }
          for (column, sum) in parts.categories.enumerated() {
            values[first + sources.categories[column]] += weight * sum
          }
        }
      }
      progress.update(phase: "attribute", completed: range.upperBound, total: points, remark: "")
    }
    func margins(_ rows: TablePreparation.Rows, place: Double) -> [Double] {
      var result: [Double] = []
      for start in stride(from: 0, to: rows.count, by: path.batch) {
        let part = (start..<min(start + path.batch, rows.count)).map { PathPoint(row: $0, place: place) }
        result += path.margins(part, of: rows, from: baseline, outputs: outputs)
          .map { Double($0) * unit + zero }
      }
      return result
    }
    return NetworkAttributions(
      rows: rows.count, outputs: outputs, features: features,
      baseline: margins(baseline.row, place: 0), margins: margins(rows, place: 1), values: values)
  }
}

extension NetworkModel {
  /// Rows of columns as the network reads them.
  /// - Throws: `TernError` of kind `data` for another number of columns.
  func prepared(_ columns: [[Float]], pool: ThreadPool) throws(TernError) -> TablePreparation.Rows {
    guard columns.count == header.featureNames.count else {
      throw TernError(
        .data, "the rows have another number of columns", found: "\(columns.count)",
        expected: "\(header.featureNames.count)")
    }
    return header.preparation.rows(of: columns, pool: pool)
  }
}
