extension FeatureCatalogue {
  /// Distances from moving averages.
  static var averages: [FeatureRecipe] {
    func distance(_ name: String, _ formula: String, _ make: @escaping (Bars) -> Lane) -> FeatureRecipe {
      FeatureRecipe("\(name)_distance", "averages", "fraction", "close / \(formula) - 1") {
        $0.closeDistance(from: make($0))
      }
    }
    var all = [5, 10, 20, 50, 100, 200].map { length in
      distance("sma_\(length)", "SMA(\(length))") { $0.sma($0.close, length) }
    }
    all += [9, 12, 21, 26, 50, 100, 200].map { length in
      distance("ema_\(length)", "EMA(\(length)), seeded by the first SMA") { $0.ema($0.close, length) }
    }
    all += [
      distance("wma_20", "WMA(20)") { $0.graph.wma($0.close, 20) },
      distance("dema_20", "DEMA(20) = 2E - E(E)") { $0.dema($0.close, 20) },
      distance("tema_20", "TEMA(20) = 3E - 3E(E) + E(E(E))") { $0.tema($0.close, 20) },
      distance("trima_20", "TRIMA(20) = SMA(SMA(close, 11), 10)") { $0.trima($0.close, 20) },
      distance("kama_10", "KAMA(10), weights of EMA 2 to EMA 30") { $0.kama($0.close, 10) },
      distance("t3_5", "T3(5), volume factor 0.7") { $0.t3($0.close, 5, factor: 0.7) },
      distance("hma_16", "HMA(16) = WMA(2 WMA(8) - WMA(16), 4)") { $0.hull($0.close, 16, root: 4) },
      distance("vwma_20", "VWMA(20); 0 without volume") { $0.vwma(20) },
      distance("linearreg_14", "endpoint of the least-squares line through 14 closes") {
        $0.regressionEnd(14)
      },
      distance("tsf_14", "least-squares line through 14 closes, one bar ahead") {
        $0.regressionEnd(14, ahead: 1)
      },
      distance("midpoint_14", "(max(close, 14) + min(close, 14)) / 2") { bars in
        bars.graph.map(
          "middle", bars.graph.maximum(bars.close, 14), bars.graph.minimum(bars.close, 14)
        ) { each($0) { ($0 + $1) / 2 } }
      },
      distance("midprice_14", "(max(high, 14) + min(low, 14)) / 2") { $0.middle(14) },
      FeatureRecipe("ema_9_21_spread", "averages", "fraction", "EMA(9) / EMA(21) - 1") {
        $0.graph.distance($0.ema($0.close, 9), from: $0.ema($0.close, 21))
      },
      FeatureRecipe("sma_50_200_spread", "averages", "fraction", "SMA(50) / SMA(200) - 1") {
        $0.graph.distance($0.sma($0.close, 50), from: $0.sma($0.close, 200))
      },
      FeatureRecipe("ema_21_slope_5", "averages", "fraction", "EMA(21)[t] / EMA(21)[t-5] - 1") {
        $0.graph.distance($0.ema($0.close, 21), from: $0.graph.delay($0.ema($0.close, 21), 5))
      },
      FeatureRecipe("sma_50_slope_10", "averages", "fraction", "SMA(50)[t] / SMA(50)[t-10] - 1") {
        $0.graph.distance($0.sma($0.close, 50), from: $0.graph.delay($0.sma($0.close, 50), 10))
      },
    ]
    return all
  }
}
