/// One column that a kind of market file may have.
struct SourceColumn: Sendable {
  /// How the cells are read.
  enum Content: Sendable {
    /// A time stamp.
    case time
    /// A finite number.
    case number
    /// Known, of no use, not read.
    case ignored
  }

  /// Tern's name.
  let name: String
  let content: Content
  /// Whether a file without it is refused.
  let required: Bool
  /// Other spellings in headers, lower case with underscores.
  let aliases: [String]

  init(_ name: String, _ content: Content, required: Bool = false, aliases: [String] = []) {
    self.name = name
    self.content = content
    self.required = required
    self.aliases = aliases
  }
}

/// The columns of a kind of market file and the layouts that files without a header may have.
struct SourceLayout: Sendable {
  /// What the file holds, for messages.
  let subject: String
  /// The columns; a column's position is its slot in a parsed row.
  let columns: [SourceColumn]
  /// Columns of files without a header, one list per known number of fields.
  let headerless: [[String]]

  func slot(_ name: String) -> Int? { columns.firstIndex { $0.name == name } }

  /// The slot of a header's name, in any known spelling.
  func slot(ofHeader name: String) -> Int? {
    let plain = SourceLayout.normalised(name)
    return columns.firstIndex { $0.name == plain || $0.aliases.contains(plain) }
  }

  /// Lower case, with runs of blanks, dots and dashes as one underscore.
  static func normalised(_ name: String) -> String {
    name.lowercased().split { " .-_\t".contains($0) }.joined(separator: "_")
  }

  /// Candles: Binance's spot and futures dumps, its API's names, and Tern's own subset.
  static let candles = SourceLayout(
    subject: "candles",
    columns: [
      SourceColumn(
        "open_time", .time, required: true,
        aliases: ["opentime", "time", "timestamp", "date", "datetime", "open_timestamp", "ts"]),
      SourceColumn("open", .number, required: true, aliases: ["open_price"]),
      SourceColumn("high", .number, required: true, aliases: ["high_price"]),
      SourceColumn("low", .number, required: true, aliases: ["low_price"]),
      SourceColumn("close", .number, required: true, aliases: ["close_price"]),
      SourceColumn("volume", .number, aliases: ["base_volume", "base_asset_volume"]),
      SourceColumn("close_time", .time, aliases: ["closetime"]),
      SourceColumn("quote_volume", .number, aliases: ["quote_asset_volume", "quotevolume"]),
      SourceColumn("count", .number, aliases: ["trades", "number_of_trades", "trade_count", "num_trades"]),
      SourceColumn(
        "taker_buy_volume", .number,
        aliases: ["taker_buy_base_asset_volume", "taker_buy_base_volume", "taker_base_volume"]),
      SourceColumn(
        "taker_buy_quote_volume", .number, aliases: ["taker_buy_quote_asset_volume", "taker_quote_volume"]),
      SourceColumn("ignore", .ignored, aliases: ["ignored", "unused_field"]),
    ],
    headerless: [
      ["open_time", "open", "high", "low", "close"],
      ["open_time", "open", "high", "low", "close", "volume"],
      ["open_time", "open", "high", "low", "close", "volume", "count", "taker_buy_volume"],
      [
        "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
        "taker_buy_volume", "taker_buy_quote_volume", "ignore",
      ],
    ])

  /// Funding rates: Tern's own two columns and Binance's dumps.
  static let funding = SourceLayout(
    subject: "funding rates",
    columns: [
      SourceColumn(
        "funding_time", .time, required: true,
        aliases: ["calc_time", "fundingtime", "time", "timestamp", "date"]),
      SourceColumn(
        "funding_rate", .number, required: true, aliases: ["last_funding_rate", "fundingrate", "rate"]),
      SourceColumn("funding_interval_hours", .ignored),
      SourceColumn("mark_price", .ignored, aliases: ["markprice"]),
      SourceColumn("symbol", .ignored),
    ],
    headerless: [
      ["funding_time", "funding_rate"], ["funding_time", "funding_interval_hours", "funding_rate"],
    ])

  /// Best bid and ask: Binance's `bookTicker` dumps.
  static let quotes = SourceLayout(
    subject: "best bid and ask",
    columns: [
      SourceColumn(
        "time", .time, required: true, aliases: ["transaction_time", "timestamp", "quote_time"]),
      SourceColumn("bid_price", .number, required: true, aliases: ["best_bid_price", "bid"]),
      SourceColumn(
        "bid_quantity", .number, required: true, aliases: ["best_bid_qty", "bid_qty", "best_bid_quantity"]),
      SourceColumn("ask_price", .number, required: true, aliases: ["best_ask_price", "ask"]),
      SourceColumn(
        "ask_quantity", .number, required: true, aliases: ["best_ask_qty", "ask_qty", "best_ask_quantity"]),
      SourceColumn("update_id", .ignored),
      SourceColumn("event_time", .ignored),
      SourceColumn("symbol", .ignored),
    ],
    headerless: [
      ["time", "bid_price", "bid_quantity", "ask_price", "ask_quantity"],
      ["update_id", "bid_price", "bid_quantity", "ask_price", "ask_quantity", "time", "event_time"],
    ])

  /// Mark prices as instants rather than candles.
  static let markPrices = SourceLayout(
    subject: "mark prices",
    columns: [
      SourceColumn("time", .time, required: true, aliases: ["timestamp", "event_time"]),
      SourceColumn("price", .number, required: true, aliases: ["mark_price", "markprice"]),
    ],
    headerless: [["time", "price"]])
}
