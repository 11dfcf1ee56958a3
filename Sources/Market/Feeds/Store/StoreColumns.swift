import Diagnostics
import Files
import Market

/// The columns of a market in file order.
package enum StoreColumns {
  package enum Values {
    case times([Int64])
    case numbers([Double])
  }

  package struct Column {
    package let path: String
    package let values: Values

    package init(path: String, values: Values) {
      self.path = path
      self.values = values
    }

    package var count: Int {
      switch values {
      case .times(let values): return values.count
      case .numbers(let values): return values.count
      }
    }

    /// SHA-256 of the values' bytes; the machines that Tern runs on are little-endian.
    package var digest: Digest {
      var hasher = DigestHasher()
      switch values {
      case .times(let values): values.withUnsafeBytes { hasher.update(raw: $0) }
      case .numbers(let values): values.withUnsafeBytes { hasher.update(raw: $0) }
      }
      return hasher.finish()
    }
  }

  /// The groups of a store, in file order.
  package enum Group: CaseIterable {
    case candles, funding, mark, quotes

    /// The group's name in the file.
    package var name: String {
      switch self {
      case .candles: return "candles"
      case .funding: return "funding"
      case .mark: return "mark"
      case .quotes: return "quotes"
      }
    }

    /// The path of the times.
    var timeKey: StaticString {
      switch self {
      case .candles: return "candles/open_time"
      case .funding: return "funding/time"
      case .mark: return "mark/time"
      case .quotes: return "quotes/time"
      }
    }

    /// The paths of the columns, times first.
    package var paths: [String] {
      switch self {
      case .candles:
        return [
          "candles/open_time", "candles/open", "candles/high", "candles/low", "candles/close", "candles/volume",
          "candles/count", "candles/taker_buy_volume",
        ]
      case .funding: return ["funding/time", "funding/rate"]
      case .mark: return ["mark/time", "mark/price"]
      case .quotes:
        return [
          "quotes/time", "quotes/bid_price", "quotes/bid_quantity", "quotes/ask_price", "quotes/ask_quantity",
        ]
      }
    }
  }

  package static func isTime(_ path: String) -> Bool { path == "candles/open_time" || path.hasSuffix("/time") }

  package static func columns(of data: MarketData) -> [Column] {
    let candles = data.candles
    var columns = [
      Column(path: "candles/open_time", values: .times(candles.openTime)),
      Column(path: "candles/open", values: .numbers(candles.open)),
      Column(path: "candles/high", values: .numbers(candles.high)),
      Column(path: "candles/low", values: .numbers(candles.low)),
      Column(path: "candles/close", values: .numbers(candles.close)),
      Column(path: "candles/volume", values: .numbers(candles.volume)),
      Column(path: "candles/count", values: .numbers(candles.tradeCount)),
      Column(path: "candles/taker_buy_volume", values: .numbers(candles.takerBuyVolume)),
    ]
    if let funding = data.funding {
      columns += [
        Column(path: "funding/time", values: .times(funding.time)),
        Column(path: "funding/rate", values: .numbers(funding.rate)),
      ]
    }
    if let mark = data.markPrice {
      columns += [
        Column(path: "mark/time", values: .times(mark.time)),
        Column(path: "mark/price", values: .numbers(mark.price)),
      ]
    }
    if let quotes = data.quotes {
      columns += [
        Column(path: "quotes/time", values: .times(quotes.time)),
        Column(path: "quotes/bid_price", values: .numbers(quotes.bidPrice)),
        Column(path: "quotes/bid_quantity", values: .numbers(quotes.bidQuantity)),
        Column(path: "quotes/ask_price", values: .numbers(quotes.askPrice)),
        Column(path: "quotes/ask_quantity", values: .numbers(quotes.askQuantity)),
      ]
    }
    return columns
  }

  /// The market that columns describe.
  /// - Throws: `TernError` of kind `data` when columns are absent, repeated or unknown.
  package static func market(
    _ manifest: CandleStore.Manifest, _ columns: [Column], path: String
  ) throws(TernError) -> MarketData {
    func times(_ name: String) throws(TernError) -> [Int64] {
      guard case .times(let values)? = columns.first(where: { $0.path == name })?.values else {
        throw TernError(.data, "the column is absent", file: path, key: name)
      }
      return values
    }
    func numbers(_ name: String) throws(TernError) -> [Double] {
      guard case .numbers(let values)? = columns.first(where: { $0.path == name })?.values else {
        throw TernError(.data, "the column is absent", file: path, key: name)
      }
      return values
    }
    func has(_ group: String) -> Bool { columns.contains { $0.path.hasPrefix(group + "/") } }
    var candles = CandleSeries(symbol: manifest.symbol, interval: manifest.interval)
    candles.openTime = try times("candles/open_time")
    candles.open = try numbers("candles/open")
    candles.high = try numbers("candles/high")
    candles.low = try numbers("candles/low")
    candles.close = try numbers("candles/close")
    candles.volume = try numbers("candles/volume")
    candles.tradeCount = try numbers("candles/count")
    candles.takerBuyVolume = try numbers("candles/taker_buy_volume")
    var data = MarketData(candles: candles)
    if has("funding") {
      var funding = FundingSeries()
      funding.time = try times("funding/time")
      funding.rate = try numbers("funding/rate")
      data.funding = funding
    }
    if has("mark") {
      var mark = MarkPriceSeries()
      mark.time = try times("mark/time")
      mark.price = try numbers("mark/price")
      data.markPrice = mark
    }
    if has("quotes") {
      var quotes = QuoteSeries()
      quotes.time = try times("quotes/time")
      quotes.bidPrice = try numbers("quotes/bid_price")
      quotes.bidQuantity = try numbers("quotes/bid_quantity")
      quotes.askPrice = try numbers("quotes/ask_price")
      quotes.askQuantity = try numbers("quotes/ask_quantity")
      data.quotes = quotes
    }
    guard StoreColumns.columns(of: data).map(\.path) == manifest.columns.map(\.path) else {
      throw TernError(
        .data, "the manifest lists unknown or disordered columns", file: path,
        found: manifest.columns.map(\.path).joined(separator: ", "))
    }
    return data
  }
}

extension CandleStore.Manifest {
  /// Whether the store has any column of a group.
  func holds(_ group: StoreColumns.Group) -> Bool {
    columns.contains { $0.path.hasPrefix(group.name + "/") }
  }
}
