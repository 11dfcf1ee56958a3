import AllocationCounter
import Compute
import Diagnostics
import Glibc
import Layers
import Networks
import Tensors

/// Measures what one row costs: prints `KEY VALUE` lines.
///
/// - `probe COUNT`: allocations of one array, which shows that the counter counts;
/// - `NAME ROWS COUNT NANOSECONDS`: heap allocations while that many rows were predicted one by one after warm-up, and the
///   processor time of one of them, the best of several rounds.
@main
enum NetworkMeter {
  static func main() {
    do throws(TernError) {
      try measure()
    } catch {
      print(error)
      exit(error.kind.rawValue)
    }
  }

  private static func measure() throws(TernError) {
    let before = tern_allocation_count()
    let array = [Int](repeating: Int(getpid()), count: 100)
    let after = tern_allocation_count()
    print("probe \(after - before + (array[0] < 0 ? 1 : 0))")

    let numbers = TabularInputs(numeric: 8)
    let mixed = TabularInputs(numeric: 6, cardinalities: [5, 3, 7])
    for (name, inputs) in [("numeric", numbers), ("mixed", mixed)] {
      let transformer = try FTTransformer(FTTransformerConfiguration(), inputs: inputs, outputs: 1, scope())
      rows("ft-transformer-\(name)", transformer, count: 200)
      let net = try TabNet(TabNetConfiguration(), inputs: inputs, outputs: 3, scope())
      rows("tabnet-\(name)", net, count: 2_000)
    }
    var entmax = TabNetConfiguration()
    entmax.maskType = .entmax
    entmax.groupedFeatures = [[0, 1], [2, 4]]
    rows("tabnet-groups", try TabNet(entmax, inputs: mixed, outputs: 3, scope()), count: 2_000)
    var periodic = FTTransformerConfiguration()
    periodic.numericEmbedding = NumericEmbeddingConfiguration(.periodic)
    rows(
      "ft-transformer-periodic", try FTTransformer(periodic, inputs: mixed, outputs: 1, scope()), count: 100)
    // The signal layer of pipelines/phase2-signal.yaml.
    var signal = FTTransformerConfiguration()
    signal.blocks = 1
    signal.blockWidth = 24
    signal.attentionHeads = 4
    signal.feedForwardHiddenMultiplier = 1
    let features = TabularInputs(numeric: 243)
    rows(
      "ft-transformer-signal", try FTTransformer(signal, inputs: features, outputs: 3, scope()), count: 500)
    rows(
      "ft-transformer-wide",
      try FTTransformer(
        FTTransformerConfiguration(), inputs: TabularInputs(numeric: 100), outputs: 1, scope()),
      count: 50)
    var bins = FTTransformerConfiguration()
    bins.numericEmbedding = NumericEmbeddingConfiguration(.piecewiseLinear)
    bins.numericEmbedding.bins = (0..<6).map { [-1, 0, Float($0 + 1)] }
    rows("ft-transformer-bins", try FTTransformer(bins, inputs: mixed, outputs: 1, scope()), count: 100)
  }

  private static func scope() -> ParameterScope {
    ParameterScope(RandomSource(seed: 1), into: Parameters())
  }

  private static func rows(_ name: String, _ network: some TabularNetwork, count: Int) {
    network.prepare()
    let backend = Eager(Workspace(pool: ThreadPool(threads: 1)))
    let inputs = network.inputs
    let batch = TabularBatch(
      numeric: Tensor((0..<inputs.numeric).map { Float($0) / 5 - 0.5 }, Shape(1, inputs.numeric)),
      categories: inputs.cardinalities.isEmpty
        ? nil
        : IndexTensor(inputs.cardinalities.map { Int32($0 - 1) }, Shape(1, inputs.cardinalities.count)))
    var sum: Float = 0
    for _ in 0..<20 { sum += network(batch, on: backend).prediction.pointer[0] }
    let before = tern_allocation_count()
    var best = UInt64.max
    for _ in 0..<5 {
      let start = nanoseconds()
      for _ in 0..<count / 5 { sum += network(batch, on: backend).prediction.pointer[0] }
      best = min(best, nanoseconds() - start)
    }
    let allocated = tern_allocation_count() - before
    print(
      "\(name) \(count) \(allocated) \(best / UInt64(count / 5)) \(sum.isFinite ? "finite" : "not-finite")")
  }

  private static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
