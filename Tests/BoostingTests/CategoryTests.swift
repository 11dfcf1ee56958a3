import Compute
import Testing
import Trees

@testable import Boosting

@Suite("Categorical splits")
struct CategoryTests {
  /// A column of skewed categories, some unknown, some missing, beside a numeric one.
  private func table(rows: Int, categories: Int, seed: UInt64, missing: Double = 0.1) -> TrainingTable {
    var random = Philox(seed: seed)
    let effects = (0..<categories).map { _ in random.normal() }
    var codes: [Float] = []
    var numbers: [Float] = []
    var labels: [Float] = []
    for _ in 0..<rows {
      let code = min(random.integer(below: categories), random.integer(below: categories))
      let chance = random.uniform()
      let number = random.normal()
      codes.append(chance < missing ? .nan : chance < missing * 1.2 ? ColumnKind.unseen : Float(code))
      numbers.append(Float(number))
      labels.append(effects[code] + 0.5 * number + 0.3 * random.normal() > 0 ? 1 : 0)
    }
    return TrainingTable(
      featureNames: ["c", "x"], columns: [codes, numbers], labels: labels,
      kinds: [.categorical(vocabulary: (0..<categories).map { "c\($0)" }), .numeric])
  }

  /// The gain found is that of the best of all two-way partitions: with a convex loss one of the prefixes in order of
  /// G / H is (Fisher 1958), as long as the order is that of leaf values.
  @Test(arguments: [3, 7, 10])
  func partitionsAreOptimal(categories: Int) throws {
    var random = Philox(seed: 30)
    let configuration = try BoostingConfiguration(
      style: .xgboost,
      parameters: ["lambda": "0", "min_child_weight": "0", "max_cat_to_onehot": "1"])
    let search = SplitSearch(configuration: configuration, gradientStep: 1.0 / 256, hessianStep: 1.0 / 256)
    for _ in 0..<50 {
      let sums = (0..<categories).map { _ in
        SIMD2(Int64(random.integer(below: 4001)) - 2000, Int64(100 + random.integer(below: 3000)))
      }
      let total = sums.reduce(SIMD2<Int64>.zero) { $0 &+ $1 }
      var ignored = true
      let found = search.best(
        sums: sums,
        bins: FeatureBins(codes: (0..<Int32(categories)).map { $0 }, hasOther: false, hasMissing: false),
        node: NodeSums(gradient: total.x, hessian: total.y, rows: 1000), rule: FeatureRule(feature: 0),
        isSplittable: &ignored)
      func gain(_ sums: SIMD2<Int64>) -> Double { Double(sums.x * sums.x) / Double(sums.y) / 256 }
      var best = 0.0
      for subset in 1..<(1 << categories) - 1 {
        var left = SIMD2<Int64>.zero
        for bin in 0..<categories where subset >> bin & 1 != 0 { left &+= sums[bin] }
        best = max(best, gain(left) + gain(total &- left) - gain(total))
      }
      // The search rounds a loss change to single precision, as XGBoost does.
      #expect(abs(found.gain - best) <= 1e-5 * max(1, best))
      var members = SIMD2<Int64>.zero
      for bin in 0..<categories where found.members.holds(bin) { members &+= sums[bin] }
      #expect(total &- members == SIMD2(found.leftGradient, found.leftHessian))
    }
  }

  /// LightGBM's choice among the partitions that its limits admit, tried one by one.
  @Test
  func lightgbmPartitionsAreTheBestAdmitted() throws {
    var random = Philox(seed: 31)
    let configuration = try BoostingConfiguration(
      style: .lightgbm,
      parameters: [
        "min_data_per_group": "1", "min_data_in_leaf": "1", "cat_smooth": "0", "cat_l2": "2",
        "min_sum_hessian_in_leaf": "0",
      ])
    let search = SplitSearch(configuration: configuration, gradientStep: 1.0 / 256, hessianStep: 1)
    for _ in 0..<50 {
      let categories = 5 + random.integer(below: 5)
      let sums = (0..<categories).map { _ in
        SIMD2(Int64(random.integer(below: 40_001)) - 20_000, Int64(20 + random.integer(below: 300)))
      }
      let total = sums.reduce(SIMD2<Int64>.zero) { $0 &+ $1 }
      var splittable = true
      let found = search.best(
        sums: sums,
        bins: FeatureBins(codes: (0..<Int32(categories)).map { $0 }, hasOther: false, hasMissing: false),
        node: NodeSums(gradient: total.x, hessian: total.y, rows: Int(total.y)),
        rule: FeatureRule(feature: 0),
        isSplittable: &splittable)
      func gain(_ sums: SIMD2<Int64>) -> Double {
        let g = Double(sums.x) / 256
        return g * g / (Double(sums.y) + 2)
      }
      let order = (0..<categories).sorted {
        Double(sums[$0].x) / Double(sums[$0].y) < Double(sums[$1].x) / Double(sums[$1].y)
      }
      var best = 0.0
      for count in 1...(categories + 1) / 2 {
        for chosen in [order.prefix(count), order.suffix(count)] {
          let left = chosen.reduce(SIMD2<Int64>.zero) { $0 &+ sums[$1] }
          if left.y == total.y { continue }
          best = max(best, gain(left) + gain(total &- left))
        }
      }
      let parent = Double(total.x) / 256 * (Double(total.x) / 256) / Double(total.y)
      #expect(found.exists == (best > parent))
      // Sums carry LightGBM's epsilon of 1e-15.
      if found.exists { #expect(abs(found.gain - (best - parent)) <= 1e-9 * max(1, best)) }
    }
  }

  /// The margins followed in training on bins are those of the forest on codes, for unknown and missing ones too.
  @Test(arguments: BoostingConfiguration.Style.allCases, [3, 12, 400])
  func historyIsThatOfTheForest(style: BoostingConfiguration.Style, categories: Int) throws {
    let table = table(rows: 6000, categories: categories, seed: 32)
    let settings = try BoostingConfiguration(
      style: style, parameters: ["objective": "binary", "num_boost_round": "15", "min_data_per_group": "20"])
    let results = try [1, 3].map {
      try Booster.train(configuration: settings, train: table, valid: table, pool: ThreadPool(threads: $0))
    }
    #expect(results[0].forest == results[1].forest)
    let pool = ThreadPool(threads: 2)
    let predictions = try results[0].forest.addedInFloat.predict(columns: table.columns, pool: pool)
    let loss = Metric.logloss.evaluate(
      predictions: predictions, labels: table.labels, weights: nil, pool: pool)
    #expect(results[0].history.allSatisfy { $0.values.last == loss })
    #expect(results[0].forest.importances()[0].splits > 5)
    // Codes that training never met go where unknown ones do.
    let unknown = try results[0].forest.predict(columns: [[-1, 5000], [0, 0]], pool: pool)
    #expect(unknown[0] == unknown[1])
  }
}
