import Calibration
import Diagnostics
import Features
import Market

/// Decides one market with one stack: features, layer 1, layer 2, layer 3, calibration, verdict.
///
/// Feed every closed candle in order, and funding as it happens. A decision equals what the pipeline computes in batch
/// for the same candles, bit for bit. After `init` nothing is allocated.
///
/// ```swift
/// let decider = try stack.makeDecider(terms: terms)
/// let decision = try decider.decide(candle)
/// if decision.executes { … }
/// ```
public final class Decider {
  /// What the feature row holds.
  public var schema: FeatureSchema { engine.schema }
  /// How probabilities become a verdict.
  public let rule: VerdictRule

  private(set) var engine: FeatureEngine
  private let regimeLayer: any RegimeLayer
  private let patternLayer: (any PatternLayer)?
  private let signalLayer: any SignalLayer
  private let calibrator: Calibrator
  private let warmUp: Int
  private let interval: Int64
  private let features: Int
  /// Where layer 1's probabilities end within the row.
  private let regimeEnd: Int
  /// Features, layer 1's probabilities, layer 2's vector: the row of layer 3.
  private let row: UnsafeMutableBufferPointer<Float>
  private let signal: UnsafeMutableBufferPointer<Float>
  private let probabilities: UnsafeMutableBufferPointer<Double>
  /// Candles since the start or the last gap, the latest included.
  private var run = 0
  private var lastOpenTime: Int64?

  /// Sums of layers' probabilities may miss one by this much: single-precision softmax stays far within.
  static let sumTolerance = 1e-4

  /// Times beyond this (36 million years) are refused, so that no sum with an interval overflows.
  static let latestTime: UInt64 = 1 << 60

  /// Puts a stack's parts together.
  /// - Parameter engine: an engine of the very schema that has seen nothing yet; nil makes one.
  /// - Throws: `TernError` of kind `data` when the schema is not this build's, or a layer's inputs or outputs are not
  ///   those of its place.
  public init(
    schema: FeatureSchema, engine: FeatureEngine? = nil, regime: any RegimeLayer,
    pattern: (any PatternLayer)? = nil, signal: any SignalLayer, calibrator: Calibrator, rule: VerdictRule
  ) throws(TernError) {
    let names = pattern?.outputNames ?? []
    try Decider.check("regime", regime, LayerInputs.regime(schema), Regime.allCases.count)
    if let pattern { try Decider.check("pattern", pattern, LayerInputs.pattern(schema), names.count) }
    try Decider.check(
      "signal", signal, LayerInputs.signal(schema, patternOutputs: names), Direction.allCases.count)
    try calibrator.requireClasses(Direction.allCases.count)
    guard schema.count > 0 else { throw TernError(.data, "the feature schema is empty", key: "features") }
    if let engine {
      precondition(engine.schema == schema, "an engine of another schema")
      self.engine = engine
    } else {
      self.engine = try FeatureEngine(schema: schema)
    }
    regimeLayer = regime
    patternLayer = pattern
    signalLayer = signal
    self.calibrator = calibrator
    self.rule = rule
    warmUp = schema.warmUp
    interval = schema.interval.milliseconds
    features = schema.count
    regimeEnd = schema.count + Regime.allCases.count
    row = .allocate(capacity: schema.count + Regime.allCases.count + names.count)
    row.initialize(repeating: .nan)
    self.signal = .allocate(capacity: Direction.allCases.count)
    self.signal.initialize(repeating: 0)
    probabilities = .allocate(capacity: Direction.allCases.count)
    probabilities.initialize(repeating: 0)
  }

  deinit {
    row.deallocate()
    signal.deallocate()
    probabilities.deallocate()
  }

  /// Number of candles still to come before decisions are known, if none is missing.
  public var candlesUntilKnown: Int { max(0, warmUp + 1 - run) }

  /// The latest feature row, in schema order; NaN is unknown.
  public var featureRow: [Float] { Array(row[..<features]) }

  /// Tells of a funding settlement; it enters the decisions of candles that close at `time` or later.
  public func observeFunding(time: Int64, rate: Double) { engine.observeFunding(time: time, rate: rate) }

  /// Forgets all candles and funding.
  public func reset() {
    engine.reset()
    run = 0
    lastOpenTime = nil
  }

  /// Takes over what another decider of the same market and schema has learnt, which must not be used afterwards.
  public func adoptFeatures(of other: Decider) {
    precondition(other.schema == schema, "features of another schema")
    engine = other.engine
    run = other.run
    lastOpenTime = other.lastOpenTime
  }

  /// Takes in a closed candle of the past without deciding.
  /// - Throws: as `decide`.
  public func learn(_ candle: Candle) throws(TernError) {
    guard let base = row.baseAddress else {
      throw TernError(.internalFailure, "a decider has no room for its row")
    }
    try engine.update(candle, quote: nil, into: base)
    let follows = lastOpenTime.map { candle.openTime - $0 == interval } ?? false
    run = follows ? run + 1 : 1
    lastOpenTime = candle.openTime
  }

