extension FeatureCatalogue {
  /// Volatility, channels, and the shape of returns.
  static var volatility: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "volatility", unit, formula, make: make)
    }
    var all = [
      recipe("true_range_relative", "fraction", "true range / close") { $0.relative($0.trueRange) },
      recipe("natr_14", "percent", "100 ATR(14) / close, Wilder's smoothing") {
        $0.graph.scaled($0.relative($0.averageTrueRange(14)), 100)
      },
      recipe("atr_ratio_7_28", "ratio", "ATR(7) / ATR(28); 1 when nothing moved") { bars in
        bars.graph.map("atrRatio", bars.averageTrueRange(7), bars.averageTrueRange(28), bars.close) {
          each($0) {
            $1 <= 1e-12 * $2 ? 1 : $0 / $1
          }
        }
      },
      recipe(
        "bollinger_b_20", "fraction", "(close - lower) / (upper - lower), bands SMA(20) ± 2σ; 0.5 when flat"
      ) {
        $0.bollingerPosition(20)
      },
      recipe("bollinger_bandwidth_20", "fraction", "(upper - lower) / SMA(20), bands SMA(20) ± 2σ") {
        $0.bollingerWidth(20)
      },
      recipe("keltner_position_20", "ratio", "(close - EMA(20)) / (2 ATR(10)); 0 when nothing moved") {
        bars in
        bars.graph.map(
          "keltner", bars.close, bars.ema(bars.close, 20), bars.averageTrueRange(10)
        ) { each($0) { $2 <= 1e-12 * $0 ? 0 : ($0 - $1) / (2 * $2) } }
      },
      recipe("keltner_width_20", "fraction", "4 ATR(10) / EMA(20)") {
        $0.graph.scaled($0.graph.quotient($0.averageTrueRange(10), $0.ema($0.close, 20)), 4)
      },
      recipe("squeeze_20", "ratio", "Bollinger bandwidth(20) / Keltner width(20); 0 when nothing moved") {
        bars in
        bars.graph.map(
          "squeeze", bars.bollingerWidth(20), bars.averageTrueRange(10), bars.ema(bars.close, 20)
        ) { each($0) { $1 <= 1e-12 * $2 ? 0 : $0 * $2 / (4 * $1) } }
      },
      recipe("donchian_position_20", "fraction", "(close - LL(20)) / (HH(20) - LL(20)); 0.5 without range") {
        $0.donchianPosition(20)
      },
      recipe("donchian_position_55", "fraction", "(close - LL(55)) / (HH(55) - LL(55)); 0.5 without range") {
        $0.donchianPosition(55)
      },
      recipe("donchian_width_20", "fraction", "(HH(20) - LL(20)) / close") {
        $0.relative($0.graph.difference($0.graph.maximum($0.high, 20), $0.graph.minimum($0.low, 20)))
      },
    ]
    all += [10, 20, 60, 240, 1440].map { length in
      recipe(
        "realised_volatility_\(length)", "log",
        "population standard deviation of \(length) one-bar log returns, per bar; 0 when flat"
      ) { $0.realisedVolatility(length) }
    }
    all += [20, 60].flatMap { length in
      [
        recipe("parkinson_\(length)", "log", "sqrt(mean(ln(H/L)², \(length)) / (4 ln 2)), per bar") {
          $0.parkinson(length)
        },
        recipe(
          "garman_klass_\(length)", "log",
          "sqrt(mean(ln(H/L)² / 2 - (2 ln 2 - 1) ln(C/O)², \(length))), per bar"
        ) { $0.garmanKlass(length) },
        recipe(
          "rogers_satchell_\(length)", "log",
          "sqrt(mean(ln(H/C) ln(H/O) + ln(L/C) ln(L/O), \(length))), per bar"
        ) { $0.rogersSatchell(length) },
        recipe(
          "yang_zhang_\(length)", "log",
          "sqrt(var(ln(O/C[t-1])) + k var(ln(C/O)) + (1 - k) RS), k = 0.34 / (1.34 + (n + 1) / (n - 1)), "
            + "n = \(length), sample variances, per bar"
        ) { $0.yangZhang(length) },
      ]
    }
    all += [(10, 60), (60, 240), (240, 1440)].map { short, long in
      recipe(
        "volatility_ratio_\(short)_\(long)", "ratio",
        "realised_volatility_\(short) / realised_volatility_\(long); 1 when flat"
      ) { bars in
        bars.graph.map("volatilityRatio", bars.realisedVolatility(short), bars.realisedVolatility(long)) {
          each($0) {
            $1 == 0 ? 1 : $0 / $1
          }
        }
      }
    }
    all += [
      recipe(
        "volatility_rank_240", "fraction",
        "share of 239 earlier values below realised_volatility_20, equals half"
      ) {
        $0.graph.rank($0.realisedVolatility(20), 240)
      },
      recipe("volatility_z_240", "sigma", "z-score of realised_volatility_20 over 240 bars; 0 when flat") {
        $0.graph.zScore($0.realisedVolatility(20), 240)
      },
      recipe(
        "downside_share_60", "fraction", "sqrt(sum of squared falls / sum of squared moves, 60); √½ when flat"
      ) {
        $0.downsideShare(60)
      },
      recipe("range_ratio_20", "ratio", "(H - L) / mean(H - L, 20); 0 without range") { bars in
        let range = bars.graph.difference(bars.high, bars.low)
        return bars.graph.ratio(range, bars.graph.mean(range, 20))
      },
    ]
    return all
  }

  /// Dependence, tails and disorder of returns.
  static var distribution: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "distribution", unit, formula, make: make)
    }
    return [
      recipe(
        "skewness_60", "ratio", "third standardised moment of 60 one-bar log returns, population; 0 when flat"
      ) {
        $0.graph.shape($0.logReturn(1), 60, floor: Bars.flatReturn).skewness
      },
      recipe(
        "excess_kurtosis_60", "ratio",
        "fourth standardised moment less 3 of 60 one-bar log returns; 0 when flat"
      ) {
        $0.graph.shape($0.logReturn(1), 60, floor: Bars.flatReturn).kurtosis
      },
      recipe(
        "autocorrelation_1_60", "correlation", "corr(r[t], r[t-1]) over 60 one-bar log returns; 0 when flat"
      ) {
        $0.autocorrelation($0.logReturn(1), lag: 1, 60)
      },
      recipe(
        "autocorrelation_1_240", "correlation", "corr(r[t], r[t-1]) over 240 one-bar log returns; 0 when flat"
      ) {
        $0.autocorrelation($0.logReturn(1), lag: 1, 240)
      },
      recipe(
        "autocorrelation_5_120", "correlation", "corr(r[t], r[t-5]) over 120 one-bar log returns; 0 when flat"
      ) {
        $0.autocorrelation($0.logReturn(1), lag: 5, 120)
      },
      recipe(
        "volatility_clustering_120", "correlation", "corr(|r[t]|, |r[t-1]|) over 120 log returns; 0 when flat"
      ) {
        $0.autocorrelation($0.graph.map("absolute", $0.logReturn(1)) { each($0) { abs($0) } }, lag: 1, 120)
      },
      recipe(
        "variance_ratio_4_120", "ratio", "mean(r4²) / (4 mean(r1²)) over 120 overlapping returns; 1 when flat"
      ) {
        $0.varianceRatio(step: 4, 120)
      },
      recipe(
        "variance_ratio_16_240", "ratio",
        "mean(r16²) / (16 mean(r1²)) over 240 overlapping returns; 1 when flat"
      ) {
        $0.varianceRatio(step: 16, 240)
      },
      recipe(
        "hurst_240", "ratio",
        "slope of ln sqrt(mean(rk², 240)) on ln k, k = 1, 2, 4, 8, 16 overlapping, cut to 0..1; 0.5 when flat"
      ) { $0.hurst(240) },
      recipe("permutation_entropy_3_60", "fraction", "entropy of 60 order patterns of 3 closes, / ln 6") {
        $0.graph.entropy($0.orderPattern, 60, symbols: 6)
      },
      recipe("permutation_entropy_3_240", "fraction", "entropy of 240 order patterns of 3 closes, / ln 6") {
        $0.graph.entropy($0.orderPattern, 240, symbols: 6)
      },
      recipe("sign_entropy_60", "fraction", "entropy of fall, no move, rise over 60 bars, / ln 3") {
        $0.graph.entropy($0.moveSymbol, 60, symbols: 3)
      },
      recipe(
        "return_entropy_120", "fraction",
        "entropy of 120 log returns in 8 bins of half a realised_volatility_60, / ln 8"
      ) { $0.graph.entropy($0.returnBin(60), 120, symbols: 8) },
    ]
  }
}
