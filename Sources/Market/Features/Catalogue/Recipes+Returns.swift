extension FeatureCatalogue {
  /// Returns and momentum.
  static var returns: [FeatureRecipe] {
    var all = [1, 2, 3, 5, 10, 15, 30, 60, 120, 240, 1440].map { length in
      FeatureRecipe("log_return_\(length)", "returns", "log", "ln(close[t] / close[t-\(length)])") {
        $0.logReturn(length)
      }
    }
    all += [12, 60].map { length in
      FeatureRecipe("roc_\(length)", "returns", "percent", "100 (close[t] / close[t-\(length)] - 1)") {
        $0.rateOfChange(length)
      }
    }
    all.append(
      FeatureRecipe(
        "return_z_60", "returns", "sigma",
        "(r - mean(r, 60)) / std(r, 60) of one-bar log returns; 0 when flat"
      ) { bars in
        let move = bars.logReturn(1)
        let (mean, variance) = bars.graph.moments(move, 60)
        return bars.graph.map("returnScore", move, mean, variance) {
          each($0) { move, mean, variance in
            variance <= 1e-26 ? 0 : (move - mean) / variance.squareRoot()
          }
        }
      })
    all += [5, 15].map { length in
      FeatureRecipe(
        "return_acceleration_\(length)", "returns", "log",
        "log_return_\(length)[t] - log_return_\(length)[t-\(length)]"
      ) { bars in
        bars.graph.difference(bars.logReturn(length), bars.graph.delay(bars.logReturn(length), length))
      }
    }
    all.append(
      FeatureRecipe("up_fraction_20", "returns", "fraction", "share of the last 20 bars that closed higher") {
        bars in
        bars.graph.mean(bars.graph.map("isUp", bars.moveSymbol) { each($0) { $0 == 2 ? 1 : 0 } }, 20)
      })
    all.append(
      FeatureRecipe(
        "streak_10", "returns", "bars",
        "signed length of the run of rising or falling closes, cut at 10; 0 when equal"
      ) { bars in
        bars.graph.streak(bars.graph.difference(bars.close, bars.graph.delay(bars.close, 1)), limit: 10)
      })
    return all
  }
}
