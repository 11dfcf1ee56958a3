import Compute
import Diagnostics

/// Finds the tests of one oblivious tree after another; its buffers live as long as the training.
///
/// Every level sums histograms of the smaller child of each leaf only and takes the other as the difference from
/// the parent's, exactly, because sums are integers. Where histograms of all leaves would take too much memory,
/// and for statistics that exist for one level only, they are summed leaf by leaf and scored at once.
final class ObliviousGrower {
  /// Rows whose derivatives score splits, and, in Ordered boosting, the rows that give the leaf values.
  struct Lane {
    var tail: LevelPartition
    var body: LevelPartition?
    /// L2 penalty scaled by the mean weight.
    var l2: Double
  }

  /// The best split of a feature.
  struct Best {
    var score = -Double.infinity
    /// The score with the noise that chose the bin.
    var noisy = -Double.infinity
    var bin = 0
  }

  /// Bytes of histograms that are kept between levels.
  private static let histogramLimit = 1 << 30

  let configuration: ObliviousConfiguration
  let pool: ThreadPool
  let outputs: Int
  /// Scratch of each thread: packed sums of a block, wide sums of two blocks, those of three outputs together, doubles.
  let packed: [Storage<SIMD2<Int64>>]
  let wide: [Storage<SIMD2<Int64>>]
  let threefold: [Storage<SIMD4<Int64>>]
  let numbers: [Storage<Double>]
  var numerators = Storage<Double>(0, initial: 0)
  var denominators = Storage<Double>(0, initial: 0)
  var bests = Storage<Best>(0, initial: Best())
  /// Histograms of each partition and output, (2^(depth-1), bins).
  var histograms: [Storage<SIMD2<Int64>>] = []
  var isStored = false
  var tasks: [SumTask] = []
  /// Tiles of tasks.
  var items: [(task: Int, begin: Int)] = []
  /// Partitions of the lanes in the order of their histograms, with their first histogram.
  var partitions: [(partition: LevelPartition, histogram: Int)] = []
  /// Rows of each leaf.
  private var counts: [Int] = []
  /// The best feature so far of each group that shares its noise, -1 for none.
  private var leaders: [Int] = []
  /// Whether each candidate may be used, where that is drawn.
  private var drawn: [Bool] = []
  let locks: [TreeGrower.BlockLock]
  /// The tree in work if its leaves have tests of their own.
  var growth = LeafGrowth()
  /// Histograms of combinations: those of the tree in work, and those to be used again.
  var combinationHistograms = CombinationHistograms()

  init(configuration: ObliviousConfiguration, outputs: Int, pool: ThreadPool) {
    self.configuration = configuration
    self.outputs = outputs
    self.pool = pool
    packed = (0..<pool.threads).map { _ in Storage(HistogramKernel.scratchCount, initial: .zero) }
    wide = (0..<pool.threads).map { _ in Storage(2 * HistogramKernel.scratchCount, initial: .zero) }
    threefold = (0..<pool.threads).map { _ in
      Storage(outputs < 3 ? 0 : HistogramKernel.scratchCount, initial: .zero)
    }
    numbers = (0..<pool.threads).map { _ in Storage(SplitScores.scratchCount, initial: 0) }
    locks = (0..<256).map { _ in TreeGrower.BlockLock() }
  }

  /// Where the noise of one choice of a test comes from.
  struct Draw {
    var seed: UInt64
    /// Below 2^24.
    var step: Int
  }

  /// What decides one tree beside its lanes.
  struct Request {
    /// Number of the tree, for sampling.
    var tree: Int
    /// Features that every level may test.
    var blocks: [CandidateBlock]
    /// Standard deviation of the noise on scores.
    var noise: Double
    /// Combinations for the level after the given tests.
    var extra: ([ObliviousSplit]) -> [CombinationCandidate]
    /// The bins of a combination; they last until the thread's next call.
    var binsOf: (CombinationCandidate, _ lane: Int) -> [BinBlock]
    /// Told of the combinations of a level when they have been tried.
    var tried: ([CombinationCandidate]) -> Void
    /// How a test decides rows.
    var test: (ObliviousSplit) -> LevelTest
    /// Factor of a feature's score.
    var factor: (ObliviousSplit.Source) -> Double
    /// Told of every level of a depth-wise tree, from 0.
    var levelBegins: (Int) -> Void
    /// Told of every test that is chosen, at once: statistics in use are not penalised again.
    var chosen: (ObliviousSplit) -> Void
    /// Number of rows, drawn or not, in each leaf of the given tests.
    var leafCounts: ([ObliviousSplit]) -> [Int]
  }

