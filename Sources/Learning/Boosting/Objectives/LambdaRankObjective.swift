import Compute
import Diagnostics
import Glibc
import Trees

/// LambdaMART's surrogate of NDCG: each pair of rows of one query with different grades pulls them apart with
/// |ΔNDCG| · σ(s_low - s_high).
///
/// Source: Burges, "From RankNet to LambdaRank to LambdaMART: An Overview" (MSR-TR-2010-82); the details are LightGBM's
/// (`src/objective/rank_objective.hpp`) or XGBoost's (`src/objective/lambdarank_obj.cc`, pair method `topk`).
struct LambdaRankObjective: TrainingObjective {
  let outputs = 1
  let link = Forest.Link.identity
  let rows: TrainingRows
  let queries: QueryGroups
  let settings: ObjectiveSettings
  let style: BoostingConfiguration.Style
  /// 1 / best possible DCG of each query, 0 where no row is relevant.
  private let inverseBest: [Double]
  /// 1 / log₂(place + 2) of every place that a query has.
  private let discounts: [Double]
  /// Queries over the sum of their weights (XGBoost).
  private let weightFactor: Double

  /// XGBoost's smallest hessian of a pair.
  private static let smallestHessian = 1e-16

  init(
    configuration: BoostingConfiguration, rows: TrainingRows, queryNumbers: [Int32]?
  ) throws(TernError) {
    guard let queryNumbers else {
      throw TernError(
        .data, "ranking needs to know which rows belong to one query", key: "group",
        expected: "a query number for each row")
    }
    settings = configuration.objectiveSettings
    style = configuration.style
    self.rows = rows
    queries = QueryGroups(queries: queryNumbers, selection: rows.selection)
    let limit = LambdaRankObjective.largestGrade(settings)
    try rows.check("lambdarank", expected: "0, 1, … \(Int(limit))") {
      $0 >= 0 && $0 <= limit && $0 == $0.rounded()
    }
    let levels = settings
    let groups = queries
    inverseBest = (0..<groups.count).map { query in
      let own = groups.rows[groups.offsets[query]..<groups.offsets[query + 1]]
      let gains = own.map { levels.gain(rows.all.labels[Int($0)]) }.sorted(by: >)
      let best = gains.prefix(levels.lambdarankTruncationLevel).enumerated().reduce(0) {
        $0 + $1.element * ObjectiveSettings.discount($1.offset)
      }
      return best > 0 ? 1 / best : 0
    }
    let longest = (0..<groups.count).map { groups.offsets[$0 + 1] - groups.offsets[$0] }.max() ?? 0
    discounts = (0..<longest).map { ObjectiveSettings.discount($0) }
    var factor = 1.0
    if style != .lightgbm, let weights = rows.all.weights {
      var sum = 0.0
      for query in 0..<groups.count {
        let own = groups.rows[groups.offsets[query]..<groups.offsets[query + 1]].map { weights[Int($0)] }
        guard own.allSatisfy({ $0 == own[0] }) else {
          throw TernError(
            .data, "the rows of query \(query) differ in weight, but a query has one weight", key: "weight",
            found: "\(own[0]) and others", expected: "equal weights")
        }
        sum += Double(own[0])
      }
      factor = sum > 0 ? Double(groups.count) / sum : 0
    }
    weightFactor = factor
  }

  var estimatedBase: [Double] { [0] }

  private static func largestGrade(_ settings: ObjectiveSettings) -> Float {
    settings.labelGain.isEmpty
      ? (settings.ndcgExpGain ? 30 : Float(Int32.max)) : Float(settings.labelGain.count - 1)
  }

