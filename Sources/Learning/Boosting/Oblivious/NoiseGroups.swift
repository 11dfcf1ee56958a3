import Compute

/// Groups of features that meet the other candidates of a level with one draw of noise.
///
/// CatBoost keeps features together that are never away from their lowest bin in the same row (exclusive bundles), and
/// two-valued features eight at a time (packs). Such a group is one candidate: its best split is the best of all its
/// features' noisy splits, and only that one draws noise again against the other candidates. Were each feature drawn
/// for by itself, the luckiest of forty indicators of one category would often beat a better split.
struct NoiseGroups {
  /// Bins that the features of a bundle may have beside the common lowest one, plus one.
  private static let mostBins = 1024
  /// Bundles that a feature is tried with.
  private static let mostTried = 100
  /// Features of a pack; a bundle of two-valued features only is kept from half a pack on.
  private static let packWidth = 8

  private struct Bundle {
    var features: [Int] = []
    var bins = 0
    /// Rows in which one of the features is away from its lowest bin, and how many they are.
    var isAway: [UInt64]
    var away = 0
  }

  private let dataset: ObliviousDataset
  private let pool: ThreadPool
  /// The bin of each feature that most rows of a sparse feature have: the lowest, or the first row's category.
  private let common: [UInt64]
  /// Number of rows with another bin, and of bins that occur.
  private let away: [Int]
  private let levels: [Int]

  /// The group of each feature, nil where it stands alone.
  static func find(_ dataset: ObliviousDataset, pool: ThreadPool) -> [Int?] {
    let groups = NoiseGroups(dataset, pool: pool)
    let inOrder = groups.bundles(Array(dataset.features.indices))
    let byCount = groups.bundles(
      dataset.features.indices.sorted { (-groups.away[$0], $0) < (-groups.away[$1], $1) })
    let saved = { (bundles: [[Int]]) in bundles.reduce(0) { $0 + $1.count - 1 } }
    var result = [Int?](repeating: nil, count: dataset.features.count)
    let bundles = saved(byCount) > saved(inOrder) ? byCount : inOrder
    for (number, bundle) in bundles.enumerated() {
      for feature in bundle { result[feature] = number }
    }
    let binary = dataset.features.indices.filter { result[$0] == nil && groups.levels[$0] == 2 }
    for (place, feature) in binary.enumerated() { result[feature] = bundles.count + place / packWidth }
    return result
  }

  private init(_ dataset: ObliviousDataset, pool: ThreadPool) {
    self.dataset = dataset
    self.pool = pool
    let features = dataset.features
    let common = features.indices.map { feature in
      features[feature].isEquality ? NoiseGroups.bin(dataset, feature, row: 0) : 0
    }
    let away = Storage<Int>(features.count, initial: 0)
    let levels = Storage<Int>(features.count, initial: 0)
    pool.parallelFor(count: features.count) { feature, _ in
      let words = dataset.blocks[feature / WordBlock.width].words.pointer
      let shift = UInt64(8 * (feature % WordBlock.width))
      let own = common[feature]
      var count = 0
      for row in 0..<dataset.rows { count &+= (words[row] >> shift) & 255 == own ? 0 : 1 }
      away.pointer[feature] = count
      levels.pointer[feature] = features[feature].bins
      if features[feature].isEquality {
        var isSeen = [Bool](repeating: false, count: 256)
        for row in 0..<dataset.rows { isSeen[Int((words[row] >> shift) & 255)] = true }
        levels.pointer[feature] = isSeen.count { $0 }
      }
    }
    self.common = common
    self.away = features.indices.map { away.pointer[$0] }
    self.levels = features.indices.map { levels.pointer[$0] }
  }

  private static func bin(_ dataset: ObliviousDataset, _ feature: Int, row: Int) -> UInt64 {
    (dataset.blocks[feature / WordBlock.width].words.pointer[row] >> UInt64(8 * (feature % WordBlock.width)))
      & 255
  }

  /// Bundles made greedily in an order of features, those of the neighbouring columns tried first.
  private func bundles(_ order: [Int]) -> [[Int]] {
    let sorted = away.sorted()
    guard sorted.count > 1 else { return [] }
    var bundles: [Bundle] = []
    var bundleOfColumn: [Int: Int] = [:]
    var random = Philox(seed: 0, stream: 0)
    for feature in order where away[feature] + sorted[away[feature] == sorted[0] ? 1 : 0] <= dataset.rows {
      let column = dataset.features[feature].column
      let mask = mask(feature)
      func fits(_ bundle: Int) -> Bool {
        bundles[bundle].bins + levels[feature] - 1 < NoiseGroups.mostBins
          && bundles[bundle].away + away[feature] <= dataset.rows
      }
      func join(_ bundle: Int) -> Bool {
        for i in mask.indices where mask[i] & bundles[bundle].isAway[i] != 0 { return false }
        for i in mask.indices { bundles[bundle].isAway[i] |= mask[i] }
        bundles[bundle].features.append(feature)
        bundles[bundle].bins += levels[feature] - 1
        bundles[bundle].away += away[feature]
        bundleOfColumn[column] = bundle
        return true
      }
      var tried = [column - 1, column + 1].compactMap { bundleOfColumn[$0] }
      // A feature between two of a bundle that it does not fit stays alone.
      let isEnclosed = tried.count == 2 && tried[0] == tried[1]
      if isEnclosed { tried.removeLast() }
      if tried.contains(where: { fits($0) && join($0) }) || isEnclosed { continue }
      var open = bundles.indices.filter { !tried.contains($0) && fits($0) }
      let most = NoiseGroups.mostTried - tried.count
      if open.count > most {
        for i in 0..<most { open.swapAt(i, i + random.integer(below: open.count - i)) }
        open.removeLast(open.count - most)
      }
      if open.contains(where: join) { continue }
      bundles.append(Bundle(isAway: [UInt64](repeating: 0, count: mask.count)))
      _ = join(bundles.count - 1)
    }
    return bundles.map(\.features).filter { own in
      own.count > 1
        && (2 * own.count >= NoiseGroups.packWidth || own.contains { levels[$0] != 2 })
    }
  }

  /// Bits of the rows in which a feature has another bin than its common one.
  private func mask(_ feature: Int) -> [UInt64] {
    let words = dataset.blocks[feature / WordBlock.width].words.pointer
    let shift = UInt64(8 * (feature % WordBlock.width))
    let own = common[feature]
    var mask = [UInt64](repeating: 0, count: (dataset.rows + 63) / 64)
    mask.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: buffer.count, chunk: 1024) { range, _ in
        for i in range {
          var bits: UInt64 = 0
          for row in 64 * i..<min(64 * i + 64, dataset.rows) {
            bits |= ((words[row] >> shift) & 255 == own ? 0 : 1) << UInt64(row & 63)
          }
          target.pointer[i] = bits
        }
      }
    }
    return mask
  }
}
