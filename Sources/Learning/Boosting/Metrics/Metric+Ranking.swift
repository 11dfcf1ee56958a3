import Compute

extension Metric {
  /// The mean of a ranking metric over the queries.
  ///
  /// A query without a relevant row counts 1, in XGBoost even regardless of its weight. A query weighs the mean
  /// weight of its rows.
  func ranking(
    _ predictions: [Float], _ rows: LabelledRows, settings: ObjectiveSettings, pool: ThreadPool
  ) -> Double {
    let queries = rows.queries ?? QueryGroups(queries: [Int32](repeating: 0, count: rows.count))
    let position = number.map { Int($0) } ?? settings.positions.last ?? rows.count
    let values = Storage<SIMD2<Double>>(max(queries.count, 1), initial: .zero)
    pool.parallelChunks(of: queries.count, chunk: 16) { range, _ in
      for query in range {
        let own = queries.rows[queries.offsets[query]..<queries.offsets[query + 1]].map { Int($0) }
        let weight = own.reduce(0) { $0 + rows.weight($1) } / Double(own.count)
        // Equal predictions keep their order.
        let order = own.indices.sorted { a, b in
          predictions[own[a]] != predictions[own[b]] ? predictions[own[a]] > predictions[own[b]] : a < b
        }
        let labels = order.map { rows.labels[own[$0]] }
        let value =
          kind == .ndcg
          ? Metric.gain(labels, position: position, settings: settings)
          : Metric.precision(labels, position: position)
        values.pointer[query] = SIMD2(
          value.map { $0 * weight } ?? (settings.followsLightGBM ? weight : 1), weight)
      }
    }
    var sum = SIMD2<Double>.zero
    for query in 0..<queries.count { sum += values.pointer[query] }
    return sum.y > 0 ? sum.x / sum.y : .nan
  }

  /// DCG over the best possible DCG of labels in predicted order, nil if none is relevant.
  private static func gain(_ labels: [Float], position: Int, settings: ObjectiveSettings) -> Double? {
    func sum(_ labels: [Float]) -> Double {
      labels.prefix(position).enumerated().reduce(0) {
        $0 + settings.gain($1.element) * ObjectiveSettings.discount($1.offset)
      }
    }
    let best = sum(labels.sorted { settings.gain($0) > settings.gain($1) })
    return best > 0 ? sum(labels) / best : nil
  }

  /// Mean of the precisions at the relevant rows among the first, nil if none is relevant.
  private static func precision(_ labels: [Float], position: Int) -> Double? {
    let relevant = labels.count { $0 > 0.5 }
    guard relevant > 0 else { return nil }
    var hits = 0.0
    var sum = 0.0
    for (rank, label) in labels.prefix(position).enumerated() where label > 0.5 {
      hits += 1
      sum += hits / Double(rank + 1)
    }
    return sum / Double(min(relevant, position, labels.count))
  }
}
