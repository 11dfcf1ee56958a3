extension FeatureCatalogue {
  /// Candle shapes.
  static var geometry: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "geometry", unit, formula, make: make)
    }
    return [
      recipe("bop", "fraction", "(C - O) / (H - L), balance of power; 0 without range") { balance($0) },
      recipe("bop_mean_14", "fraction", "SMA(bop, 14)") { $0.sma(balance($0), 14) },
      recipe("upper_wick", "fraction", "(H - max(O, C)) / (H - L); 0 without range") { bars in
        bars.graph.map("upperWick", bars.open, bars.high, bars.low, bars.close) {
          each($0) { open, high, low, close in
            high == low ? 0 : (high - max(open, close)) / (high - low)
          }
        }
      },
      recipe("lower_wick", "fraction", "(min(O, C) - L) / (H - L); 0 without range") { bars in
        bars.graph.map("lowerWick", bars.open, bars.high, bars.low, bars.close) {
          each($0) { open, high, low, close in
            high == low ? 0 : (min(open, close) - low) / (high - low)
          }
        }
      },
      recipe("close_location", "fraction", "(C - L) / (H - L); 0.5 without range") { bars in
        bars.graph.map("closeLocation", bars.close, bars.high, bars.low) {
          each($0) { $1 == $2 ? 0.5 : ($0 - $2) / ($1 - $2) }
        }
      },
      recipe("range_relative", "fraction", "(H - L) / C") {
        $0.relative($0.graph.difference($0.high, $0.low))
      },
      recipe("body_relative", "fraction", "C / O - 1") { $0.graph.distance($0.close, from: $0.open) },
      recipe("gap_relative", "fraction", "O / C[t-1] - 1") {
        $0.graph.distance($0.open, from: $0.graph.delay($0.close, 1))
      },
    ]
  }

  private static func balance(_ bars: Bars) -> Lane {
    bars.graph.map("balance", bars.open, bars.high, bars.low, bars.close) {
      each($0) { open, high, low, close in
        high == low ? 0 : (close - open) / (high - low)
      }
    }
  }

  /// The clock: the instant of the close on the circle of a UTC day and of a week that starts on Monday.
  static var calendar: [FeatureRecipe] {
    [
      FeatureRecipe("time_of_day_sin", "calendar", "fraction", "sin(2π fraction of the UTC day at the close)")
      {
        $0.inputs.daySine
      },
      FeatureRecipe("time_of_day_cos", "calendar", "fraction", "cos(2π fraction of the UTC day at the close)")
      {
        $0.inputs.dayCosine
      },
      FeatureRecipe(
        "time_of_week_sin", "calendar", "fraction", "sin(2π fraction of the week from Monday 00:00 UTC)"
      ) {
        $0.inputs.weekSine
      },
      FeatureRecipe(
        "time_of_week_cos", "calendar", "fraction", "cos(2π fraction of the week from Monday 00:00 UTC)"
      ) {
        $0.inputs.weekCosine
      },
    ]
  }

  /// Funding of perpetual futures. Settlements at or before the close count; a rate older than a day is unknown. Gaps
  /// in the candles do not touch them.
  static var funding: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "funding", unit, formula, source: .funding, make: make)
    }
    return [
      recipe("funding_rate", "fraction", "latest rate per settlement") { $0.inputs.fundingRate },
      recipe("funding_change", "fraction", "latest rate less the one before") { $0.inputs.fundingChange },
      recipe("funding_mean_9", "fraction", "mean of the latest 9 rates") { $0.inputs.fundingMean },
      recipe("funding_z_30", "sigma", "z-score of the latest rate among the latest 30; 0 when constant") {
        $0.inputs.fundingScore
      },
      recipe(
        "time_to_funding", "fraction",
        "time to the next settlement / time between the last two; 0 when overdue"
      ) {
        $0.inputs.fundingWait
      },
    ]
  }

  /// The top of the book at the close: the latest quote within one interval before it.
  static var book: [FeatureRecipe] {
    func recipe(
      _ name: String, _ unit: String, _ formula: String, _ make: @escaping (Bars) -> Lane
    ) -> FeatureRecipe {
      FeatureRecipe(name, "book", unit, formula, source: .quotes, make: make)
    }
    func spread(_ bars: Bars) -> Lane {
      bars.graph.map("spread", bars.inputs.askPrice, bars.inputs.bidPrice) {
        each($0) { 2 * ($0 - $1) / ($0 + $1) }
      }
    }
    func imbalance(_ bars: Bars) -> Lane {
      bars.graph.map("imbalance", bars.inputs.bidQuantity, bars.inputs.askQuantity) {
        each($0) {
          $0 + $1 == 0 ? 0 : ($0 - $1) / ($0 + $1)
        }
      }
    }
    return [
      recipe("spread_relative", "fraction", "(ask - bid) / mid") { spread($0) },
      recipe("spread_ratio_60", "ratio", "spread_relative / its mean of 60 bars; 0 when there was no spread")
      {
        $0.graph.ratio(spread($0), $0.graph.mean(spread($0), 60))
      },
      recipe(
        "book_imbalance", "fraction",
        "(bid quantity - ask quantity) / (bid + ask quantity); 0 when both are 0"
      ) {
        imbalance($0)
      },
      recipe("book_imbalance_mean_15", "fraction", "mean of book_imbalance over 15 bars") {
        $0.graph.mean(imbalance($0), 15)
      },
      recipe(
        "microprice_distance", "fraction",
        "microprice / mid - 1 = spread_relative × book_imbalance / 2, microprice weighted by opposite quantities"
      ) { bars in
        bars.graph.map("halfProduct", spread(bars), imbalance(bars)) { each($0) { 0.5 * $0 * $1 } }
      },
      recipe("close_mid_distance", "fraction", "close / mid - 1") { bars in
        bars.graph.map("midDistance", bars.close, bars.inputs.bidPrice, bars.inputs.askPrice) {
          each($0) {
            2 * $0 / ($1 + $2) - 1
          }
        }
      },
    ]
  }
}
