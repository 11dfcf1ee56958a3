extension FeatureCatalogue {
  /// Volume, trades and takers.
  static var volume: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "volume", unit, formula, make: make)
    }
    var all = [20, 60, 240].map { length in
      recipe("volume_z_\(length)", "sigma", "z-score of volume over \(length) bars; 0 when constant") {
        $0.graph.zScore($0.volume, length)
      }
    }
    all += [(1, 20), (5, 60), (60, 1440)].map { short, long in
      recipe(
        "volume_ratio_\(short)_\(long)", "ratio",
        "mean(volume, \(short)) / mean(volume, \(long)); 0 without volume"
      ) {
        $0.meanRatio($0.volume, short, long)
      }
    }
    all += [20, 60].flatMap { length in
      [
        recipe("obv_change_\(length)", "fraction", "change of on-balance volume / volume over \(length) bars")
        {
          $0.onBalance(length)
        },
        recipe("cmf_\(length)", "fraction", "Chaikin money flow of \(length) bars; 0 without volume") {
          $0.chaikinMoneyFlow(length)
        },
      ]
    }
    all += [20, 60, 240].map { length in
      recipe(
        "vwap_distance_\(length)", "fraction",
        "close / VWAP of typical price over \(length) bars - 1; 0 without volume"
      ) {
        $0.closeDistance(from: $0.vwap(length))
      }
    }
    all += [
      recipe(
        "vwap_day_distance", "fraction",
        "close / VWAP of typical price since 00:00 UTC - 1; unknown until a day began after the start or gap"
      ) { bars in
        let average = bars.graph.sessionAverage(
          bars.typicalPrice, bars.volume, dayStart: bars.inputs.dayStart)
        return bars.closeDistance(from: average)
      },
      recipe(
        "amihud_ratio_20_240", "ratio",
        "mean(|r| / (close volume), 20) over the same of 240 bars; 0 when flat"
      ) {
        $0.meanRatio($0.illiquidity, 20, 240)
      },
      recipe(
        "price_volume_correlation_20", "correlation", "corr(close, volume, 20); 0 when either is constant"
      ) {
        $0.graph.correlation($0.close, $0.volume, 20)
      },
      recipe(
        "return_volume_correlation_60", "correlation", "corr(|r|, volume, 60) of log returns; 0 when constant"
      ) {
        $0.graph.correlation(
          $0.graph.map("absolute", $0.logReturn(1)) { each($0) { abs($0) } }, $0.volume, 60,
          floorX: Bars.flatReturn)
      },
    ]
    return all + trades
  }

  /// What only sources with trade counts and taker volumes know.
  private static var trades: [FeatureRecipe] {
    func count(_ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane)
      -> FeatureRecipe
    {
      FeatureRecipe(name, "trades", unit, formula, source: .tradeCount, make: make)
    }
    return [
      count("trade_count_z_60", "sigma", "z-score of the trade count over 60 bars; 0 when constant") {
        $0.graph.zScore($0.inputs.tradeCount, 60)
      },
      count("trade_count_ratio_5_60", "ratio", "mean(trades, 5) / mean(trades, 60); 0 without trades") {
        $0.meanRatio($0.inputs.tradeCount, 5, 60)
      },
      count("trade_size_z_60", "sigma", "z-score of volume per trade over 60 bars; 0 when constant") {
        $0.graph.zScore($0.tradeSize, 60)
      },
      count(
        "trade_size_ratio_5_60", "ratio",
        "mean(volume per trade, 5) / mean(volume per trade, 60); 0 without trades"
      ) {
        $0.meanRatio($0.tradeSize, 5, 60)
      },
    ]
      + [1, 5, 15, 60].map { length in
        FeatureRecipe(
          "taker_imbalance_\(length)", "trades", "fraction",
          "(taker buys - taker sells) / volume over \(length) bars; 0 without volume", source: .takerBuyVolume
        ) { $0.takerImbalance(length) }
      }
      + [
        FeatureRecipe(
          "taker_imbalance_z_60", "trades", "sigma",
          "z-score of taker_imbalance_1 over 60 bars; 0 when constant", source: .takerBuyVolume
        ) { $0.graph.zScore($0.takerImbalance(1), 60) }
      ]
  }
}
