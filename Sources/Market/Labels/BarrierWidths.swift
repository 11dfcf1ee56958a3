import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The barrier distances of every row: fixed, or scaled by volatility known at the close of that row's candle.
struct BarrierWidths {
  private let fixed: BarrierWidth
  private let scaled: [BarrierWidth]

  init(_ candles: CandleSeries, configuration: TripleBarrier.Configuration, horizon: Int) {
    fixed = BarrierWidth(upper: configuration.upper, lower: configuration.lower)
    guard let scaling = configuration.volatility else {
      scaled = []
      return
    }
    let root = Double(horizon).squareRoot()
    scaled = BarrierWidths.deviation(candles, scaling).map { deviation in
      guard !deviation.isNaN else { return BarrierWidth(upper: 0, lower: 0) }
      // A barrier at or beyond the whole price could never be touched from above.
      let width = { (multiple: Double) in min(0.99, max(scaling.minimum, multiple * deviation * root)) }
      return BarrierWidth(upper: width(scaling.upperMultiple), lower: width(scaling.lowerMultiple))
    }
  }

  /// The distances of a row; zero while volatility is not known.
  subscript(row: Int) -> BarrierWidth { scaled.isEmpty ? fixed : scaled[row] }

  /// Standard deviation of one-bar log returns known at each candle's close (mean taken as zero); NaN until `span`
  /// returns have been seen since the last gap.
  static func deviation(_ candles: CandleSeries, _ scaling: TripleBarrier.VolatilityScaling) -> [Double] {
    var result = [Double](repeating: .nan, count: candles.count)
    let span = scaling.span
    let gain = 2 / (Double(span) + 1)
    for segment in candles.contiguousSegments() {
      var squares: [Double] = []
      squares.reserveCapacity(segment.count)
      var mean = 0.0
      for row in segment.dropFirst() {
        let move = log(candles.close[row] / candles.close[row - 1])
        squares.append(move * move)
        let seen = squares.count
        switch scaling.estimator {
        case .ewma:
          // Starts as the plain mean of the first returns, so that the first one carries no special weight.
          mean += (move * move - mean) * max(gain, 1 / Double(seen))
        case .rolling:
          guard seen >= span else { continue }
          if seen % span == 0 {
            // Summed afresh now and then, so that differences of large and small squares do not pile up.
            mean = squares[(seen - span)...].reduce(0, +) / Double(span)
          } else {
            mean += (move * move - squares[seen - span - 1]) / Double(span)
          }
        }
        if seen >= span { result[row] = max(0, mean).squareRoot() }
      }
    }
    return result
  }
}
