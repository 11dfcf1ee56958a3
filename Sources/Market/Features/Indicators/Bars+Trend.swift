/// Direction and strength of trends.
extension Bars {
  /// max(high − low, |high − previous close|, |low − previous close|).
  var trueRange: Lane {
    graph.map("trueRange", high, low, graph.delay(close, 1)) {
      each($0) { high, low, before in
        max(high, before) - min(low, before)
      }
    }
  }

  /// Wilder's average true range.
  func averageTrueRange(_ length: Int) -> Lane { graph.wilder(trueRange, length) }

  /// Wilder's directional indicators, 0 … 100; 0 when nothing moved.
  func directional(_ length: Int, up: Bool) -> Lane {
    let rise = graph.difference(high, graph.delay(high, 1))
    let fall = graph.difference(graph.delay(low, 1), low)
    let movement =
      up
      ? graph.map("directionUp", rise, fall) { each($0) { $0 > 0 && $0 > $1 ? $0 : 0 } }
      : graph.map("directionDown", rise, fall) { each($0) { $1 > 0 && $1 > $0 ? $1 : 0 } }
    return graph.map(
      "directional", graph.wilderSum(movement, length), graph.wilderSum(trueRange, length), close
    ) {
      each($0) { movement, range, close in
        range <= 1e-12 * close ? 0 : 100 * movement / range
      }
    }
  }

  /// Directional movement index, 0 … 100; 0 when there is no directional movement.
  func directionalIndex(_ length: Int) -> Lane {
    graph.map("dx", directional(length, up: true), directional(length, up: false)) {
      each($0) { up, down in
        up + down == 0 ? 0 : 100 * abs(up - down) / (up + down)
      }
    }
  }

  /// Average directional movement index.
  func adx(_ length: Int) -> Lane { graph.wilder(directionalIndex(length), length) }

  /// Mean of the index now and length − 1 bars ago.
  func adxRating(_ length: Int) -> Lane {
    let index = adx(length)
    return graph.map("average", index, graph.delay(index, length - 1)) { each($0) { ($0 + $1) / 2 } }
  }

  /// Endpoint of the least-squares line through the last closes.
  func regressionEnd(_ length: Int, ahead: Int = 0) -> Lane {
    let (mean, slope, _) = graph.regression(close, length)
    let steps = Double(length - 1) / 2 + Double(ahead)
    return graph.map("line\(steps)", mean, slope) { each($0) { $0 + $1 * steps } }
  }

  /// Difference of the vortex indicators VI+ − VI− (Botes & Siepman 2010); 0 when nothing moved.
  func vortex(_ length: Int) -> Lane {
    let up = graph.map("absoluteGap", high, graph.delay(low, 1)) { each($0) { abs($0 - $1) } }
    let down = graph.map("absoluteGap", low, graph.delay(high, 1)) { each($0) { abs($0 - $1) } }
    return graph.map(
      "vortex", graph.sum(up, length), graph.sum(down, length), graph.sum(trueRange, length)
    ) {
      each($0) { up, down, range in
        range == 0 ? 0 : (up - down) / range
      }
    }
  }

  /// Choppiness index: 100·ln(Σ true range / range of the window) / ln(length); 50 for a window without range.
  func choppiness(_ length: Int) -> Lane {
    let scale = 100 / logarithm(Double(length))
    return graph.map(
      "choppiness\(length)", graph.sum(trueRange, length), graph.maximum(high, length),
      graph.minimum(low, length)
    ) {
      each($0) { path, high, low in
        high == low || path == 0 ? 50 : scale * logarithm(path / (high - low))
      }
    }
  }

  /// Position in the channel of highest high and lowest low, 0 … 1; 0.5 for a window without range.
  func donchianPosition(_ length: Int) -> Lane {
    graph.map("donchian", close, graph.maximum(high, length), graph.minimum(low, length)) {
      each($0) { close, high, low in
        high == low ? 0.5 : (close - low) / (high - low)
      }
    }
  }

  /// Position between the Bollinger bands of two deviations, 0 … 1 inside; 0.5 for a constant window.
  func bollingerPosition(_ length: Int) -> Lane {
    let (mean, variance) = graph.moments(close, length)
    return graph.map("bollinger", close, mean, variance) {
      each($0) { close, mean, variance in
        variance <= 1e-24 * mean * mean ? 0.5 : (close - mean) / (4 * variance.squareRoot()) + 0.5
      }
    }
  }

  /// Width of the Bollinger bands over their middle.
  func bollingerWidth(_ length: Int) -> Lane {
    let (mean, variance) = graph.moments(close, length)
    return graph.map("bollingerWidth", mean, variance) { each($0) { 4 * $1.squareRoot() / $0 } }
  }
}
