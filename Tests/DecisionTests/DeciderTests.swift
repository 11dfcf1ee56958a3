import Calibration
import Compute
import DecisionFixtures
import Diagnostics
import Features
import Foundation
import Market
import TestSupport
import Testing
import Trees

@testable import Decision

/// A layer that gives what it is told to.
private struct FixedLayer: RegimeLayer, SignalLayer {
  var inputNames: [String]
  var values: [Float]
  var outputWidth: Int { values.count }
  func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    for index in values.indices { outputs[index] = values[index] }
  }
}

/// A pattern layer that gives the sum of the regimes' probabilities and its number of inputs.
private struct CountingPattern: PatternLayer {
  var inputNames: [String]
  var outputNames: [String] { ["pattern_sum", "pattern_width"] }
  var outputWidth: Int { 2 }
  func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    var sum: Float = 0
    for index in inputs.count - 7..<inputs.count { sum += inputs[index] }
    outputs[0] = sum
    outputs[1] = Float(inputs.count)
  }
}

/// A signal layer that is sure of LONG when the pattern layer saw what it must.
private struct PatternReader: SignalLayer {
  var inputNames: [String]
  var outputWidth: Int { 3 }
  func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    let isSeen = inputs[inputs.count - 2] == 1 && inputs[inputs.count - 1] == Float(inputs.count - 2)
    outputs[0] = isSeen ? 1 : 0
    outputs[1] = 0
    outputs[2] = isSeen ? 0 : 1
  }
}

@Suite struct DeciderTests {
  /// Every third feature that warms up within a day, so that short markets suffice.
  private static func schema() throws -> FeatureSchema {
    let all = try FeatureCatalogue.schema(for: .minute)
    let names = all.features.enumerated().filter { $0.offset % 3 == 0 && $0.element.warmUp < 1_500 }
      .map(\.element.name)
    return try FeatureCatalogue.schema(for: .minute, selecting: names)
  }

