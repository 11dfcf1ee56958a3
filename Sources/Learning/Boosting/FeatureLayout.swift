import Compute

/// Which byte of a row's words holds which features.
///
/// A byte column holds one feature, or a bundle of sparse features of which no row has two away from their most frequent
/// bins (exclusive feature bundling, Ke et al., NIPS 2017, with no conflicts allowed). Histograms of a bundle's
/// features are those of the features alone, to the bit: the most frequent bin is what the others leave of the node.
struct FeatureLayout: Sendable {
  /// Where a feature is.
  struct Place: Sendable {
    var block: Int
    var shift: UInt64
    /// Code of the feature's first bin beside its most frequent one; 0 for a feature that has its byte alone.
    var firstCode = 0
    /// The bin that a bundle leaves out.
    var frequentBin = 0

    var isBundled: Bool { firstCode > 0 }

    /// The bin that a byte stands for; `bins` is the feature's number of bins.
    @inline(__always)
    func bin(ofCode code: Int, bins: Int) -> Int {
      if !isBundled { return code }
      let index = code - firstCode
      if index < 0 || index >= bins - 1 { return frequentBin }
      return index < frequentBin ? index : index + 1
    }

    /// The byte that a bin away from the most frequent one has.
    @inline(__always)
    func code(ofBin bin: Int) -> Int { firstCode + (bin < frequentBin ? bin : bin - 1) }
  }

  /// (features).
  private(set) var places: [Place]
  /// (byte columns): the features of each.
  private(set) var columns: [[Int]]
  /// (blocks): the byte columns of each.
  let blocks: [Range<Int>]

  /// Every feature in a byte of its own, or bundled as given.
  init(features: Int, columns given: [[Int]]? = nil, frequentBins: [Int: Int] = [:], bins: [FeatureBins] = [])
  {
    let columns = given ?? (0..<features).map { [$0] }
    let blocks = FeatureLayout.evenBlocks(columns: columns.count)
    var places = [Place](repeating: Place(block: 0, shift: 0), count: features)
    for (block, range) in blocks.enumerated() {
      for index in range {
        var code = 1
        for feature in columns[index] {
          places[feature] = Place(block: block, shift: UInt64(8 * (index - range.lowerBound)))
          if columns[index].count == 1 { continue }
          places[feature].firstCode = code
          places[feature].frequentBin = frequentBins[feature] ?? 0
          code += bins[feature].bins - 1
        }
      }
    }
    self.places = places
    self.columns = columns
    self.blocks = blocks
  }

  /// As few blocks as hold the columns, at least two where that leaves each a few, of sizes that differ by one at most:
  /// blocks are what threads share, and nine columns would else be eight and one.
  private static func evenBlocks(columns: Int) -> [Range<Int>] {
    let width = BinnedDataset.blockFeatures
    let count = max((columns + width - 1) / width, min(2, columns / fewColumns))
    return (0..<count).map { columns * $0 / count..<columns * ($0 + 1) / count }
  }

  /// Columns that are worth a block of their own.
  private static let fewColumns = 3

  /// The features of a block, in the order of its bytes.
  func features(ofBlock block: Int) -> [Int] { blocks[block].flatMap { columns[$0] } }
}

extension FeatureLayout {
  /// A feature is sparse if so many of its rows are in one bin.
  private static let sparseShare = 0.8
  /// Rows looked at to pass over dense features quickly.
  private static let probe = 2000
  /// Bundles that a feature is tried with.
  private static let tries = 100

  /// Bundles sparse features whose rows away from their most frequent bins exclude one another, most rows first.
  ///
  /// - Parameter bin: the bin of a feature in a row.
  static func bundled(
    bins: [FeatureBins], rows: Int, pool: ThreadPool,
    bin: @escaping @Sendable (_ feature: Int) -> (Int) -> Int
  ) -> FeatureLayout {
    let features = bins.count
    var found = [(frequent: Int, rows: [Int32])](repeating: (0, []), count: features)
    found.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelFor(count: features) { feature, _ in
        if bins[feature].isConstant { return }
        target.pointer[feature] = sparseRows(bins: bins[feature].bins, rows: rows, bin: bin(feature))
      }
    }
    let sparse = found.indices.filter { !found[$0].rows.isEmpty }.sorted {
      found[$0].rows.count != found[$1].rows.count ? found[$0].rows.count > found[$1].rows.count : $0 < $1
    }
    var bundles: [(members: [Int], codes: Int, isTaken: [UInt64])] = []
    for feature in sparse {
      let own = found[feature].rows
      let codes = bins[feature].bins - 1
      let home = bundles.indices.suffix(tries).first { index in
        bundles[index].codes + codes <= 256
          && !own.contains { bundles[index].isTaken[Int($0) >> 6] >> UInt64($0 & 63) & 1 != 0 }
      }
      let index = home ?? bundles.count
      if home == nil {
        bundles.append(([], 1, [UInt64](repeating: 0, count: (rows + 63) / 64)))
      }
      bundles[index].members.append(feature)
      bundles[index].codes += codes
      for row in own { bundles[index].isTaken[Int(row) >> 6] |= 1 << UInt64(row & 63) }
    }
    // A bundle stands where its first feature stood.
    var leaders: [Int: [Int]] = [:]
    var isFollower = [Bool](repeating: false, count: features)
    for bundle in bundles where bundle.members.count > 1 {
      let members = bundle.members.sorted()
      leaders[members[0]] = members
      for member in members.dropFirst() { isFollower[member] = true }
    }
    if leaders.isEmpty { return FeatureLayout(features: features) }
    let columns = (0..<features).filter { !isFollower[$0] }.map { leaders[$0] ?? [$0] }
    return FeatureLayout(
      features: features, columns: columns,
      frequentBins: Dictionary(uniqueKeysWithValues: sparse.map { ($0, found[$0].frequent) }), bins: bins)
  }

  /// The most frequent bin and the rows in all others; no rows for a feature that is not sparse.
  private static func sparseRows(
    bins: Int, rows: Int, bin: (Int) -> Int
  ) -> (frequent: Int, rows: [Int32]) {
    func counts(_ sample: some Sequence<UInt8>) -> [Int] {
      var counts = [Int](repeating: 0, count: bins)
      for bin in sample { counts[Int(bin)] += 1 }
      return counts
    }
    let step = max(1, rows / probe)
    let probed = counts(stride(from: 0, to: rows, by: step).map { UInt8(bin($0)) })
    // A feature that just fails among so few rows may pass among all, but bundling it would gain little.
    if Double(probed.max() ?? 0) < sparseShare * Double(probed.reduce(0, +)) { return (0, []) }
    let all = (0..<rows).map { UInt8(bin($0)) }
    let total = counts(all)
    guard let most = total.max(), let frequent = total.firstIndex(of: most),
      Double(most) >= sparseShare * Double(rows)
    else { return (0, []) }
    return (frequent, all.indices.filter { all[$0] != UInt8(frequent) }.map { Int32($0) })
  }
}
