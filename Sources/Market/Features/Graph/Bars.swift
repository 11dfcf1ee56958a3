/// The candles of one bar clock as lanes; indicators are methods, so that each is written once for the base interval
/// and every higher timeframe.
struct Bars {
  let graph: Graph
  /// The bar clock.
  let clock: Int
  let open: Lane
  let high: Lane
  let low: Lane
  let close: Lane
  let volume: Lane
  /// Inputs that only the base clock has.
  let inputs: InputLanes

  /// ln close.
  var logClose: Lane { graph.map("ln", close) { each($0) { logarithm($0) } } }

  /// ln close − ln close of `length` bars ago.
  func logReturn(_ length: Int) -> Lane { graph.difference(logClose, graph.delay(logClose, length)) }

  /// (high + low + close) / 3.
  var typicalPrice: Lane { graph.map("typical", high, low, close) { each($0) { ($0 + $1 + $2) / 3 } } }

  /// A lane relative to the close: x / close.
  func relative(_ x: Lane) -> Lane { graph.quotient(x, close) }

  /// close / x − 1.
  func closeDistance(from x: Lane) -> Lane { graph.distance(close, from: x) }
}
