/// Volatility per bar, and the shape of the distribution of returns.
extension Bars {
  /// Log returns with a standard deviation below this are the rounding of logarithms.
  static var flatReturn: Double { 1e-13 }

  private func log(_ x: Lane) -> Lane { graph.map("ln", x) { each($0) { logarithm($0) } } }

  /// Close-to-close volatility: population standard deviation of one-bar log returns; 0 for a flat window.
  func realisedVolatility(_ length: Int) -> Lane {
    graph.map("root", graph.moments(logReturn(1), length).variance) {
      each($0) { $0 <= 1e-26 ? 0 : $0.squareRoot() }
    }
  }

  /// Parkinson (1980): √(mean of ln(high/low)² / (4 ln 2)).
  func parkinson(_ length: Int) -> Lane {
    let square = graph.map("square", graph.difference(log(high), log(low))) { each($0) { $0 * $0 } }
    let scale = 1 / (4 * logarithm(2))
    return graph.map("scaledRoot\(scale)", graph.mean(square, length)) {
      each($0) { ($0 * scale).squareRoot() }
    }
  }

  /// Garman & Klass (1980): √(mean of ½·ln(high/low)² − (2 ln 2 − 1)·ln(close/open)²).
  func garmanKlass(_ length: Int) -> Lane {
    let weight = 2 * logarithm(2) - 1
    let term = graph.map(
      "garmanKlass", graph.difference(log(high), log(low)), graph.difference(log(close), log(open))
    ) { each($0) { 0.5 * $0 * $0 - weight * $1 * $1 } }
    return graph.map("root", graph.mean(term, length)) { each($0) { $0 <= 1e-26 ? 0 : $0.squareRoot() } }
  }

  /// One bar of Rogers & Satchell's variance.
  private var rogersSatchellTerm: Lane {
    graph.map("rogersSatchell", log(open), log(high), log(low), log(close)) {
      each($0) { open, high, low, close in
        (high - close) * (high - open) + (low - close) * (low - open)
      }
    }
  }

  /// Rogers & Satchell (1991): √(mean of ln(h/c)·ln(h/o) + ln(l/c)·ln(l/o)).
  func rogersSatchell(_ length: Int) -> Lane {
    graph.map("root", graph.mean(rogersSatchellTerm, length)) {
      each($0) { $0 <= 1e-26 ? 0 : $0.squareRoot() }
    }
  }

  /// Yang & Zhang (2000): √(σ²(overnight) + k·σ²(open to close) + (1 − k)·Rogers–Satchell) with sample variances and
  /// k = 0.34 / (1.34 + (n + 1)/(n − 1)).
  func yangZhang(_ length: Int) -> Lane {
    let n = Double(length)
    let k = 0.34 / (1.34 + (n + 1) / (n - 1))
    let sample = n / (n - 1)
    let overnight = graph.moments(graph.difference(log(open), graph.delay(log(close), 1)), length).variance
    let session = graph.moments(graph.difference(log(close), log(open)), length).variance
    return graph.map(
      "yangZhang\(length)", overnight, session, graph.mean(rogersSatchellTerm, length)
    ) {
      each($0) { overnight, session, range in
        let variance = sample * (overnight + k * session) + (1 - k) * range
        return variance <= 1e-26 ? 0 : variance.squareRoot()
      }
    }
  }

  /// Square root of the mean square of falls over that of all moves; 1/√2 ≈ 0.707 when both sides are alike or flat.
  func downsideShare(_ length: Int) -> Lane {
    let move = logReturn(1)
    let all = graph.sum(graph.map("square", move) { each($0) { $0 * $0 } }, length)
    let falls = graph.sum(graph.map("squareBelow", move) { each($0) { $0 < 0 ? $0 * $0 : 0 } }, length)
    return graph.map("downside", falls, all) {
      each($0) { $1 <= 1e-26 ? 0.5.squareRoot() : ($0 / $1).squareRoot() }
    }
  }

  /// Mean square of `step`-bar log returns over the last bars.
  private func meanSquare(step: Int, _ length: Int) -> Lane {
    graph.mean(graph.map("square", logReturn(step)) { each($0) { $0 * $0 } }, length)
  }

  /// Variance ratio of overlapping `step`-bar to one-bar returns around zero (Lo & MacKinlay 1988); 1 when flat.
  func varianceRatio(step: Int, _ length: Int) -> Lane {
    let scale = Double(step)
    return graph.map("varianceRatio\(step)", meanSquare(step: step, length), meanSquare(step: 1, length)) {
      each($0) {
        $1 <= 1e-26 ? 1 : $0 / (scale * $1)
      }
    }
  }

  /// Hurst exponent: least-squares slope of ln √(mean square of k-bar returns) on ln k for k = 1, 2, 4, 8, 16, cut to
  /// 0 … 1; 0.5 when flat. The middle scale has no weight in the slope.
  func hurst(_ length: Int) -> Lane {
    let scale = 0.5 / (10 * logarithm(2))
    let slope = graph.map(
      "hurst", meanSquare(step: 1, length), meanSquare(step: 2, length), meanSquare(step: 8, length),
      meanSquare(step: 16, length)
    ) {
      each($0) { one, two, eight, sixteen in
        let smallest = min(min(one, two), min(eight, sixteen))
        if smallest <= 1e-26 { return 0.5 }
        let slope = scale * (2 * logarithm(sixteen / one) + logarithm(eight / two))
        return slope < 0 ? 0 : (slope > 1 ? 1 : slope)
      }
    }
    return slope
  }

  /// Correlation of a series with itself `lag` rows ago.
  func autocorrelation(_ x: Lane, lag: Int, _ length: Int) -> Lane {
    graph.correlation(
      x, graph.delay(x, lag), length, floorX: Bars.flatReturn, floorY: Bars.flatReturn)
  }

  /// Order pattern of three neighbouring closes, 0 … 5; equals count as rising.
  var orderPattern: Lane {
    graph.map("pattern", graph.delay(close, 2), graph.delay(close, 1), close) {
      each($0) { a, b, c in
        a <= b ? (b <= c ? 0 : (a <= c ? 1 : 2)) : (b <= c ? (a <= c ? 3 : 4) : 5)
      }
    }
  }

  /// Fall 0, no move 1, rise 2 of the close.
  var moveSymbol: Lane {
    graph.map("symbol", close, graph.delay(close, 1)) { each($0) { $0 < $1 ? 0 : ($0 == $1 ? 1 : 2) } }
  }

  /// One-bar log return in half standard deviations of the last `length` bars, cut into eight bins, 0 … 7.
  func returnBin(_ length: Int) -> Lane {
    graph.map("bin", logReturn(1), realisedVolatility(length)) {
      each($0) { move, deviation in
        if deviation == 0 { return 4 }
        let scaled = move / deviation * 2
        let cut = scaled < -4 ? -4 : (scaled >= 4 ? 3 : scaled)
        return (cut + 4).rounded(.down)
      }
    }
  }
}