  /// Grows a tree on lanes that have been loaded.
  func grow(_ lanes: [Lane], _ request: Request) -> [ObliviousSplit] {
    let index = CandidateIndex(request.blocks)
    notePartitions(lanes)
    prepare(lanes, index)
    var splits: [ObliviousSplit] = []
    splits.reserveCapacity(configuration.depth)
    defer { releaseHistograms() }
    for level in 0..<configuration.depth {
      let extra = request.extra(splits)
      let own = extra.isEmpty ? index : CandidateIndex(request.blocks, extra)
      reserve(own)
      let isDrawn = draw(
        own.features.count,
        ObliviousStream.features.generator(configuration.randomSeed, step: request.tree << 4 | level))
      if isStored {
        sum(lanes, index, level: level)
        score(lanes, index, level: level)
      } else {
        stream(lanes, own)
      }
      combine(lanes, own, request, level: level)
      request.tried(extra)
      let draw = Draw(seed: configuration.randomSeed, step: request.tree << 4 | level)
      findBest(own, isDrawn: isDrawn, request, draw)
      guard let chosen = choose(own, request, draw)?.feature else { break }
      let feature = own.features[chosen]
      let best = bests.pointer[chosen]
      let split = ObliviousSplit(
        source: feature.candidate.source, bin: best.bin, isEquality: feature.candidate.isEquality)
      let test = request.test(split)
      for lane in lanes {
        lane.tail.split(test, pool: pool)
        lane.body?.split(test, pool: pool)
      }
      request.chosen(split)
      splits.append(split)
      if let redundant = redundantLevel(lanes, splits, request) {
        splits.remove(at: redundant)
        break
      }
    }
    return splits
  }

  /// A level that separates no two leaves with rows, if there is one.
  private func redundantLevel(
    _ lanes: [Lane], _ splits: [ObliviousSplit], _ request: Request
  ) -> Int? {
    let width = 1 << splits.count
    counts.removeAll(keepingCapacity: true)
    for leaf in 0..<width {
      counts.append(
        lanes.reduce(0) { $0 + $1.tail.leaves[leaf].count + ($1.body?.leaves[leaf].count ?? 0) })
    }
    func redundant(_ counts: [Int]) -> Int? {
      splits.indices.first { level in
        !counts.indices.contains { leaf in counts[leaf] > 0 && counts[leaf ^ (1 << level)] > 0 }
      }
    }
    // Rows that were not drawn can only make a level less redundant.
    return redundant(counts) == nil ? nil : redundant(request.leafCounts(splits))
  }

  /// Draws whether each candidate may be used, each with probability `rsm`; false where all may.
  func draw(_ count: Int, _ generator: @autoclosure () -> Philox) -> Bool {
    if configuration.rsm >= 1 { return false }
    var random = generator()
    drawn.removeAll(keepingCapacity: true)
    for _ in 0..<count { drawn.append(random.uniform() < configuration.rsm) }
    return true
  }

  /// Makes room for histograms of all leaves, if they may be kept.
  private func prepare(_ lanes: [Lane], _ index: CandidateIndex) {
    let partitions = lanes.reduce(0) { $0 + ($1.body == nil ? 1 : 2) }
    let entries = (1 << (configuration.depth - 1)) * index.bins
    let bytes = (partitions * outputs).multipliedReportingOverflow(by: entries * 16)
    isStored = !bytes.overflow && bytes.partialValue <= ObliviousGrower.histogramLimit
    guard isStored else {
      histograms = []
      return
    }
    if histograms.count != partitions * outputs || (histograms.first?.count ?? 0) < entries {
      histograms = (0..<partitions * outputs).map { _ in Storage(entries, initial: .zero) }
    }
  }

  func reserve(_ index: CandidateIndex) {
    if numerators.count < index.bins {
      numerators = Storage(index.bins, initial: 0)
      denominators = Storage(index.bins, initial: 0)
    }
    if bests.count < index.features.count { bests = Storage(index.features.count, initial: Best()) }
  }

  /// The best split of every candidate, noise included.
  ///
  /// - Parameter isDrawn: whether only candidates that have been drawn may be used.
  func findBest(_ index: CandidateIndex, isDrawn: Bool, _ request: Request, _ draw: Draw) {
    pool.parallelFor(count: index.features.count, with: (self, index, isDrawn, request.noise, draw)) {
      work, item, _ in
      let (grower, index, isDrawn, noise, draw) = work
      let isUsable = !isDrawn || grower.drawn[item]
      grower.bests.pointer[item] =
        isUsable ? grower.best(index.features[item], number: item, noise: noise, draw) : Best()
    }
    if request.noise > 0 { keepBestOfGroups(index) }
  }

