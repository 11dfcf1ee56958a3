import Chronology
import Decision
import Diagnostics
import Execution
import Feeds
import Files
import Journal
import Market
import Orders
import Risk

/// Reads the records of a journal for people: field by field, in the order in which they were written.
public enum RecordText {
  /// A named value of a record.
  public typealias Field = (name: String, value: String)

  /// A record wherever it comes from.
  struct Content {
    var kind: JournalKind
    var lane: UInt8
    var time: Int64
    var isCommit: Bool
    var payload: UnsafeRawBufferPointer
  }

  /// The input that a bar record holds.
  struct Bar {
    var market: Int
    var code: UInt8
    var action: UInt8
    var candle: Candle
    var quote: Quote?

    init(_ payload: inout PayloadReader) throws(TernError) {
      market = Int(try payload.readUInt8())
      code = try payload.readUInt8()
      action = try payload.readUInt8()
      candle = Candle(
        openTime: try payload.readInt64(), open: try payload.readDouble(), high: try payload.readDouble(),
        low: try payload.readDouble(), close: try payload.readDouble(), volume: try payload.readDouble(),
        tradeCount: try payload.readDouble(), takerBuyVolume: try payload.readDouble())
      guard try payload.readBool() else { return }
      quote = Quote(
        time: try payload.readInt64(), bidPrice: try payload.readDouble(),
        bidQuantity: try payload.readDouble(), askPrice: try payload.readDouble(),
        askQuantity: try payload.readDouble())
    }
  }

  /// The fields of a journal's record.
  /// - Throws: `TernError` of kind `data` for a payload that is not one of its kind.
  public static func fields(_ record: JournalRecord) throws(TernError) -> [Field] {
    try fields(
      Content(
        kind: record.kind, lane: record.lane, time: record.time, isCommit: record.isCommit,
        payload: record.payload))
  }

  /// The error that says where a journal's record differs from what the session says.
  static func difference(found record: JournalRecord, expected: Content, file: String) -> TernError {
    func error(_ message: String, _ key: String?, _ found: String, _ wanted: String) -> TernError {
      TernError(
        .data, message, file: file, key: ["\(record.place)", key].compactMap { $0 }.joined(separator: ", "),
        found: found, expected: wanted)
    }
    let message = "the journal differs from what its inputs lead to"
    if record.kind != expected.kind || record.lane != expected.lane {
      return error(
        message, nil, "\(record.kind) of lane \(record.lane)", "\(expected.kind) of lane \(expected.lane)")
    }
    if record.time != expected.time {
      return error(message, "time", Timestamp.text(record.time), Timestamp.text(expected.time))
    }
    if let found = try? fields(record), let wanted = try? fields(expected) {
      for (a, b) in zip(found, wanted) where a.value != b.value || a.name != b.name {
        return error(message, a.name, a.value, b.value)
      }
    }
    if record.isCommit != expected.isCommit {
      return error("the journal's group ends elsewhere", nil, "\(record.isCommit)", "\(expected.isCommit)")
    }
    return error(message, nil, "\(record.payload.count) bytes", "\(expected.payload.count) other bytes")
  }

  /// Whether two inputs are the same, bit for bit.
  static func isSame(_ a: MarketEvent, _ b: MarketEvent) -> Bool {
    switch (a, b) {
    case (.funding(let t1, let r1), .funding(let t2, let r2)):
      return t1 == t2 && r1.bitPattern == r2.bitPattern
    case (.candle(let x), .candle(let y)):
      return x.openTime == y.openTime && x.open.bitPattern == y.open.bitPattern
        && x.high.bitPattern == y.high.bitPattern && x.low.bitPattern == y.low.bitPattern
        && x.close.bitPattern == y.close.bitPattern && same(x.volume, y.volume)
        && same(x.tradeCount, y.tradeCount) && same(x.takerBuyVolume, y.takerBuyVolume)
    default: return false
    }
  }

