import AllocationCounter
import Boosting
import Compute
import Diagnostics
import Glibc
import Synchronization

/// Measures whether a split of training allocates: prints `KEY VALUE` lines.
///
/// - `probe COUNT`: allocations of one array, which shows that the counter counts;
/// - `NAME ALLOCATIONS SPLITS ALLOCATIONS SPLITS`: heap allocations and splits of a round after warm-up, of a small and of a
///   large tree. Where a tree takes the same number whatever its size, a split takes none.
@main
enum BoostingMeter {
  static func main() {
    do throws(TernError) {
      let before = tern_allocation_count()
      let array = [Int](repeating: Int(getpid()), count: 100)
      print("probe \(tern_allocation_count() - before + (array[0] < 0 ? 1 : 0))")
      try depthWise()
      try leafWise()
      try oblivious("oblivious", small: 3, large: 7, [:])
      try oblivious("level_by_level", small: 2, large: 6, ["grow_policy": "Depthwise"])
      try oblivious("best_first", small: 3, large: 6, ["grow_policy": "Lossguide", "max_leaves": "60"])
    } catch {
      print(error)
      exit(error.kind.rawValue)
    }
  }

  private static func depthWise() throws(TernError) {
    try nodeWise("depth_wise", .xgboost, "max_depth", small: 3, large: 7)
  }

  private static func leafWise() throws(TernError) {
    try nodeWise("leaf_wise", .lightgbm, "num_leaves", small: 6, large: 60)
  }

  private static func nodeWise(
    _ name: String, _ style: BoostingConfiguration.Style, _ key: String, small: Int, large: Int
  ) throws(TernError) {
    var line = name
    for size in [small, large] {
      let counter = RoundCounter()
      var options = BoostingOptions()
      options.callbacks = [counter]
      let result = try Booster.train(
        configuration: try BoostingConfiguration(
          style: style,
          parameters: [
            key: "\(size)", "num_boost_round": "24", "objective": "binary:logistic", "train_metric": "false",
          ]),
        train: table, pool: ThreadPool(threads: 2), options: options)
      line += " \(counter.least) \(result.forest.nodeArrays.leftChild.count { $0 >= 0 } / 24)"
    }
    print(line)
  }

  private static func oblivious(
    _ name: String, small: Int, large: Int, _ growth: [String: String]
  ) throws(TernError) {
    var line = name
    for depth in [small, large] {
      let counter = RoundCounter()
      var options = BoostingOptions()
      options.callbacks = [counter]
      let parameters = [
        "loss_function": "Logloss", "iterations": "24", "depth": "\(depth)", "rsm": "0.9",
      ]
      let result = try ObliviousBooster.train(
        configuration: try ObliviousConfiguration(parameters: parameters.merging(growth) { $1 }),
        train: table, pool: ThreadPool(threads: 2), options: options)
      line += " \(counter.least) \(result.forest.nodeArrays.leftChild.count { $0 >= 0 } / 24)"
    }
    print(line)
  }

  /// Fewest allocations from the end of a round to the end of the next one; some rounds make arrays of the forest longer.
  private final class RoundCounter: BoostingCallback {
    private let last = Atomic<UInt64>(0)
    private let fewest = Atomic<UInt64>(.max)

    var least: UInt64 { fewest.load(ordering: .relaxed) }

    func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool {
      let now = tern_allocation_count()
      if round.completed > 8 {
        let own = now - last.load(ordering: .relaxed)
        if own < least { fewest.store(own, ordering: .relaxed) }
      }
      last.store(tern_allocation_count(), ordering: .relaxed)
      return true
    }
  }

  /// 20,000 rows that large trees find something in.
  private static let table: TrainingTable = {
    var random = Philox(seed: 31)
    let columns = (0..<10).map { _ in (0..<20_000).map { _ in Float(random.normal()) } }
    let labels = (0..<20_000).map { row -> Float in
      let signal = columns[0][row] * columns[1][row] + sin(3 * columns[2][row]) + columns[3][row]
      return signal + Float(random.normal()) > 0 ? 1 : 0
    }
    return TrainingTable(featureNames: columns.indices.map { "f\($0)" }, columns: columns, labels: labels)
  }()
}
