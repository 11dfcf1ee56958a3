/// Moving averages. TA-Lib's conventions hold for all that it has.
extension Bars {
  /// Simple moving average.
  func sma(_ x: Lane, _ length: Int) -> Lane { graph.mean(x, length) }

  /// Exponential moving average.
  func ema(_ x: Lane, _ length: Int) -> Lane { graph.ema(x, length) }

  /// Double exponential moving average: 2·E − E(E) (Mulloy 1994).
  func dema(_ x: Lane, _ length: Int) -> Lane {
    let first = ema(x, length)
    return graph.map("dema", first, ema(first, length)) { each($0) { 2 * $0 - $1 } }
  }

  /// Triple exponential moving average: 3·E − 3·E(E) + E(E(E)) (Mulloy 1994).
  func tema(_ x: Lane, _ length: Int) -> Lane {
    let first = ema(x, length)
    let second = ema(first, length)
    return graph.map("tema", first, second, ema(second, length)) { each($0) { 3 * $0 - 3 * $1 + $2 } }
  }

  /// Triangular moving average: a simple average of a simple average.
  func trima(_ x: Lane, _ length: Int) -> Lane { sma(sma(x, length / 2 + 1), (length + 1) / 2) }

  /// Tillson's T3 with volume factor `v`: six exponential averages in a row (Tillson 1998).
  func t3(_ x: Lane, _ length: Int, factor v: Double) -> Lane {
    var chain = [ema(x, length)]
    while chain.count < 6 { chain.append(ema(chain[chain.count - 1], length)) }
    let (c1, c2) = (-v * v * v, 3 * v * v + 3 * v * v * v)
    let (c3, c4) = (-6 * v * v - 3 * v - 3 * v * v * v, 1 + 3 * v + v * v * v + 3 * v * v)
    return graph.map("t3", chain[5], chain[4], chain[3], chain[2]) {
      each($0) { c1 * $0 + c2 * $1 + c3 * $2 + c4 * $3 }
    }
  }

  /// Hull's moving average: W(2·W(n/2) − W(n), √n) (Hull 2005).
  func hull(_ x: Lane, _ length: Int, root: Int) -> Lane {
    let sharpened = graph.map("sharpened", graph.wma(x, length / 2), graph.wma(x, length)) {
      each($0) { 2 * $0 - $1 }
    }
    return graph.wma(sharpened, root)
  }

  /// Kaufman's efficiency ratio |x[t] − x[t−n]| / Σ|x[i] − x[i−1]|; 0 for a window without moves.
  func efficiency(_ x: Lane, _ length: Int) -> Lane {
    let path = graph.sum(
      graph.map("absolute", graph.difference(x, graph.delay(x, 1))) { each($0) { abs($0) } }, length)
    return graph.map("efficiency", graph.difference(x, graph.delay(x, length)), path) {
      each($0) { move, path in
        let ratio = path == 0 ? 0 : abs(move) / path
        return ratio > 1 ? 1 : ratio
      }
    }
  }

  /// Kaufman's adaptive moving average between the weights of EMA 2 and EMA 30 (Kaufman 1995).
  func kama(_ x: Lane, _ length: Int) -> Lane {
    graph.shared("kama(\(x.id),\(length))") {
      let (slow, fast) = (2.0 / 31, 2.0 / 3)
      let path = graph.sum(
        graph.map("absolute", graph.difference(x, graph.delay(x, 1))) { each($0) { abs($0) } }, length)
      let move = graph.difference(x, graph.delay(x, length))
      // A window without moves counts as perfectly efficient, as in TA-Lib.
      let weight = graph.map("kamaWeight", move, path) {
        each($0) { move, path in
          let efficiency = path <= abs(move) ? 1 : abs(move) / path
          let root = efficiency * (fast - slow) + slow
          return root * root
        }
      }
      let out = graph.lane(
        after: x, weight, warmUp: weight.warmUp, memory: weight.memory + Graph.memory(keep: 1 - slow * slow))
      graph.add(AdaptiveSmoothingNode(x, weight: weight, out), out)
      return out
    }
  }

  /// Volume-weighted moving average of the close; the close itself for a window without volume.
  func vwma(_ length: Int) -> Lane {
    graph.map(
      "orClose", graph.sum(graph.product(close, volume), length), graph.sum(volume, length), close
    ) { each($0) { $1 == 0 ? $2 : $0 / $1 } }
  }

  /// Volume-weighted average of the typical price over the last bars; the close for a window without volume.
  func vwap(_ length: Int) -> Lane {
    graph.map(
      "orClose", graph.sum(graph.product(typicalPrice, volume), length), graph.sum(volume, length), close
    ) { each($0) { $1 == 0 ? $2 : $0 / $1 } }
  }

  /// Middle of the highest high and the lowest low.
  func middle(_ length: Int) -> Lane {
    graph.map("middle", graph.maximum(high, length), graph.minimum(low, length)) {
      each($0) { ($0 + $1) / 2 }
    }
  }
}
