import Market

extension FeatureCatalogue {
  /// All recipes for candles of one interval, in catalogue order.
  static func recipes(for interval: Interval) -> [FeatureRecipe] {
    let base = returns + averages + oscillators + trend + volatility + distribution + volume
    var all = base + geometry + calendar + funding + book
    let timeframes: [(Int64, String)] = [(300_000, "5m"), (900_000, "15m"), (3_600_000, "1h")]
    for (length, suffix) in timeframes
    where length > interval.milliseconds && length % interval.milliseconds == 0 {
      all += base.filter { higherTimeframeNames.contains($0.name) }.map { $0.on(length, suffix: suffix) }
    }
    return all
  }

  /// The indicators that are also computed on higher timeframes.
  static let higherTimeframeNames = [
    "log_return_1", "log_return_5", "ema_21_distance", "rsi_14", "stoch_k_14_3", "macd_histogram_9", "adx_14",
    "di_difference_14", "efficiency_ratio_10", "natr_14", "bollinger_b_20", "donchian_position_20",
    "realised_volatility_20", "volume_z_20", "mfi_14",
  ]
}
