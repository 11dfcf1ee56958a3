/// Volume, trades and takers.
extension Bars {
  /// Σ volume of rising closes less that of falling ones, over all volume, −1 … 1; 0 without volume.
  func onBalance(_ length: Int) -> Lane {
    let signed = graph.map("signedVolume", close, graph.delay(close, 1), volume) {
      each($0) { close, before, volume in
        close > before ? volume : (close < before ? -volume : 0)
      }
    }
    return graph.ratio(graph.sum(signed, length), graph.sum(volume, length))
  }

  /// Chaikin's money flow, −1 … 1; 0 without volume. A bar without range counts as its middle.
  func chaikinMoneyFlow(_ length: Int) -> Lane {
    let flow = graph.map("chaikin", high, low, close, volume) {
      each($0) { high, low, close, volume in
        high == low ? 0 : ((close - low) - (high - close)) / (high - low) * volume
      }
    }
    return graph.ratio(graph.sum(flow, length), graph.sum(volume, length))
  }

  /// Mean of the last `short` bars over the mean of the last `long`; 0 when there was none.
  func meanRatio(_ x: Lane, _ short: Int, _ long: Int) -> Lane {
    graph.ratio(graph.mean(x, short), graph.mean(x, long))
  }

  /// |log return| per quote volume; 0 for a bar without volume (Amihud 2002).
  var illiquidity: Lane {
    graph.map("illiquidity", logReturn(1), close, volume) {
      each($0) { $2 == 0 ? 0 * $0 : abs($0) / ($1 * $2) }
    }
  }

  /// Taker buys less taker sells over all volume, −1 … 1; 0 without volume.
  func takerImbalance(_ length: Int) -> Lane {
    let signed = graph.map("takerSigned", inputs.takerBuyVolume, volume) { each($0) { 2 * $0 - $1 } }
    return graph.ratio(graph.sum(signed, length), graph.sum(volume, length))
  }

  /// Mean volume of a trade; 0 for a bar without trades.
  var tradeSize: Lane {
    graph.map("tradeSize", volume, inputs.tradeCount) { each($0) { $1 == 0 ? 0 : $0 / $1 } }
  }
}