  func check(validation labels: [Float]) throws(TernError) {
    let limit = LambdaRankObjective.largestGrade(settings)
    if let wrong = labels.first(where: { !($0 >= 0 && $0 <= limit && $0 == $0.rounded()) }) {
      throw TernError(
        .data, "a validation label is not a relevance grade", key: "label", found: "\(wrong)",
        expected: "0, 1, … \(Int(limit))")
    }
  }

  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool
  ) {
    let margin = SharedPointer(margins)
    let output = SharedPointer(target)
    pool.parallelChunks(of: queries.count, chunk: 4) { range, _ in
      var query = RankedQuery()
      for index in range {
        query.load(self, index, margin.pointer)
        let isLightGBM = style == .lightgbm
        var sum = 0.0
        for i in 0..<min(max(query.rows.count - 1, 0), settings.lambdarankTruncationLevel) {
          for j in (i + 1)..<query.rows.count where query.grades[i] != query.grades[j] {
            let (high, low) = query.grades[i] > query.grades[j] ? (i, j) : (j, i)
            let pair =
              isLightGBM
              ? lightgbmPair(query, high, low, inverseBest: inverseBest[index])
              : xgboostPair(query, high, low, inverseBest: inverseBest[index])
            query.derivatives[high] += pair
            query.derivatives[low] += SIMD2(-pair.x, pair.y)
            sum -= 2 * pair.x
          }
        }
        var factor = settings.lambdarankNorm && sum > 0 ? log2(1 + sum) / sum : 1
        if !isLightGBM { factor *= weightFactor }
        for (place, row) in query.rows.enumerated() {
          output.pointer[row] = SIMD2<Float>(query.derivatives[place] * factor * rows.all.weight(row))
        }
      }
    }
  }

  /// Gradient of the better row and hessian of both.
  private func lightgbmPair(
    _ query: RankedQuery, _ high: Int, _ low: Int, inverseBest: Double
  ) -> SIMD2<Double> {
    let distance = Double(query.scores[high]) - Double(query.scores[low])
    var delta =
      (query.gains[high] - query.gains[low])
      * abs(discounts[high] - discounts[low]) * inverseBest
    if settings.lambdarankNorm, query.scores.first != query.scores.last {
      delta /= Double(Float(0.01)) + abs(distance)
    }
    let sigmoid = settings.sigmoid
    let p = lightgbmSigmoid(distance)
    return SIMD2(-sigmoid * delta * p, sigmoid * sigmoid * delta * p * (1 - p))
  }

  /// 1 / (1 + exp(σ s)) at the lower end of one of LightGBM's 2²⁰ intervals of ±25 / σ.
  private func lightgbmSigmoid(_ score: Double) -> Double {
    let bins = Double(1 << 20)
    let smallest = -25 / settings.sigmoid
    let perScore = bins / (-2 * smallest)
    let index = min(max(((score - smallest) * perScore).rounded(.down), 0), bins - 1)
    return 1 / (1 + exp((index / perScore + smallest) * settings.sigmoid))
  }

  private func xgboostPair(
    _ query: RankedQuery, _ high: Int, _ low: Int, inverseBest: Double
  ) -> SIMD2<Double> {
    let difference = query.scores[high] - query.scores[low]
    let sigmoid = Double(1 / (1 + expf(-difference)))
    let change =
      (query.gains[high] - query.gains[low])
      * (discounts[high] - discounts[low]) * inverseBest
    var delta = abs(change)
    if settings.lambdarankScoreNormalization, query.scores.first != query.scores.last {
      delta /= Double(abs(difference)) + 0.01
    }
    let second = max(sigmoid * (1 - sigmoid), LambdaRankObjective.smallestHessian)
    return SIMD2((sigmoid - 1) * delta, second * delta * 2)
  }
}

/// A query's rows in the order of their scores, best first, equal scores in row order.
private struct RankedQuery {
  var rows: [Int] = []
  var scores: [Float] = []
  var grades: [Float] = []
  var gains: [Double] = []
  var derivatives: [SIMD2<Double>] = []

  mutating func load(_ objective: LambdaRankObjective, _ query: Int, _ margins: UnsafeMutablePointer<Float>) {
    let own = objective.queries.rows[objective.queries.offsets[query]..<objective.queries.offsets[query + 1]]
    rows = own.map { Int($0) }
    rows.sort { margins[$0] != margins[$1] ? margins[$0] > margins[$1] : $0 < $1 }
    scores = rows.map { margins[$0] }
    grades = rows.map { objective.rows.all.labels[$0] }
    gains = grades.map { objective.settings.gain($0) }
    derivatives = [SIMD2<Double>](repeating: .zero, count: rows.count)
  }
}
