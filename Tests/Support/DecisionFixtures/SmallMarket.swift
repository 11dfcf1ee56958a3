import Feeds
import Diagnostics
import Market

/// Short synthetic markets.
public enum SmallMarket {
  /// Days of one-minute candles with funding and quotes.
  public static func days(_ days: Int, seed: UInt64 = 5) throws(TernError) -> MarketData {
    var configuration = SyntheticMarket.Configuration()
    configuration.days = days
    configuration.seed = seed
    return try SyntheticMarket.generate(configuration)
  }

  /// The market without the candles whose index `removes` names.
  public static func removing(_ market: MarketData, _ removes: (Int) -> Bool) -> MarketData {
    var result = market
    var candles = CandleSeries(symbol: market.candles.symbol, interval: market.candles.interval)
    for index in 0..<market.candles.count where !removes(index) { candles.append(market.candles[index]) }
    result.candles = candles
    return result
  }
}