  /// The best split of one candidate.
  private func best(_ feature: CandidateIndex.Feature, number: Int, noise: Double, _ draw: Draw) -> Best {
    var best = Best()
    let isCosine = configuration.scoreFunction == .cosine
    let numerator = numerators.pointer + feature.offset
    let denominator = denominators.pointer + feature.offset
    var random = ObliviousStream.noise.generator(draw.seed, step: draw.step << 20 | number)
    for split in 0..<feature.candidate.splits {
      let score = isCosine ? numerator[split] / denominator[split].squareRoot() : numerator[split]
      let noisy = noise > 0 ? score + noise * random.normal() : score
      if noisy > best.noisy {
        // The noise that chooses the bin is not the one that chooses the feature.
        best.score = score
        best.noisy = noisy
        best.bin = split
      }
    }
    return best
  }

  /// Of the features that share their noise, only the one of the best noisy score stays a candidate.
  private func keepBestOfGroups(_ index: CandidateIndex) {
    let bests = bests.pointer
    for group in leaders.indices { leaders[group] = -1 }
    for (item, feature) in index.features.enumerated() {
      guard let group = feature.candidate.noiseGroup else { continue }
      while leaders.count <= group { leaders.append(-1) }
      let leader = leaders[group]
      guard leader >= 0 else {
        leaders[group] = item
        continue
      }
      let isBetter = bests[item].noisy > bests[leader].noisy
      if isBetter { leaders[group] = item }
      bests[isBetter ? leader : item].score = -.infinity
    }
  }

  /// The best candidate and its score; the first one wins a tie.
  func choose(
    _ index: CandidateIndex, _ request: Request, _ draw: Draw
  ) -> (feature: Int, score: Double)? {
    var random = ObliviousStream.choice.generator(draw.seed, step: draw.step)
    var result: (feature: Int, score: Double)?
    var largest = -Double.infinity
    for (item, feature) in index.features.enumerated() {
      var score = bests.pointer[item].score
      guard score > -.infinity else { continue }
      if request.noise > 0 { score += request.noise * random.normal() }
      score *= request.factor(feature.candidate.source)
      if score > largest {
        largest = score
        result = (item, score)
      }
    }
    return result
  }
}

/// Candidates in one order, with the places of their bins.
final class CandidateIndex {
  /// One candidate.
  struct Feature {
    var candidate: CandidateBlock.Candidate
    /// Number of the block, that of a combination coming after those of all blocks.
    var block: Int
    /// Place in the block, or among the features of a combination.
    var place: Int
    /// First of its bins in a histogram, and of its splits in the scores.
    var offset: Int
  }

  let blocks: [CandidateBlock]
  let combinations: [CombinationCandidate]
  private(set) var features: [Feature] = []
  /// First feature of each block and each combination, and last their number.
  private(set) var firsts: [Int] = []
  /// Number of all bins.
  private(set) var bins = 0

  init(_ blocks: [CandidateBlock], _ combinations: [CombinationCandidate] = []) {
    self.blocks = blocks
    self.combinations = combinations
    for block in blocks { append(block.candidates) }
    for combination in combinations { append(combination.candidates) }
    firsts.append(features.count)
  }

  private func append(_ candidates: [CandidateBlock.Candidate]) {
    for (place, candidate) in candidates.enumerated() {
      features.append(Feature(candidate: candidate, block: firsts.count, place: place, offset: bins))
      bins += candidate.bins
    }
    firsts.append(features.count - candidates.count)
  }

  /// The features of a block or a combination.
  func features(of block: Int) -> Range<Int> { firsts[block]..<firsts[block + 1] }

  /// Whether all of some features have two bins.
  func isBinary(_ features: Range<Int>) -> Bool {
    features.allSatisfy { self.features[$0].candidate.bins <= 2 }
  }
}

/// Separate random sequences of one seed.
enum ObliviousStream: UInt64 {
  case noise = 0x8000_0000_0000
  case choice = 0x9000_0000_0000
  case features = 0xA000_0000_0000
  case sample = 0xB000_0000_0000
  case fold = 0xC000_0000_0000
  case permutation = 0xD000_0000_0000
  case leaf = 0xE000_0000_0000

  /// The generator of one step of this sequence; steps are below 2^44.
  func generator(_ seed: UInt64, step: Int) -> Philox {
    Philox(seed: seed, stream: rawValue | UInt64(step))
  }
}