  /// Takes in the next closed candle and decides.
  ///
  /// The decision is known once every feature is past its warm-up, counted from the start or the last gap; before, the
  /// verdict is NEUTRAL with the reason WARMING_UP.
  /// - Parameter quote: the best bid and ask at the close; one that is late or stale counts as unknown.
  /// - Throws: `TernError` of kind `data`, leaving the state untouched, when the candle is malformed or not later than
  ///   its predecessor.
  public func decide(_ candle: Candle, quote: Quote? = nil) throws(TernError) -> Decision {
    guard let base = row.baseAddress else {
      throw TernError(.internalFailure, "a decider has no room for its row")
    }
    guard candle.openTime.magnitude <= Decider.latestTime else {
      throw TernError(
        .data, "a candle's time is absurd", key: "open_time", found: "\(candle.openTime)",
        expected: "milliseconds since 1970")
    }
    try engine.update(candle, quote: quote, into: base)
    let follows = lastOpenTime.map { candle.openTime - $0 == interval } ?? false
    run = follows ? run + 1 : 1
    lastOpenTime = candle.openTime
    let values = UnsafeMutableBufferPointer(rebasing: row[..<features])
    Decider.unifyNaN(values)
    var decision = Decision(
      openTime: candle.openTime, closeTime: candle.openTime + interval,
      featureDigest: RowDigest.compute(UnsafeRawBufferPointer(values)), reason: .warmingUp)
    if run > warmUp { evaluate(&decision) }
    return decision
  }

  private func evaluate(_ decision: inout Decision) {
    decision.reason = .unknownInput
    var regime = UnsafeMutableBufferPointer(rebasing: row[features..<regimeEnd]).mutableSpan
    regimeLayer.evaluate(UnsafeBufferPointer(rebasing: row[..<features]).span, into: &regime)
    guard isDistribution(features..<regimeEnd) else { return }
    if let patternLayer {
      var pattern = UnsafeMutableBufferPointer(rebasing: row[regimeEnd...]).mutableSpan
      patternLayer.evaluate(UnsafeBufferPointer(rebasing: row[..<regimeEnd]).span, into: &pattern)
    }
    var raw = signal.mutableSpan
    signalLayer.evaluate(UnsafeBufferPointer(row).span, into: &raw)
    for k in 0..<signal.count { probabilities[k] = Double(signal[k]) }
    guard Decider.isDistribution(probabilities) else { return }
    let before = SIMD4(probabilities[0], probabilities[1], probabilities[2], 0)
    var calibrated = probabilities.mutableSpan
    calibrator.apply(&calibrated)
    guard Decider.isDistribution(probabilities) else { return }

    var best = 0
    for k in 0..<(regimeEnd - features) {
      decision.regimeProbabilities[k] = row[features + k]
      if row[features + k] > row[features + best] { best = k }
    }
    decision.regime = Regime(rawValue: Int8(best))
    decision.rawProbabilities = before
    decision.probabilities = SIMD4(probabilities[0], probabilities[1], probabilities[2], 0)
    var most = 0
    for k in 1..<probabilities.count where probabilities[k] > probabilities[most] { most = k }
    decision.direction = Direction(rawValue: Int8(most)) ?? .neutral
    decision.confidence = probabilities[most]
    rule.judge(&decision)
  }

  private func isDistribution(_ range: Range<Int>) -> Bool {
    var sum = 0.0
    for index in range {
      let value = Double(row[index])
      guard value >= 0, value <= 1 else { return false }
      sum += value
    }
    return abs(sum - 1) <= Decider.sumTolerance
  }

  private static func isDistribution(_ values: UnsafeMutableBufferPointer<Double>) -> Bool {
    var sum = 0.0
    for value in values {
      guard value >= 0, value <= 1 else { return false }
      sum += value
    }
    return abs(sum - 1) <= sumTolerance
  }

  /// Gives every NaN the same bits: which of two NaNs an addition passes on depends on the order in which the compiler
  /// put them.
  private static func unifyNaN(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let base = values.baseAddress else { return }
    base.withMemoryRebound(to: UInt32.self, capacity: values.count) { bits in
      for index in 0..<values.count {
        let isNaN = bits[index] & 0x7FFF_FFFF > 0x7F80_0000
        bits[index] = isNaN ? 0x7FC0_0000 : bits[index]
      }
    }
  }

  private static func check(
    _ role: String, _ layer: any DecisionLayer, _ inputs: [String], _ outputs: Int
  ) throws(TernError) {
    let found = layer.inputNames
    guard found == inputs else {
      let place = zip(found, inputs).enumerated().first { $1.0 != $1.1 }
      throw TernError(
        .data, "the \(role) layer's inputs are not those of the schema", key: "\(role).inputs",
        found: place.map { "\($1.0) at \($0)" } ?? "\(found.count) inputs",
        expected: place.map { "\($1.1)" } ?? "\(inputs.count)")
    }
    guard layer.outputWidth == outputs else {
      throw TernError(
        .data, "the \(role) layer has the wrong number of outputs", key: "\(role).outputs",
        found: "\(layer.outputWidth)", expected: "\(outputs)")
    }
  }
}

extension Calibrator {
  /// Checks that the map suits rows of a number of classes above two.
  /// - Throws: `TernError` of kind `data`.
  public func requireClasses(_ classes: Int) throws(TernError) {
    let maps: Int
    switch self {
    case .identity, .temperature: return
    case .platt(let curves): maps = curves.count
    case .isotonic(let curves): maps = curves.count
    }
    guard maps == classes else {
      throw TernError(
        .data, "the calibration is for another number of classes", key: "calibration.maps",
        found: "\(maps)", expected: "\(classes)")
    }
  }
}
