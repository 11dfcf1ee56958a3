import Diagnostics
import Market

/// Computes feature rows candle by candle with bounded state and without allocating after `init`.
///
/// `FeatureBuilder` folds the same engine over a history, so a row computed live equals the row computed in batch bit
/// for bit. Feed ``FeatureSchema/lookback`` candles before trusting rows to equal those of a longer history; feed
/// funding events by ``observeFunding(time:rate:)`` as they happen.
///
/// ```swift
/// let engine = try FeatureEngine(schema: schema)
/// engine.observeFunding(time: settlement, rate: 0.0001)
/// try engine.update(candle, into: row)  // row holds schema.count floats
/// ```
public final class FeatureEngine {
  /// What the row holds.
  public let schema: FeatureSchema
  let graph: Graph
  let inputs: InputLanes
  let outputs: Storage<UnsafeMutablePointer<Double>>
  var funding = FundingTracker()
  var pending = PendingFunding()
  var calendar: Calendar
  /// Open time of the latest candle.
  public internal(set) var lastOpenTime: Int64?

  /// Prepares the computation of a schema's columns.
  /// - Throws: `TernError` of kind `data` when the schema was not made by this catalogue: another version, an unknown
  ///   feature, or a definition that differs.
  public convenience init(schema: FeatureSchema) throws(TernError) {
    try self.init(schema: schema, blockLength: 1)
  }

  /// Prepares the computation in blocks of up to `blockLength` rows.
  init(schema: FeatureSchema, blockLength: Int) throws(TernError) {
    let plan = try FeatureCatalogue.plan(schema, blockLength: blockLength)
    self.schema = schema
    graph = plan.graph
    inputs = plan.inputs
    outputs = Storage(plan.lanes.count, repeating: plan.inputs.open.values)
    for (index, lane) in plan.lanes.enumerated() { outputs.start[index] = lane.values }
    calendar = Calendar(interval: schema.interval)
  }

  /// Forgets everything: candles, and funding events.
  public func reset() {
    graph.reset()
    funding.clear()
    pending.clear()
    lastOpenTime = nil
  }

  /// Tells of a funding settlement; it enters the rows of candles that close at `time` or later.
  ///
  /// An event that is not later than the one before it is ignored.
  public func observeFunding(time: Int64, rate: Double) { pending.append(time: time, rate: rate) }

  /// Takes in the next closed candle and writes its feature row.
  ///
  /// A candle that does not follow its predecessor immediately forgets all state of the candles. A quote that is later
  /// than the close, or older than one interval before it, counts as unknown.
  /// - Parameter row: `schema.count` values; NaN is unknown.
  /// - Throws: `TernError` of kind `data`, leaving the state and `row` untouched, when the candle is malformed or not
  ///   later than its predecessor.
  public func update(
    _ candle: Candle, quote: Quote? = nil, into row: UnsafeMutablePointer<Float>
  ) throws(TernError) {
    if let fault = CandleFault.find(in: candle) { throw fault.error(candle) }
    if let last = lastOpenTime {
      guard candle.openTime > last else { throw CandleFault.order(candle.openTime, after: last) }
      if candle.openTime - last != schema.interval.milliseconds { graph.reset() }
    }
    lastOpenTime = candle.openTime
    place(candle, at: 0)
    let closeTime = candle.openTime + schema.interval.milliseconds
    while let event = pending.next(until: closeTime) { funding.accept(time: event.time, rate: event.rate) }
    placeFunding(at: 0, closeTime: closeTime)
    placeQuote(quote, at: 0, closeTime: closeTime)
    calendar.place(openTime: candle.openTime, closeTime: closeTime, at: 0, inputs)
    graph.run(1)
    for column in 0..<outputs.count { row[column] = narrowed(outputs.start[column][0]) }
  }
}

extension FeatureEngine {
  /// Writes a candle into row `i` of the input lanes.
  @inline(__always)
  func place(_ candle: Candle, at i: Int) {
    inputs.open.values[i] = candle.open
    inputs.high.values[i] = candle.high
    inputs.low.values[i] = candle.low
    inputs.close.values[i] = candle.close
    inputs.volume.values[i] = candle.volume
    inputs.tradeCount.values[i] = candle.tradeCount
    inputs.takerBuyVolume.values[i] = candle.takerBuyVolume
    graph.closeTime.start[i] = candle.openTime + schema.interval.milliseconds
  }

  /// Writes what is known of funding at a close into row `i` of the input lanes.
  @inline(__always)
  func placeFunding(at i: Int, closeTime: Int64) {
    let current = funding.isCurrent(at: closeTime)
    inputs.fundingRate.values[i] = current ? funding.rate : .nan
    inputs.fundingChange.values[i] = current ? funding.change : .nan
    inputs.fundingMean.values[i] = current ? funding.mean : .nan
    inputs.fundingScore.values[i] = current ? funding.score : .nan
    inputs.fundingWait.values[i] = funding.wait(at: closeTime)
  }

  /// Writes the quote at a close into row `i` of the input lanes; one that is malformed, late or stale is unknown.
  @inline(__always)
  func placeQuote(_ quote: Quote?, at i: Int, closeTime: Int64) {
    var known = quote
    if let quote {
      let isFresh = quote.time <= closeTime && quote.time >= closeTime - schema.interval.milliseconds
      let isSound =
        quote.bidPrice > 0 && quote.askPrice >= quote.bidPrice && quote.askPrice.isFinite
        && quote.bidQuantity >= 0
        && quote.askQuantity >= 0 && quote.bidQuantity.isFinite && quote.askQuantity.isFinite
      if !isFresh || !isSound { known = nil }
    }
    inputs.bidPrice.values[i] = known?.bidPrice ?? .nan
    inputs.bidQuantity.values[i] = known?.bidQuantity ?? .nan
    inputs.askPrice.values[i] = known?.askPrice ?? .nan
    inputs.askQuantity.values[i] = known?.askQuantity ?? .nan
  }
}

/// Funding events that are known but belong to candles still to come: a small ring.
struct PendingFunding {
  private static let capacity = 64
  private let times = Storage<Int64>(PendingFunding.capacity, repeating: 0)
  private let rates = Storage<Double>(PendingFunding.capacity, repeating: 0)
  private var first = 0
  private var count = 0
  private var latest = Int64.min

  mutating func clear() {
    first = 0
    count = 0
    latest = .min
  }

  /// Adds an event; the oldest one waiting is dropped when the ring is full.
  mutating func append(time: Int64, rate: Double) {
    guard time > latest, rate.isFinite else { return }
    latest = time
    if count == PendingFunding.capacity {
      first = (first + 1) % PendingFunding.capacity
      count -= 1
    }
    let slot = (first + count) % PendingFunding.capacity
    times.start[slot] = time
    rates.start[slot] = rate
    count += 1
  }

  /// Takes out the oldest event at or before an instant.
  mutating func next(until instant: Int64) -> (time: Int64, rate: Double)? {
    guard count > 0, times.start[first] <= instant else { return nil }
    defer {
      first = (first + 1) % PendingFunding.capacity
      count -= 1
    }
    return (times.start[first], rates.start[first])
  }
}
