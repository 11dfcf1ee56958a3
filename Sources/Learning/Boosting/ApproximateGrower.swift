import Compute
import Diagnostics

/// XGBoost's `approx`: bins are found anew for every tree, from values weighted by the rows' hessians, so that cut
/// points crowd where the loss bends.
final class ApproximateGrower: TreeMaking {
  var rate: Double
  private let source: BinnedDataset
  private let configuration: BoostingConfiguration
  private let outputs: Int
  private let pool: ThreadPool
  private(set) var grower: TreeGrower?

  init(dataset: BinnedDataset, outputs: Int, configuration: BoostingConfiguration, pool: ThreadPool) {
    source = dataset
    rate = configuration.learningRate
    self.configuration = configuration
    self.outputs = outputs
    self.pool = pool
  }

  func grow(
    derivatives: UnsafePointer<SIMD2<Float>>, rows: [Int32], tree: Int
  ) throws(TernError) -> GrownTree {
    var hessians = [Float](repeating: 0, count: source.rows)
    for row in rows {
      let value = derivatives[Int(row)]
      guard value.x.isFinite, value.y.isFinite else { throw TreeGrower.divergence(configuration) }
      hessians[Int(row)] = value.y
    }
    let table = TrainingTable(
      featureNames: source.featureNames, columns: source.values, labels: source.labels, weights: hessians,
      kinds: source.kinds)
    let bins = BinFinder.bins(table: table, rows: nil, configuration: configuration, pool: pool)
    let dataset = BinnedDataset(table: table, bins: bins, pool: pool)
    let grower = TreeGrower(
      dataset: dataset, rows: rows.count, outputs: outputs, configuration: configuration, pool: pool)
    grower.rate = rate
    self.grower = grower
    return try grower.grow(derivatives: derivatives, rows: rows, tree: tree)
  }

  func add(
    _ tree: GrownTree, to margins: UnsafeMutablePointer<Float>, output: Int, outputs: Int, outside: [Int32]
  ) {
    grower?.add(tree, to: margins, output: output, outputs: outputs, outside: outside)
  }
}
