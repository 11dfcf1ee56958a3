import Boosting
import Compute
import Diagnostics
import Explanations
import Glibc
import Trees

/// Times exact Shapley values of a forest that was trained on the benchmark table.
struct ExplainBenchmark {
  private let forest: Forest
  private let columns: [[Float]]
  private let cover: CoverMeasure
  private let pool: ThreadPool

  /// Trains the forest, untimed, and takes the first `rows` rows for explaining.
  init(
    _ source: BenchmarkTable, rows: Int, threads: Int, configuration: BoostingConfiguration
  ) throws(TernError) {
    pool = ThreadPool(threads: threads)
    let table = TrainingTable(
      featureNames: (0..<source.features).map { "f\($0)" }, columns: source.columns, labels: source.labels)
    forest = try Booster.train(configuration: configuration, train: table, pool: pool).forest
    columns = source.columns.map { Array($0.prefix(rows)) }
    cover = configuration.style == .xgboost ? .hessians : .rows
  }

  /// One line of JSON: seconds of values and of interactions (of a hundredth of the rows), and how well values add up.
  func run() throws(TernError) -> String {
    let start = TernBench.seconds()
    let explainer = try ShapleyExplainer(forest, cover: cover)
    let values = try explainer.values(columns: columns, pool: pool)
    let explained = TernBench.seconds()
    let few = columns.map { Array($0.prefix(max(1, $0.count / 100))) }
    let pairs = try explainer.interactions(columns: few, pool: pool)
    let finished = TernBench.seconds()
    let margins = try forest.exactMargins(columns: columns, pool: pool)
    var error = 0.0
    for row in 0..<values.rows { error = max(error, abs(values.margin(row: row) - margins[row])) }
    return """
      {"seconds": \(explained - start), "rows": \(values.rows), "interaction_seconds": \(finished - explained), \
      "interaction_rows": \(pairs.rows), "additivity_error": \(error), "trees": \(forest.trees), \
      "nodes": \(forest.nodes)}
      """
  }
}
