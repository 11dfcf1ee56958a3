import Compute
import Diagnostics
import Synchronization
import Trees

/// Grows one tree after another on a binned data set; its buffers live as long as the training.
final class TreeGrower {
  /// A node that is not yet split.
  struct OpenNode {
    var tree: Int
    var begin: Int
    var depth: Int
    /// Which copy of the row partition holds its rows.
    var copy: Int
    var sums: NodeSums
    var histogram: Histogram?
    var best = SplitCandidate()
  }

  /// Guards the flush of one block; integer sums come out the same in any order.
  final class BlockLock: Sendable {
    let mutex = Mutex<Void>(())
  }

  let dataset: BinnedDataset
  let configuration: BoostingConfiguration
  let pool: ThreadPool
  let partition: RowPartition
  /// First entry of each feature in a histogram.
  let offsets: [Int]
  let scratch: [Storage<SIMD2<Int64>>]
  let candidates: [Storage<SplitCandidate>]
  let locks: [BlockLock]
  var histograms: HistogramPool

  init(dataset: BinnedDataset, rows: Int, configuration: BoostingConfiguration, pool: ThreadPool) {
    self.dataset = dataset
    self.configuration = configuration
    self.pool = pool
    partition = RowPartition(capacity: rows)
    var offsets: [Int] = []
    var total = 0
    for bins in dataset.bins {
      offsets.append(total)
      total += bins.bins
    }
    self.offsets = offsets
    scratch = (0..<pool.threads).map { _ in Storage(HistogramKernel.scratchCount, initial: .zero) }
    candidates = (0..<2).map { _ in Storage(dataset.features, initial: SplitCandidate()) }
    locks = (0..<dataset.blocks).map { _ in BlockLock() }
    histograms = HistogramPool(bins: total, features: dataset.features)
  }

