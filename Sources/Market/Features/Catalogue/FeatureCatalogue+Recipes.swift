import Market

extension FeatureCatalogue {
  /// All recipes for candles of one interval, in catalogue order.
  static func recipes(for interval: Interval) -> [FeatureRecipe] {
    let base = returns
    let timeframes: [(Int64, String)] = [(300_000, "5m"), (900_000, "15m"), (3_600_000, "1h")]
    var all = base
    for (length, suffix) in timeframes
    where length > interval.milliseconds && length % interval.milliseconds == 0 {
      all += returns.prefix(1).map { $0.on(length, suffix: suffix) }
    }
    return all
  }

  /// Returns over several horizons.
  static var returns: [FeatureRecipe] {
    [1, 3, 5, 10, 15, 30, 60, 120, 240, 1440].map { length in
      FeatureRecipe("log_return_\(length)", "returns", "log", "ln(close[t] / close[t-\(length)])") {
        $0.logReturn(length)
      }
    }
  }
}
