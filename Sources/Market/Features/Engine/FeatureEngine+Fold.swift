import Diagnostics
import Market

extension FeatureEngine {
  /// Folds the stream over a history and hands out its rows in blocks of columns.
  ///
  /// - Parameter base: room for the values of one block; feature `f` of row `r` of a block of `n` rows goes to
  ///   `f * n + r`.
  func fold(
    _ market: MarketData, rowsPerBlock: Int, into base: UnsafeMutablePointer<Float>,
    progress: some ProgressReporting, body: (FeatureBlock) throws(TernError) -> Void
  ) throws(TernError) {
    let candles = market.candles
    let rows = candles.count
    let interval = schema.interval.milliseconds
    var fundingCursor = 0
    var quoteCursor = 0
    var start = 0
    var block = 0..<min(rowsPerBlock, rows)
    while start < rows {
      var count = 0
      var fault: TernError?
      candles.withColumns { columns in
        while count < graph.blockLength && start + count < block.upperBound {
          let row = start + count
          let candle = columns.candle(row)
          if let last = lastOpenTime, candle.openTime - last != interval {
            if candle.openTime <= last {
              fault = CandleFault.order(candle.openTime, after: last)
              return
            }
            // The block ends before a gap; the next one starts from nothing.
            if count > 0 { return }
            graph.reset()
          }
          if let found = CandleFault.find(in: candle) {
            fault = found.error(candle)
            return
          }
          lastOpenTime = candle.openTime
          place(candle, at: count)
          let closeTime = candle.openTime + interval
          if let series = market.funding {
            while fundingCursor < series.time.count && series.time[fundingCursor] <= closeTime {
              pending.append(time: series.time[fundingCursor], rate: series.rate[fundingCursor])
              fundingCursor += 1
              while let event = pending.next(until: closeTime) {
                funding.accept(time: event.time, rate: event.rate)
              }
            }
          }
          placeFunding(at: count, closeTime: closeTime)
          var quote: Quote?
          if let series = market.quotes {
            while quoteCursor < series.time.count && series.time[quoteCursor] <= closeTime {
              quoteCursor += 1
            }
            if quoteCursor > 0 { quote = series[quoteCursor - 1] }
          }
          placeQuote(quote, at: count, closeTime: closeTime)
          calendar.place(openTime: candle.openTime, closeTime: closeTime, at: count, inputs)
          count += 1
        }
      }
      if let fault { throw fault }
      graph.target.start.pointee = RowTarget(base: base + (start - block.lowerBound), height: block.count)
      graph.run(count)
      start += count
      if start == block.upperBound {
        try body(
          FeatureBlock(
            rows: block, values: UnsafeBufferPointer(start: base, count: block.count * schema.count)))
        block = start..<min(start + rowsPerBlock, rows)
      }
      if start % (64 * graph.blockLength) < graph.blockLength || start == rows {
        progress.update(phase: "features", completed: start, total: rows, remark: "")
      }
    }
  }
}

/// The columns of a candle series as bare memory.
private struct CandleColumns {
  let openTime: UnsafePointer<Int64>
  let open, high, low, close, volume, tradeCount, takerBuyVolume: UnsafePointer<Double>

  @inline(__always)
  func candle(_ row: Int) -> Candle {
    Candle(
      openTime: openTime[row], open: open[row], high: high[row], low: low[row], close: close[row],
      volume: volume[row], tradeCount: tradeCount[row], takerBuyVolume: takerBuyVolume[row])
  }
}

extension CandleSeries {
  /// Gives the columns as bare memory for the time of `body`; the series must not be empty.
  fileprivate func withColumns(_ body: (CandleColumns) -> Void) {
    openTime.withUnsafeBufferPointer { time in
      open.withUnsafeBufferPointer { open in
        high.withUnsafeBufferPointer { high in
          low.withUnsafeBufferPointer { low in
            close.withUnsafeBufferPointer { close in
              volume.withUnsafeBufferPointer { volume in
                tradeCount.withUnsafeBufferPointer { count in
                  takerBuyVolume.withUnsafeBufferPointer { taker in
                    guard let t = time.baseAddress, let o = open.baseAddress, let h = high.baseAddress,
                      let l = low.baseAddress, let c = close.baseAddress, let v = volume.baseAddress,
                      let n = count.baseAddress, let b = taker.baseAddress
                    else { return }
                    body(
                      CandleColumns(
                        openTime: t, open: o, high: h, low: l, close: c, volume: v, tradeCount: n,
                        takerBuyVolume: b))
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