  private static func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }

  /// An input in words.
  static func text(_ event: MarketEvent, market: Int) -> String {
    switch event {
    case .funding(let time, let rate): return "market \(market): funding \(rate) at \(Timestamp.text(time))"
    case .quote(let quote): return "market \(market): quote at \(Timestamp.text(quote.time))"
    case .candle(let c):
      return
        "market \(market): candle \(Timestamp.text(c.openTime)) open \(c.open) high \(c.high) low \(c.low) "
        + "close \(c.close) volume \(c.volume) count \(c.tradeCount) taker_buy_volume \(c.takerBuyVolume)"
    }
  }

  private static func fields(_ content: Content) throws(TernError) -> [Field] {
    var payload = PayloadReader(content.payload)
    var fields: [Field] = []
    switch content.kind {
    case .session:
      fields.append(("header", String(decoding: payload.readRemaining(), as: UTF8.self)))
    case .bar: fields = try bar(&payload)
    case .event: fields = try event(&payload)
    case .alert:
      fields.append(("market", "\(try payload.readUInt8())"))
      fields.append(("code", CandleGuard.Code.name(of: try payload.readUInt8())))
      fields.append(("action", name(try payload.readUInt8(), CandleGuard.Action.self)))
      fields.append(("extent", "\(try payload.readInt64())"))
    case .intent: fields = try intent(&payload)
    case .verdict:
      fields.append(("outcome", ["APPROVED", "REDUCED", "REJECTED"][Int(min(2, try payload.readUInt8()))]))
      let reason = try payload.readUInt8()
      fields.append(("reason", reason == 0 ? "NONE" : name(reason, RiskReason.self)))
      fields.append(("order", "\(try payload.readUInt64())"))
      fields.append(("quantity", "\(try payload.read(Quantity.self))"))
    case .order: fields = try order(&payload)
    case .fill: fields = try fill(&payload)
    case .funding:
      fields.append(("market", "\(try payload.readUInt8())"))
      fields.append(("rate", "\(try payload.read(Rate.self))"))
      fields.append(("price", "\(try payload.read(Price.self))"))
      fields.append(("paid", "\(try payload.read(Money.self))"))
    case .state:
      fields.append(("from", name(try payload.readUInt8(), RiskState.self)))
      fields.append(("to", name(try payload.readUInt8(), RiskState.self)))
      fields.append(("reason", name(try payload.readUInt8(), RiskReason.self)))
    case .reload:
      fields.append(("market", "\(try payload.readUInt8())"))
      fields.append(("stack", "\(try payload.readHash().digest)"))
    case .operator:
      fields.append(("command", name(try payload.readUInt8(), OperatorCommand.self)))
      fields.append(("person", try payload.readString()))
      fields.append(("reason", try payload.readString()))
    case .stop: break
    case .decision: fields = try decision(&payload)
    case .trade: fields = try trade(&payload)
    }
    try payload.finish()
    return fields
  }

  private static func bar(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    let bar = try Bar(&payload)
    var fields: [Field] = [
      ("market", "\(bar.market)"), ("code", CandleGuard.Code.name(of: bar.code)),
      ("action", name(bar.action, CandleGuard.Action.self)),
      ("open_time", Timestamp.text(bar.candle.openTime)), ("open", "\(bar.candle.open)"),
      ("high", "\(bar.candle.high)"), ("low", "\(bar.candle.low)"), ("close", "\(bar.candle.close)"),
      ("volume", "\(bar.candle.volume)"), ("count", "\(bar.candle.tradeCount)"),
      ("taker_buy_volume", "\(bar.candle.takerBuyVolume)"),
    ]
    if let quote = bar.quote {
      fields += [
        ("quote_time", Timestamp.text(quote.time)), ("bid_price", "\(quote.bidPrice)"),
        ("bid_quantity", "\(quote.bidQuantity)"), ("ask_price", "\(quote.askPrice)"),
        ("ask_quantity", "\(quote.askQuantity)"),
      ]
    }
    return fields
  }

  private static func event(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    switch SessionRecords.Event(rawValue: try payload.readUInt8()) {
    case .funding:
      return [
        ("event", "FUNDING"), ("market", "\(try payload.readUInt8())"),
        ("time", Timestamp.text(try payload.readInt64())), ("rate", "\(try payload.readDouble())"),
      ]
    case .silence: return [("event", "SILENCE"), ("now", Timestamp.text(try payload.readInt64()))]
    case nil: throw TernError(.data, "is not an event")
    }
  }

  private static func intent(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    [
      ("market", "\(try payload.readUInt8())"), ("purpose", name(try payload.readUInt8(), OrderPurpose.self)),
      ("side", name(try payload.readUInt8(), Side.self)),
      ("kind", name(try payload.readUInt8(), OrderKind.self)),
      ("quantity", "\(try payload.read(Quantity.self))"), ("price", "\(try payload.read(Price.self))"),
      ("closes_position", "\(try payload.readBool())"), ("stop_loss", "\(try payload.read(Rate.self))"),
      ("take_profit", "\(try payload.read(Rate.self))"),
    ]
  }

  private static func order(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    let step = SessionRecords.OrderStep(rawValue: try payload.readUInt8())
    let order = try payload.readUInt64()
    let code = try payload.readUInt8()
    switch step {
    case .accepted: return [("step", "ACCEPTED"), ("order", "\(order)")]
    case .rejected:
      return [("step", "REJECTED"), ("order", "\(order)"), ("code", name(code, RejectionCode.self))]
    case .cancelled:
      return [("step", "CANCELLED"), ("order", "\(order)"), ("code", name(code, CancelCode.self))]
    case .cancelling: return [("step", "CANCELLING"), ("order", "\(order)")]
    case nil: throw TernError(.data, "is not a step of an order")
    }
  }

  private static func fill(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    [
      ("order", "\(try payload.readUInt64())"), ("market", "\(try payload.readUInt8())"),
      ("side", name(try payload.readUInt8(), Side.self)), ("price", "\(try payload.read(Price.self))"),
      ("quantity", "\(try payload.read(Quantity.self))"), ("fee", "\(try payload.read(Money.self))"),
      ("liquidity", name(try payload.readUInt8(), Fill.Liquidity.self)),
      ("remaining", "\(try payload.read(Quantity.self))"),
    ]
  }

  private static func trade(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    [
      ("market", "\(try payload.readUInt8())"),
      ("direction", name(try payload.readInt8(), Direction.self)),
      ("entry_time", Timestamp.text(try payload.readInt64())),
      ("exit_time", Timestamp.text(try payload.readInt64())),
      ("quantity", "\(try payload.read(Quantity.self))"),
      ("gross_profit", "\(try payload.read(Money.self))"), ("fees", "\(try payload.read(Money.self))"),
      ("funding", "\(try payload.read(Money.self))"), ("profit", "\(try payload.read(Money.self))"),
    ]
  }

  private static func decision(_ payload: inout PayloadReader) throws(TernError) -> [Field] {
    var fields: [Field] = [
      ("market", "\(try payload.readUInt8())"),
      ("feature_digest", String(try payload.readUInt64(), radix: 16)),
    ]
    for regime in Regime.allCases { fields.append(("p_\(regime.name)", "\(try payload.readFloat())")) }
    let regime = try payload.readInt8()
    fields.append(("regime", regime < 0 ? "UNKNOWN" : name(regime, Regime.self)))
    for direction in Direction.allCases {
      fields.append(("raw_\(direction.name)", "\(try payload.readDouble())"))
    }
    for direction in Direction.allCases {
      fields.append(("p_\(direction.name)", "\(try payload.readDouble())"))
    }
    fields.append(("direction", name(try payload.readInt8(), Direction.self)))
    fields.append(("confidence", "\(try payload.readDouble())"))
    fields.append(("expected_value", "\(try payload.readDouble())"))
    fields.append(("verdict", name(try payload.readInt8(), Direction.self)))
    fields.append(("reason", name(try payload.readUInt8(), VerdictReason.self)))
    let refusal = try payload.readUInt8()
    fields.append(("refusal", refusal == .max ? "NONE" : name(refusal, EntryRefusal.self)))
    fields.append(("position", "\(try payload.read(Quantity.self))"))
    fields.append(("cash", "\(try payload.read(Money.self))"))
    fields.append(("equity", "\(try payload.read(Money.self))"))
    fields.append(("state", name(try payload.readUInt8(), RiskState.self)))
    return fields
  }

  /// The name of a code; the number where it is none of the list.
  private static func name<Code: NamedCode>(_ raw: Code.RawValue, _ type: Code.Type) -> String {
    Code(rawValue: raw)?.name ?? "\(raw)"
  }
}

/// A closed list of codes with names.
protocol NamedCode: RawRepresentable {
  var name: String { get }
}

extension CandleGuard.Action: NamedCode {
  var name: String { "\(self)".uppercased() }
}
extension RiskReason: NamedCode {}
extension RiskState: NamedCode {}
extension OperatorCommand: NamedCode {}
extension OrderPurpose: NamedCode {}
extension OrderKind: NamedCode {}
extension Side: NamedCode {}
extension RejectionCode: NamedCode {}
extension CancelCode: NamedCode {}
extension Direction: NamedCode {}
extension Regime: NamedCode {}
extension VerdictReason: NamedCode {}
extension EntryRefusal: NamedCode {}
extension Fill.Liquidity: NamedCode {
  var name: String { "\(self)".uppercased() }
}
