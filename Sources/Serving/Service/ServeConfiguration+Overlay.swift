import Diagnostics

extension ServeConfiguration {
  /// Lays over the configuration what a command line says; what it does not say stays.
  /// - Throws: `TernError` of kind `usage` when candles are named for more than one market.
  public mutating func overlay(
    stack: String? = nil, challenger: String? = nil, shadow: String? = nil, registry: String? = nil,
    data: [String] = [], funding: [String] = []
  ) throws(TernError) {
    if let stack { self.stack = stack }
    if let challenger { self.challenger = challenger }
    if let shadow { self.shadow = shadow }
    if let registry { self.registry = registry }
    guard !data.isEmpty || !funding.isEmpty else { return }
    if markets.isEmpty { markets = [MarketSection()] }
    guard markets.count == 1 else {
      throw TernError(
        .usage, "--data names the candles of one market", key: "markets", found: "\(markets.count)")
    }
    if !data.isEmpty {
      markets[0].data = data
      markets[0].synthetic = nil
    }
    if !funding.isEmpty { markets[0].funding = funding }
  }
}
