extension FeatureCatalogue {
  /// Trend direction and strength.
  static var trend: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "trend", unit, formula, make: make)
    }
    var all = [
      recipe("adx_14", "percent", "ADX(14), Wilder's smoothing") { $0.adx(14) },
      recipe("adxr_14", "percent", "(ADX(14)[t] + ADX(14)[t-13]) / 2") { $0.adxRating(14) },
      recipe("dx_14", "percent", "100 |DI+ - DI-| / (DI+ + DI-); 0 without directional movement") {
        $0.directionalIndex(14)
      },
      recipe("plus_di_14", "percent", "DI+(14); 0 when nothing moved") { $0.directional(14, up: true) },
      recipe("minus_di_14", "percent", "DI-(14); 0 when nothing moved") { $0.directional(14, up: false) },
      recipe("di_difference_14", "percent", "DI+(14) - DI-(14)") {
        $0.graph.difference($0.directional(14, up: true), $0.directional(14, up: false))
      },
      recipe("ichimoku_tenkan_distance", "fraction", "close / ((HH(9) + LL(9)) / 2) - 1") {
        $0.closeDistance(from: $0.middle(9))
      },
      recipe("ichimoku_kijun_distance", "fraction", "close / ((HH(26) + LL(26)) / 2) - 1") {
        $0.closeDistance(from: $0.middle(26))
      },
      recipe("ichimoku_tenkan_kijun", "fraction", "(tenkan(9) - kijun(26)) / close") {
        $0.relative($0.graph.difference($0.middle(9), $0.middle(26)))
      },
      recipe(
        "ichimoku_cloud_distance", "fraction",
        "close / middle of the cloud in force - 1; its spans were computed 26 bars ago"
      ) { bars in
        let (leading, lagging) = spans(bars)
        let middle = bars.graph.map("middle", leading, lagging) { each($0) { ($0 + $1) / 2 } }
        return bars.closeDistance(from: bars.graph.delay(middle, 26))
      },
      recipe(
        "ichimoku_cloud_thickness", "fraction",
        "(span A - span B) / close of the cloud in force, computed 26 bars ago"
      ) { bars in
        let (leading, lagging) = spans(bars)
        return bars.relative(bars.graph.delay(bars.graph.difference(leading, lagging), 26))
      },
      recipe("ichimoku_span_difference", "fraction", "(span A - span B) / close as computed now") { bars in
        let (leading, lagging) = spans(bars)
        return bars.relative(bars.graph.difference(leading, lagging))
      },
      recipe("psar_distance", "fraction", "(close - parabolic stop(0.02, 0.2)) / close") { bars in
        let stop = bars.graph.parabolicStop(
          high: bars.high, low: bars.low, acceleration: 0.02, maximum: 0.2)
        return bars.relative(bars.graph.difference(bars.close, stop))
      },
      recipe("vortex_14", "ratio", "VI+(14) - VI-(14); 0 when nothing moved") { $0.vortex(14) },
      recipe("choppiness_14", "percent", "100 ln(sum TR / (HH - LL)) / ln 14; 50 without range") {
        $0.choppiness(14)
      },
    ]
    all += [14, 60].flatMap { length in
      [
        recipe(
          "linearreg_slope_\(length)", "fraction",
          "least-squares slope per bar through \(length) closes, / close"
        ) {
          $0.relative($0.graph.regression($0.close, length).slope)
        },
        recipe(
          "linearreg_r2_\(length)", "fraction",
          "R² of the least-squares line through \(length) closes; 0 when flat"
        ) {
          $0.graph.regression($0.close, length).fit
        },
      ]
    }
    all += [10, 30, 60].map { length in
      recipe(
        "efficiency_ratio_\(length)", "fraction",
        "|close[t] - close[t-\(length)]| / sum |moves|; 0 without moves"
      ) {
        $0.efficiency($0.close, length)
      }
    }
    all += [60, 240, 1440].flatMap { length in
      [
        recipe("drawdown_\(length)", "fraction", "close / max(close, \(length)) - 1") {
          $0.closeDistance(from: $0.graph.maximum($0.close, length))
        },
        recipe("runup_\(length)", "fraction", "close / min(close, \(length)) - 1") {
          $0.closeDistance(from: $0.graph.minimum($0.close, length))
        },
      ]
    }
    all += [
      recipe("bars_since_high_60", "fraction", "bars since the highest high of 60 bars, / 59") {
        $0.graph.scaled($0.graph.extremumAge($0.high, 60, largest: true), 1.0 / 59)
      },
      recipe("bars_since_low_60", "fraction", "bars since the lowest low of 60 bars, / 59") {
        $0.graph.scaled($0.graph.extremumAge($0.low, 60, largest: false), 1.0 / 59)
      },
      recipe(
        "close_rank_60", "fraction", "share of the 59 closes before that lie below this one, equals half"
      ) {
        $0.graph.rank($0.close, 60)
      },
    ]
    return all
  }

  /// Ichimoku's leading spans as computed at the bar itself.
  private static func spans(_ bars: Bars) -> (a: Lane, b: Lane) {
    (
      bars.graph.map("middle", bars.middle(9), bars.middle(26)) { each($0) { ($0 + $1) / 2 } },
      bars.middle(52)
    )
  }
}