  /// The pipeline's way: features of the whole history, forests over columns, one calibration of the table.
  @Test func everyDecisionEqualsTheBatchBitForBit() throws {
    // A missing candle, a missing hour, and a start in the middle of a day.
    let market = SmallMarket.removing(try SmallMarket.days(6)) {
      $0 < 700 || $0 == 3_000 || (5_500..<5_560).contains($0)
    }
    let matrix = try FeatureBuilder.build(market, schema: try DeciderTests.schema())
    let stack = try RandomStack(matrix: matrix, share: 0.3)
    let pool = ThreadPool(threads: 1)
    let columns = (0..<matrix.columns).map { Array(matrix.column($0)) }
    let rows = matrix.rows
    let regimes = try stack.regime.predict(columns: columns, pool: pool)
    let extra = (0..<7).map { k in (0..<rows).map { regimes[$0 * 7 + k] } }
    let raw = try stack.signal.predict(columns: columns + extra, pool: pool).map(Double.init)
    var calibrated = raw
    stack.calibrator.apply(&calibrated, classes: 3)
    var isKnown = [Bool](repeating: false, count: rows)
    for segment in market.candles.contiguousSegments() {
      for row in segment.dropFirst(stack.schema.warmUp) { isKnown[row] = true }
    }

    let decider = try stack.decider()
    var funding = 0
    var quote = 0
    var compared = 0
    var executed = 0
    for row in 0..<rows {
      let close = market.candles.closeTime(row)
      while let series = market.funding, funding < series.time.count, series.time[funding] <= close {
        decider.observeFunding(time: series.time[funding], rate: series.rate[funding])
        funding += 1
      }
      var known: Quote?
      if let series = market.quotes {
        while quote < series.time.count, series.time[quote] <= close { quote += 1 }
        if quote > 0 {
          known = Quote(
            time: series.time[quote - 1], bidPrice: series.bidPrice[quote - 1],
            bidQuantity: series.bidQuantity[quote - 1], askPrice: series.askPrice[quote - 1],
            askQuantity: series.askQuantity[quote - 1])
        }
      }
      let decision = try decider.decide(market.candles[row], quote: known)
      #expect(decision.openTime == market.candles.openTime[row] && decision.closeTime == close)
      #expect((decision.reason != .warmingUp) == isKnown[row], "row \(row)")
      let unified = matrix.row(row).map { $0.isNaN ? UInt32(0x7FC0_0000) : $0.bitPattern }
      #expect(decision.featureDigest == unified.withUnsafeBytes { RowDigest.compute($0) })
      guard isKnown[row] else {
        #expect(decision.verdict == .neutral && decision.confidence == 0 && decision.regime == nil)
        continue
      }
      compared += 1
      for k in 0..<7 { #expect(decision.regimeProbabilities[k] == regimes[row * 7 + k]) }
      #expect(decision.regimeProbabilities[7] == 0)
      for k in 0..<3 {
        #expect(decision.rawProbabilities[k] == raw[row * 3 + k])
        #expect(decision.probabilities[k] == calibrated[row * 3 + k])
      }
      let values = Array(calibrated[row * 3..<row * 3 + 3])
      let confidence = try #require(values.max())
      #expect(decision.confidence == confidence)
      #expect(decision.direction == Direction.allCases[try #require(values.firstIndex(of: confidence))])
      let regimeValues = Array(regimes[row * 7..<row * 7 + 7])
      let most = try #require(regimeValues.max())
      #expect(decision.regime == Regime.allCases[try #require(regimeValues.firstIndex(of: most))])
      let isTraded = decision.direction != .neutral && confidence >= 0.65
      #expect(decision.executes == isTraded)
      if decision.executes { executed += 1 }
    }
    #expect(compared > 2_000 && executed > 100 && executed < compared, "\(compared), \(executed)")
  }

  @Test func warmingUpEndsWithTheRowAfterTheWarmUpAndBeginsAgainAtAGap() throws {
    let schema = try FeatureCatalogue.schema(
      for: .minute, selecting: [try #require(try FeatureCatalogue.schema(for: .minute).names.first)])
    let market = try SmallMarket.days(1).candles
    let decider = try DeciderTests.fixed(schema, signal: [1, 0, 0])
    let warm = schema.warmUp
    for row in 0..<warm {
      #expect(decider.candlesUntilKnown == warm + 1 - row)
      #expect(try decider.decide(market[row]).reason == .warmingUp)
    }
    #expect(try decider.decide(market[warm]).reason == .execute)
    #expect(decider.candlesUntilKnown == 0)
    if warm > 0 { #expect(try decider.decide(market[warm + 5]).reason == .warmingUp) }
    decider.reset()
    #expect(decider.candlesUntilKnown == warm + 1)
  }

  private static func fixed(
    _ schema: FeatureSchema, regime: [Float] = [1, 0, 0, 0, 0, 0, 0], signal: [Float],
    calibrator: Calibrator = .identity
  ) throws -> Decider {
    try Decider(
      schema: schema, regime: FixedLayer(inputNames: LayerInputs.regime(schema), values: regime),
      signal: FixedLayer(inputNames: LayerInputs.signal(schema), values: signal), calibrator: calibrator,
      rule: try VerdictRule(plan: TradePlan(), takerFee: .zero))
  }

  private static func instant() throws -> (FeatureSchema, Candle) {
    let all = try FeatureCatalogue.schema(for: .minute)
    let name = try #require(all.features.first { $0.warmUp == 0 }).name
    return (
      try FeatureCatalogue.schema(for: .minute, selecting: [name]), try SmallMarket.days(1).candles[0]
    )
  }

  @Test(
    arguments: [
      ([.nan, 0, 1], [1, 0, 0, 0, 0, 0, 0]), ([0.5, 0.5, 0.5], [1, 0, 0, 0, 0, 0, 0]),
      ([1, 0, 0], [.nan, 0, 0, 0, 0, 0, 0]), ([1, 0, 0], [0, 0, 0, 0, 0, 0, 0]),
      ([-0.5, 0.5, 1], [1, 0, 0, 0, 0, 0, 0]), ([.infinity, 0, 0], [1, 0, 0, 0, 0, 0, 0]),
    ] as [([Float], [Float])])
  func whatIsNoProbabilityIsUnknownInput(signal: [Float], regime: [Float]) throws {
    let (schema, candle) = try DeciderTests.instant()
    let decision = try DeciderTests.fixed(schema, regime: regime, signal: signal).decide(candle)
    #expect(decision.reason == .unknownInput && decision.verdict == .neutral && decision.regime == nil)
    #expect(decision.probabilities == .zero && decision.confidence == 0)
  }

  @Test func ofEqualsTheFirstIsPredicted() throws {
    let (schema, candle) = try DeciderTests.instant()
    let decision = try DeciderTests.fixed(
      schema, regime: [0.25, 0.25, 0.25, 0.25, 0, 0, 0], signal: [0.5, 0.5, 0]
    ).decide(candle)
    #expect(decision.direction == .long && decision.regime == .trendingUp)
  }

  @Test func aPatternLayerReadsTheRegimesAndIsReadByTheSignal() throws {
    let (schema, candle) = try DeciderTests.instant()
    let pattern = CountingPattern(inputNames: LayerInputs.pattern(schema))
    let decider = try Decider(
      schema: schema,
      regime: FixedLayer(
        inputNames: LayerInputs.regime(schema), values: [0.5, 0.25, 0.25, 0, 0, 0, 0]),
      pattern: pattern,
      signal: PatternReader(
        inputNames: LayerInputs.signal(schema, patternOutputs: pattern.outputNames)),
      calibrator: .identity, rule: try VerdictRule(plan: TradePlan(), takerFee: .zero))
    let decision = try decider.decide(candle)
    #expect(decision.verdict == .long && decision.confidence == 1)
  }

  @Test func layersThatDoNotFitAreRefused() throws {
    let (schema, _) = try DeciderTests.instant()
    let rule = try VerdictRule(plan: TradePlan(), takerFee: .zero)
    let regime = FixedLayer(inputNames: LayerInputs.regime(schema), values: [1, 0, 0, 0, 0, 0, 0])
    let signal = FixedLayer(inputNames: LayerInputs.signal(schema), values: [1, 0, 0])
    func key(_ regime: FixedLayer, _ signal: FixedLayer, _ calibrator: Calibrator = .identity) throws
      -> String?
    {
      try #require(throws: TernError.self) {
        try Decider(
          schema: schema, regime: regime, signal: signal, calibrator: calibrator, rule: rule)
      }.key
    }
    var other = regime
    other.inputNames[0] = "other"
    #expect(try key(other, signal) == "regime.inputs")
    other = regime
    other.values.removeLast()
    #expect(try key(other, signal) == "regime.outputs")
    other = signal
    other.inputNames.swapAt(1, 2)
    #expect(try key(regime, other) == "signal.inputs")
    other = signal
    other.values.append(0)
    #expect(try key(regime, other) == "signal.outputs")
    let curve = try PlattScaling(slope: -1, offset: 0)
    #expect(try key(regime, signal, .platt([curve])) == "calibration.maps")
    #expect(try key(regime, signal, .platt([curve, curve, curve, curve])) == "calibration.maps")
  }

  @Test func aBadCandleIsRefusedAndChangesNothing() throws {
    let schema = try DeciderTests.schema()
    let market = try SmallMarket.days(1).candles
    let tried = try DeciderTests.fixed(schema, signal: [1, 0, 0])
    let twin = try DeciderTests.fixed(schema, signal: [1, 0, 0])
    for row in 0..<300 {
      if row % 7 == 3 {
        var bad = market[row]
        switch row % 5 {
        case 0: bad.close = .nan
        case 1: bad.openTime = market.openTime[row - 1]
        case 2: bad.low = bad.high * 2
        case 3: bad.openTime = .max
        default: bad.volume = -1
        }
        #expect(throws: TernError.self) { try tried.decide(bad) }
      }
      #expect(try tried.decide(market[row]) == twin.decide(market[row]))
    }
  }

  /// Prints what a decision costs with a stack of phase 1's size; that it allocates nothing must hold.
  @Test func aDecisionAllocatesNothing() throws {
    let (text, status) = try SupportProgram("DecisionMeter", []).wait()
    #expect(status == 0)
    print(text.joined(separator: "\n"))
    let lines = text.map { $0.split(separator: " ").map(String.init) }
    let probe = try #require(lines.first { $0[0] == "probe" })
    #expect(probe[1] != "0")
    let allocations = try #require(lines.first { $0[0] == "allocations" })
    #expect(try #require(Int(allocations[1])) >= 4_000 && allocations[2] == "0", "\(allocations)")
  }
}
