import Boosting
import Compute
import Diagnostics
import Glibc
import Trees

/// `tern-bench generate FILE rows features`,
/// `tern-bench boosting FILE rows features threads style [name=value …]`,
/// `tern-bench prediction FILE rows features threads FOREST precision [MARGINS]`,
/// `tern-bench explain FILE rows features threads style [name=value …]` (explains the first 10,000 rows),
/// `tern-bench network train|predict NAME features batch threads seconds` (`NetworkBenchmark` says more), or
/// `tern-bench features FILE rows [name …]`: one line of JSON on standard output.
@main
struct TernBench {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      let text = "tern-bench: \(error)\n"
      write(2, text, text.utf8.count)
      exit(error.kind.rawValue)
    }
  }

  private static func run(_ arguments: [String]) throws(TernError) {
    if arguments.first == "features" { return try features(Array(arguments.dropFirst())) }
    if arguments.first == "network" { return try NetworkBenchmark.run(Array(arguments.dropFirst())) }
    if arguments.first == "prediction" { return try PredictionBenchmark.run(Array(arguments.dropFirst())) }
    guard arguments.count >= 4, let rows = Int(arguments[2]), let features = Int(arguments[3]) else {
      throw TernError(
        .usage,
        "usage: tern-bench generate FILE ROWS FEATURES | boosting|explain FILE ROWS FEATURES THREADS STYLE "
          + "[NAME=VALUE …] | prediction FILE ROWS FEATURES THREADS FOREST PRECISION [MARGINS] | "
          + "features FILE ROWS [NAME …] | network …"
      )
    }
    switch arguments[0] {
    case "generate":
      try BenchmarkTable(rows: rows, features: features, seed: 7).write(to: arguments[1])
    case "boosting", "explain":
      guard arguments.count >= 6, let threads = Int(arguments[4]) else {
        throw TernError(.usage, "THREADS and STYLE are missing", expected: "xgboost, lightgbm or catboost")
      }
      let isOblivious = arguments[0] == "boosting" && arguments[5] == "catboost"
      var parameters =
        isOblivious ? ["loss_function": "Logloss"] : ["objective": "binary", "train_metric": "false"]
      for argument in arguments.dropFirst(6) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw TernError(.usage, "not NAME=VALUE", found: argument) }
        parameters[String(parts[0])] = String(parts[1])
      }
      let source = try BenchmarkTable(path: arguments[1], rows: rows, features: features)
      if isOblivious {
        let configuration = try ObliviousConfiguration(parameters: parameters)
        try boosting(source, threads: threads) { table, pool throws(TernError) in
          let result = try ObliviousBooster.train(configuration: configuration, train: table, pool: pool)
          return Trained(forest: result.forest, binSeconds: .nan, loss: result.history[0].values.last ?? .nan)
        }
        return
      }
      guard let style = BoostingConfiguration.Style(rawValue: arguments[5]) else {
        throw TernError(
          .usage, "unknown style", found: arguments[5], expected: "xgboost, lightgbm or catboost")
      }
      let configuration = try BoostingConfiguration(style: style, parameters: parameters)
      if arguments[0] == "explain" {
        print(
          try ExplainBenchmark(source, rows: 10_000, threads: threads, configuration: configuration).run())
        return
      }
      try boosting(source, threads: threads) { table, pool throws(TernError) in
        let start = seconds()
        let dataset = try BinnedDataset(table: table, configuration: configuration, pool: pool)
        let binned = seconds()
        let result = try Booster.train(configuration: configuration, dataset: dataset, pool: pool)
        return Trained(
          forest: result.forest, binSeconds: binned - start, loss: result.history[0].values.last ?? .nan)
      }
    default:
      throw TernError(
        .usage, "unknown benchmark", found: arguments[0],
        expected: "generate, boosting, explain, prediction, features or network")
    }
  }

  /// A trained forest, the seconds that binning took, if known apart, and the loss on the training rows.
  private struct Trained {
    var forest: Forest
    var binSeconds: Double
    var loss: Double
  }

  private static func boosting(
    _ source: BenchmarkTable, threads: Int,
    train: (TrainingTable, ThreadPool) throws(TernError) -> Trained
  ) throws(TernError) {
    let table = TrainingTable(
      featureNames: (0..<source.features).map { "f\($0)" }, columns: source.columns, labels: source.labels)
    let pool = ThreadPool(threads: threads)
    let start = seconds()
    let result = try train(table, pool)
    let trained = seconds()
    let rows = min(100_000, source.rows)
    let part = table.columns.map { Array($0.prefix(rows)) }
    let predictStart = seconds()
    let predictions = try result.forest.predict(columns: part, pool: pool)
    let predicted = seconds()
    var row = table.columns.map { $0[0] }
    var margin: Float = 0
    var checksum: Float = 0
    let singleStart = seconds()
    let repeats = 20_000
    for i in 0..<repeats {
      row[0] = table.columns[0][i % source.rows]
      result.forest.predict(row: row, into: &margin)
      checksum += margin
    }
    let single = (seconds() - singleStart) / Double(repeats)
    let binning = result.binSeconds.isNaN ? "null" : "\(result.binSeconds)"
    print(
      """
      {"seconds": \(trained - start), "bin_seconds": \(binning), "logloss": \(result.loss), \
      "predict_100k_seconds": \((predicted - predictStart) * 100_000 / Double(rows)), \
      "single_row_microseconds": \(single * 1e6), "trees": \(result.forest.trees), "nodes": \(result.forest.nodes), \
      "checksum": \(checksum + predictions[0])}
      """)
  }

  private static func features(_ arguments: [String]) throws(TernError) {
    guard arguments.count >= 2, let rows = Int(arguments[1]), rows > 0 else {
      throw TernError(.usage, "usage: tern-bench features FILE ROWS [NAME …]")
    }
    let benchmark = try FeatureBenchmark(path: arguments[0], rows: rows)
    let result = try benchmark.run(Array(arguments.dropFirst(2)))
    let last = result.last.map { $0.isNaN ? "null" : "\($0)" }.joined(separator: ", ")
    print("{\"features\": \(result.features), \"seconds\": \(result.seconds), \"last\": [\(last)]}")
  }

  /// Seconds of a clock that only runs forward, or that this thread has computed.
  static func seconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
