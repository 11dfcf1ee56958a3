import Diagnostics
import Market
import Orders

extension SimulatedVenue {
  /// Which fee an order pays that rests.
  public enum Liquidity: String, Codable, Sendable, CaseIterable {
    /// The order rested in the book.
    case maker
    /// The order took from the book.
    case taker
  }

  /// How orders meet the market.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How much worse than the price it meets a market order fills, a fraction; default 0.0001.
    public var slippage: Rate
    /// How much worse than its trigger (or the open behind it) a stop fills, a fraction; default 0.0001.
    public var stopSlippage: Rate
    /// Which fee a limit order pays that reduces a position; default taker, as `Backtest` has it.
    public var takeProfitLiquidity: Liquidity
    /// Share of a candle's volume that the orders of the session may take from it, 0…1; default 0.1. Zero lifts the
    /// limit. A volume of NaN (the source does not tell) limits nothing; a volume of 0 means that nobody traded, so
    /// nothing fills. Liquidations are the exchange's and not limited.
    public var volumeShare: Rate
    /// Time from sending an order, or the request to cancel one, to its effect, milliseconds; default 0. Only whole
    /// candles count: see `SimulatedVenue`.
    public var latency: Int64
    /// Most orders that may be open in a market; default 200, as on Binance USD-M futures.
    public var maximumOpenOrders: Int

    /// Creates a configuration; every value has the default that its property states.
    public init(
      slippage: Rate = Rate(units: 10_000), stopSlippage: Rate = Rate(units: 10_000),
      takeProfitLiquidity: Liquidity = .taker, volumeShare: Rate = Rate(units: 10_000_000),
      latency: Int64 = 0, maximumOpenOrders: Int = 200
    ) {
      self.slippage = slippage
      self.stopSlippage = stopSlippage
      self.takeProfitLiquidity = takeProfitLiquidity
      self.volumeShare = volumeShare
      self.latency = latency
      self.maximumOpenOrders = maximumOpenOrders
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case slippage, latency
      case stopSlippage = "stop_slippage"
      case takeProfitLiquidity = "take_profit_liquidity"
      case volumeShare = "volume_share"
      case maximumOpenOrders = "maximum_open_orders"
    }

    /// Reads a configuration; a missing key takes its default, an unknown one is rejected. Rates may be written as text
    /// or as numbers.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init()
      func rate(_ key: CodingKeys) throws -> Rate? { try values.decodeFixedPoint(Rate.self, forKey: key) }
      slippage = try rate(.slippage) ?? slippage
      stopSlippage = try rate(.stopSlippage) ?? stopSlippage
      takeProfitLiquidity =
        try values.decodeIfPresent(Liquidity.self, forKey: .takeProfitLiquidity) ?? takeProfitLiquidity
      volumeShare = try rate(.volumeShare) ?? volumeShare
      latency = try values.decodeIfPresent(Int64.self, forKey: .latency) ?? latency
      maximumOpenOrders =
        try values.decodeIfPresent(Int.self, forKey: .maximumOpenOrders) ?? maximumOpenOrders
    }

    /// Checks every value.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      for (key, value) in [("slippage", slippage), ("stop_slippage", stopSlippage)] {
        try require(value >= .zero && value.units < 10_000_000, key, value.description, "0 or more, below 0.1")
      }
      try require(
        volumeShare >= .zero && volumeShare <= .one, "volume_share", volumeShare.description, "0 to 1")
      try require((0...86_400_000).contains(latency), "latency", "\(latency)", "0 to 86400000 (a day)")
      try require(
        (1...10_000).contains(maximumOpenOrders), "maximum_open_orders", "\(maximumOpenOrders)", "1 to 10000")
    }

    private func require(
      _ condition: Bool, _ key: String, _ found: String, _ expected: String
    ) throws(TernError) {
      if !condition {
        throw TernError(.configuration, "is out of range", key: key, found: found, expected: expected)
      }
    }
  }
}
