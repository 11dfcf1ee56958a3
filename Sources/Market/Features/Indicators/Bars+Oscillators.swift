/// Bounded and centred oscillators, on TA-Lib's scales.
extension Bars {
  /// Gains and losses smoothed by Wilder's average.
  private func gainsAndLosses(_ length: Int) -> (gain: Lane, loss: Lane) {
    let move = graph.difference(close, graph.delay(close, 1))
    return (
      graph.wilder(graph.map("gain", move) { each($0) { $0 > 0 ? $0 : 0 } }, length),
      graph.wilder(graph.map("loss", move) { each($0) { $0 < 0 ? -$0 : 0 } }, length)
    )
  }

  /// Wilder's relative strength index, 0 … 100; 50 when nothing moved.
  func rsi(_ length: Int) -> Lane {
    let (gain, loss) = gainsAndLosses(length)
    return graph.map("rsi", gain, loss, close) {
      each($0) { gain, loss, close in
        gain + loss <= 1e-12 * close ? 50 : 100 * gain / (gain + loss)
      }
    }
  }

  /// Chande's momentum oscillator with Wilder's smoothing, −100 … 100; 0 when nothing moved.
  func cmo(_ length: Int) -> Lane {
    let (gain, loss) = gainsAndLosses(length)
    return graph.map("cmo", gain, loss, close) {
      each($0) { gain, loss, close in
        gain + loss <= 1e-12 * close ? 0 : 100 * (gain - loss) / (gain + loss)
      }
    }
  }

  /// Position of the close between lowest low and highest high, 0 … 100; 50 for a window without range.
  func stochastic(_ length: Int) -> Lane {
    graph.map("stochastic", close, graph.maximum(high, length), graph.minimum(low, length)) {
      each($0) { close, high, low in
        high == low ? 50 : 100 * (close - low) / (high - low)
      }
    }
  }

  /// Position of the RSI in its own range, 0 … 100; 50 when the RSI did not move.
  func stochasticRSI(_ length: Int, _ window: Int) -> Lane {
    let strength = rsi(length)
    return graph.map(
      "stochasticRSI", strength, graph.maximum(strength, window), graph.minimum(strength, window)
    ) {
      each($0) { strength, high, low in
        high - low <= 1e-9 ? 50 : 100 * (strength - low) / (high - low)
      }
    }
  }

  /// Commodity channel index; 0 for a constant window.
  func cci(_ length: Int) -> Lane {
    let price = typicalPrice
    return graph.map(
      "cci", price, graph.mean(price, length), graph.meanAbsoluteDeviation(price, length)
    ) {
      each($0) { price, mean, deviation in
        deviation <= 1e-12 * mean ? 0 : (price - mean) / (0.015 * deviation)
      }
    }
  }

  /// Money flow index, 0 … 100; 50 when no money flowed. Typical prices that agree up to rounding are equal.
  func moneyFlowIndex(_ length: Int) -> Lane {
    let move = graph.distance(typicalPrice, from: graph.delay(typicalPrice, 1))
    let flow = graph.product(typicalPrice, volume)
    let into = graph.sum(graph.map("inflow", move, flow) { each($0) { $0 > 1e-13 ? $1 : 0 } }, length)
    let out = graph.sum(graph.map("outflow", move, flow) { each($0) { $0 < -1e-13 ? $1 : 0 } }, length)
    return graph.map("mfi", into, out) { each($0) { $0 + $1 == 0 ? 50 : 100 * $0 / ($0 + $1) } }
  }

  /// Williams' ultimate oscillator, 0 … 100; a window without range counts as the middle.
  func ultimate(_ short: Int, _ medium: Int, _ long: Int) -> Lane {
    let before = graph.delay(close, 1)
    let pressure = graph.map("pressure", close, low, before) { each($0) { $0 - min($1, $2) } }
    func average(_ length: Int) -> Lane {
      graph.map("half", graph.sum(pressure, length), graph.sum(trueRange, length)) {
        each($0) { $1 == 0 ? 0.5 : $0 / $1 }
      }
    }
    return graph.map("ultimate", average(short), average(medium), average(long)) {
      each($0) {
        100 * (4 * $0 + 2 * $1 + $2) / 7
      }
    }
  }

  /// Difference of two exponential averages of the close, the shorter one seeded where the longer one is.
  func macd(_ fast: Int, _ slow: Int) -> Lane {
    graph.difference(graph.ema(close, fast, alignedTo: slow), graph.ema(close, slow))
  }

  /// Difference of two exponential averages, each seeded by its own first values, in percent of the slower one.
  func ppo(_ fast: Int, _ slow: Int) -> Lane {
    graph.map("ppo", graph.ema(close, fast), graph.ema(close, slow)) { each($0) { 100 * ($0 - $1) / $1 } }
  }

  /// One-bar rate of change, in percent, of a triple exponential average.
  func trix(_ length: Int) -> Lane {
    let smooth = ema(ema(ema(close, length), length), length)
    return graph.map("percent", smooth, graph.delay(smooth, 1)) { each($0) { 100 * ($0 - $1) / $1 } }
  }

  /// Rate of change in percent.
  func rateOfChange(_ length: Int) -> Lane {
    graph.map("percent", close, graph.delay(close, length)) { each($0) { 100 * ($0 - $1) / $1 } }
  }

  /// Bars since the highest high or lowest low of length + 1 bars as 100 (now) … 0 (length bars ago).
  func aroon(_ length: Int, up: Bool) -> Lane {
    let total = Double(length)
    let age = graph.extremumAge(up ? high : low, length + 1, largest: up)
    return graph.map("aroon\(length)", age) { each($0) { 100 * (total - $0) / total } }
  }

  /// True strength index, −100 … 100: doubly smoothed moves over doubly smoothed sizes of moves (Blau 1991).
  func trueStrength(_ long: Int, _ short: Int) -> Lane {
    let move = graph.difference(close, graph.delay(close, 1))
    let size = graph.map("absolute", move) { each($0) { abs($0) } }
    return graph.map("tsi", ema(ema(move, long), short), ema(ema(size, long), short), close) {
      each($0) { move, size, close in
        size <= 1e-12 * close ? 0 : 100 * move / size
      }
    }
  }
}