  /// Grows a tree on the derivatives of `rows`.
  ///
  /// - Parameters:
  ///   - derivatives: (data set rows) of gradient and hessian.
  ///   - rows: increasing row numbers.
  ///   - tree: number of the tree in the training, for sampling.
  /// - Throws: `TernError(.data)` if a derivative is not finite, because the margins have overflowed.
  func grow(
    derivatives: UnsafePointer<SIMD2<Float>>, rows: [Int32], tree number: Int
  ) throws(TernError) -> GrownTree {
    rows.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { partition.rows(0).update(from: base, count: rows.count) }
    }
    let quantisation = GradientQuantisation(
      derivatives, rows: partition.rows(0), count: rows.count, pool: pool)
    guard quantisation.isFinite else {
      throw TernError(
        .data, "training diverged: a gradient is not a finite number", key: "learning_rate",
        found: "\(configuration.learningRate)", expected: "a smaller value, or smaller labels and weights")
    }
    quantisation.pack(
      derivatives, rows: partition.rows(0), count: rows.count, into: partition.values(0), pool: pool)
    var growth = TreeGrowth(
      search: SplitSearch(
        configuration: configuration, gradientStep: quantisation.gradientStep,
        hessianStep: quantisation.hessianStep), quantisation: quantisation,
      sampling: FeatureSampling(configuration: configuration, bins: dataset.bins, tree: number),
      features: dataset.features, frontier: GrowthFrontier(policy: configuration.growPolicy))
    openRoot(rows: rows.count, growth: &growth)
    while growth.leaves < leafLimit, let node = growth.frontier.pop() { split(node, growth: &growth) }
    for node in growth.open.indices { release(node, growth: &growth) }
    return finish(derivatives: derivatives, growth: growth)
  }

  private var leafLimit: Int { configuration.maxLeaves == 0 ? Int.max : configuration.maxLeaves }

  /// Adds a leaf value to every training row's margin.
  ///
  /// - Parameter outside: rows of the data set that did not take part in growing the tree.
  func add(
    _ tree: GrownTree, to margins: UnsafeMutablePointer<Float>, output: Int, outputs: Int, outside: [Int32]
  ) {
    let shared = SharedPointer(margins)
    let pieces = TreeGrower.pieces(of: tree.leaves)
    pool.parallelFor(count: pieces.count) { item, _ in
      let piece = pieces[item]
      let leaf = tree.leaves[piece.leaf]
      let value = tree.nodes[leaf.node].value
      let own = partition.rows(leaf.copy)
      for i in piece.range { shared.pointer[Int(own[i]) * outputs + output] += value }
    }
    pool.parallelChunks(of: outside.count, chunk: 4096) { range, _ in
      for i in range {
        let row = Int(outside[i])
        shared.pointer[row * outputs + output] += tree.nodes[tree.leaf(of: row, in: dataset)].value
      }
    }
  }

  /// The rows of the leaves in pieces of bounded length.
  private static func pieces(of leaves: [GrownTree.Leaf]) -> [(leaf: Int, range: Range<Int>)] {
    var result: [(leaf: Int, range: Range<Int>)] = []
    for (index, leaf) in leaves.enumerated() {
      for start in stride(from: leaf.begin, to: leaf.begin + leaf.count, by: 16_384) {
        result.append((index, start..<min(start + 16_384, leaf.begin + leaf.count)))
      }
    }
    return result
  }

  /// A leaf's value with the learning rate; XGBoost multiplies in single precision.
  func scaled(_ weight: Double) -> Float {
    configuration.style == .xgboost
      ? Float(weight) * Float(configuration.learningRate) : Float(configuration.learningRate * weight)
  }

  /// Sets leaf values from the full-precision derivatives of their rows, summed in a fixed order.
  private func finish(derivatives: UnsafePointer<SIMD2<Float>>, growth: TreeGrowth) -> GrownTree {
    var grown = growth.tree
    grown.leaves = growth.open.filter { growth.tree.nodes[$0.tree].isLeaf }.map {
      GrownTree.Leaf(node: $0.tree, begin: $0.begin, count: $0.sums.rows, copy: $0.copy)
    }
    let tree = grown
    let pieces = TreeGrower.pieces(of: tree.leaves)
    let partial = Storage<SIMD2<Double>>(pieces.count, initial: .zero)
    pool.parallelFor(count: pieces.count) { item, _ in
      var sum = SIMD2<Double>.zero
      let own = partition.rows(tree.leaves[pieces[item].leaf].copy)
      for i in pieces[item].range { sum += SIMD2<Double>(derivatives[Int(own[i])]) }
      partial.pointer[item] = sum
    }
    var sums = [SIMD2<Double>](repeating: .zero, count: tree.leaves.count)
    for item in pieces.indices { sums[pieces[item].leaf] += partial.pointer[item] }
    for (leaf, sum) in zip(tree.leaves, sums) {
      grown.nodes[leaf.node].value = scaled(growth.search.weight(gradient: sum.x, hessian: sum.y))
      grown.nodes[leaf.node].cover = Float(sum.y)
    }
    if configuration.style == .lightgbm, grown.nodes.count == 1 {
      // LightGBM's tree without a split says nothing.
      grown.nodes[0].value = 0
    }
    return grown
  }
}

/// The state of one tree while it grows.
struct TreeGrowth {
  let search: SplitSearch
  let quantisation: GradientQuantisation
  let sampling: FeatureSampling
  /// Whether the tree uses a feature.
  let isUsed: [Bool]
  var frontier: GrowthFrontier
  var tree = GrownTree()
  /// One entry per tree node, in the same order.
  var open: [TreeGrower.OpenNode] = []
  var leaves = 1

  init(
    search: SplitSearch, quantisation: GradientQuantisation, sampling: FeatureSampling, features: Int,
    frontier: GrowthFrontier
  ) {
    self.search = search
    self.quantisation = quantisation
    self.sampling = sampling
    self.frontier = frontier
    var used = [Bool](repeating: false, count: features)
    for feature in sampling.treeFeatures { used[Int(feature)] = true }
    isUsed = used
  }
}
