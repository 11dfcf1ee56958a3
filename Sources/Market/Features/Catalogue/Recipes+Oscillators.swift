extension FeatureCatalogue {
  /// Oscillators, on TA-Lib's scales.
  static var oscillators: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "oscillators", unit, formula, make: make)
    }
    var all = [7, 14, 21].map { length in
      recipe("rsi_\(length)", "percent", "RSI(\(length)), Wilder's smoothing; 50 when nothing moved") {
        $0.rsi(length)
      }
    }
    all += [
      recipe("stochrsi_k_14", "percent", "RSI(14) between its minimum and maximum of 14 bars; 50 when flat") {
        $0.stochasticRSI(14, 14)
      },
      recipe("stochrsi_d_14", "percent", "SMA(stochrsi_k_14, 3)") { $0.sma($0.stochasticRSI(14, 14), 3) },
      recipe("stochf_k_5", "percent", "100 (close - LL(5)) / (HH(5) - LL(5)); 50 without range") {
        $0.stochastic(5)
      },
      recipe("stochf_d_5_3", "percent", "SMA(stochf_k_5, 3)") { $0.sma($0.stochastic(5), 3) },
      recipe(
        "stoch_k_14_3", "percent", "SMA of 3 of 100 (close - LL(14)) / (HH(14) - LL(14)); 50 without range"
      ) {
        $0.sma($0.stochastic(14), 3)
      },
      recipe("stoch_d_14_3_3", "percent", "SMA(stoch_k_14_3, 3)") { $0.sma($0.sma($0.stochastic(14), 3), 3) },
      recipe("willr_14", "percent", "-100 (HH(14) - close) / (HH(14) - LL(14)); -50 without range") {
        $0.graph.map("lessHundred", $0.stochastic(14)) { each($0) { $0 - 100 } }
      },
      recipe(
        "cci_14", "ratio", "(TP - SMA(TP, 14)) / (0.015 mean|TP - SMA|), TP = (H + L + C) / 3; 0 when flat"
      ) {
        $0.cci(14)
      },
      recipe(
        "cci_20", "ratio", "(TP - SMA(TP, 20)) / (0.015 mean|TP - SMA|), TP = (H + L + C) / 3; 0 when flat"
      ) {
        $0.cci(20)
      },
      recipe(
        "cmo_14", "percent", "100 (gain - loss) / (gain + loss), Wilder's smoothing; 0 when nothing moved"
      ) {
        $0.cmo(14)
      },
      recipe("mfi_14", "percent", "money flow index of 14 bars; 50 when no money flowed") {
        $0.moneyFlowIndex(14)
      },
      recipe("ultosc_7_14_28", "percent", "ultimate oscillator; a window without range counts as its middle")
      {
        $0.ultimate(7, 14, 28)
      },
      recipe("macd_12_26", "fraction", "(EMA(12) - EMA(26)) / close") { $0.relative($0.macd(12, 26)) },
      recipe("macd_signal_9", "fraction", "EMA(MACD(12, 26), 9) / close") {
        $0.relative($0.ema($0.macd(12, 26), 9))
      },
      recipe("macd_histogram_9", "fraction", "(MACD(12, 26) - EMA(MACD, 9)) / close") {
        $0.relative($0.graph.difference($0.macd(12, 26), $0.ema($0.macd(12, 26), 9)))
      },
      recipe("ppo_12_26", "percent", "100 (EMA(12) - EMA(26)) / EMA(26)") { $0.ppo(12, 26) },
      recipe("ppo_histogram_9", "percent", "PPO(12, 26) - EMA(PPO, 9)") {
        $0.graph.difference($0.ppo(12, 26), $0.ema($0.ppo(12, 26), 9))
      },
      recipe("trix_15", "percent", "one-bar rate of change of EMA(EMA(EMA(close, 15), 15), 15)") {
        $0.trix(15)
      },
      recipe("aroon_up_25", "percent", "100 (25 - bars since the highest high of 26 bars) / 25") {
        $0.aroon(25, up: true)
      },
      recipe("aroon_down_25", "percent", "100 (25 - bars since the lowest low of 26 bars) / 25") {
        $0.aroon(25, up: false)
      },
      recipe("aroon_oscillator_25", "percent", "aroon_up_25 - aroon_down_25") {
        $0.graph.difference($0.aroon(25, up: true), $0.aroon(25, up: false))
      },
      recipe(
        "tsi_25_13", "percent", "100 EMA(EMA(move, 25), 13) / EMA(EMA(|move|, 25), 13); 0 when nothing moved"
      ) {
        $0.trueStrength(25, 13)
      },
      recipe("awesome_5_34", "fraction", "(SMA(M, 5) - SMA(M, 34)) / close, M = (high + low) / 2") { bars in
        let middle = bars.graph.map("middle", bars.high, bars.low) { each($0) { ($0 + $1) / 2 } }
        return bars.relative(bars.graph.difference(bars.sma(middle, 5), bars.sma(middle, 34)))
      },
      recipe("bull_power_13", "fraction", "(high - EMA(close, 13)) / close") {
        $0.relative($0.graph.difference($0.high, $0.ema($0.close, 13)))
      },
      recipe("bear_power_13", "fraction", "(low - EMA(close, 13)) / close") {
        $0.relative($0.graph.difference($0.low, $0.ema($0.close, 13)))
      },
    ]
    return all
  }
}
