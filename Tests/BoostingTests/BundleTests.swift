import Compute
import Testing

@testable import Boosting

@Suite("Bundles of sparse features")
struct BundleTests {
  /// Three categories as one column for each value, sparse counts with missing values, and two dense columns.
  private func table(rows: Int) -> TrainingTable {
    var random = Philox(seed: 41)
    var columns = [[Float]](repeating: [Float](repeating: 0, count: rows), count: 38)
    var labels: [Float] = []
    for row in 0..<rows {
      var sum = 0.0
      for group in 0..<3 {
        let chosen = random.integer(below: 10)
        columns[group * 10 + chosen][row] = 1
        sum += Double((chosen * 7 + group) % 5) - 2
      }
      for sparse in 30..<36 where random.integer(below: 30) == 0 {
        columns[sparse][row] = random.integer(below: 4) == 0 ? .nan : Float(random.integer(below: 9)) - 4
        sum += columns[sparse][row].isNaN ? 2 : Double(columns[sparse][row])
      }
      for dense in 36..<38 {
        columns[dense][row] = Float(random.normal())
        sum += Double(columns[dense][row])
      }
      labels.append(sum + random.normal() > 0 ? 1 : 0)
    }
    return TrainingTable(featureNames: (0..<38).map { "f\($0)" }, columns: columns, labels: labels)
  }

  /// Bundling saves words and changes nothing of the model.
  @Test(arguments: BoostingConfiguration.Style.allCases, [4000, 60_000])
  func bundlesDoNotChangeTheModel(style: BoostingConfiguration.Style, rows: Int) throws {
    let table = table(rows: rows)
    let pool = ThreadPool(threads: 2)
    let results = try ["true", "false"].map { bundle in
      let settings = try BoostingConfiguration(
        style: style,
        parameters: [
          "objective": "binary", "num_boost_round": "8", "enable_bundle": bundle, "subsample": "0.8",
          "bagging_freq": "1", "colsample_bytree": "0.7", "colsample_bynode": "0.9",
        ])
      let dataset = try BinnedDataset(table: table, configuration: settings, pool: pool)
      let result = try Booster.train(configuration: settings, dataset: dataset, valid: table, pool: pool)
      return (result, dataset.blocks)
    }
    #expect(results[0].0.forest == results[1].0.forest)
    #expect(results[0].0.history == results[1].0.history)
    #expect(results[0].1 <= 2 && results[1].1 == 5)
  }
}
