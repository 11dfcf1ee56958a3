import Diagnostics
import Market
import Testing

@testable import Features

@Suite struct StreamingTests {
  static let candles = TestMarket.walk(rows: 4_000, seed: 3, gaps: [1_700, 1_701, 3_100])

  /// Rows of a market computed one candle at a time.
  static func streamed(_ market: MarketData, _ schema: FeatureSchema) throws -> [[Float]] {
    let engine = try FeatureEngine(schema: schema)
    var funding = 0
    var quote = 0
    var row = [Float](repeating: 0, count: schema.count)
    var rows: [[Float]] = []
    for index in 0..<market.candles.count {
      let close = market.candles.closeTime(index)
      if let series = market.funding {
        while funding < series.time.count && series.time[funding] <= close {
          engine.observeFunding(time: series.time[funding], rate: series.rate[funding])
          funding += 1
        }
      }
      var latest: Quote?
      if let series = market.quotes {
        while quote < series.time.count && series.time[quote] <= close { quote += 1 }
        if quote > 0 {
          latest = Quote(
            time: series.time[quote - 1], bidPrice: series.bidPrice[quote - 1],
            bidQuantity: series.bidQuantity[quote - 1], askPrice: series.askPrice[quote - 1],
            askQuantity: series.askQuantity[quote - 1])
        }
      }
      try engine.update(market.candles[index], quote: latest, into: &row)
      rows.append(row)
    }
    return rows
  }

  /// The first (row, column) at which two sets of rows differ in any bit.
  static func difference(_ matrix: FeatureMatrix, _ rows: [[Float]], from start: Int = 0) -> String? {
    for (index, row) in rows.enumerated() {
      for column in 0..<matrix.columns
      where matrix.values[column * matrix.rows + start + index].bitPattern != row[column].bitPattern {
        return "\(matrix.schema.names[column]) at row \(start + index)"
      }
    }
    return nil
  }

  @Test func everyStreamedRowEqualsTheBatchBitForBit() throws {
    let market = TestMarket.full(Self.candles)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    #expect(Self.difference(matrix, try Self.streamed(market, schema)) == nil)
  }

  @Test(arguments: [1, 255, 256, 257, 1_000, 4_000, 5_000])
  func blocksHoldTheRowsOfTheBatchBitForBit(rowsPerBlock: Int) throws {
    let market = TestMarket.full(Self.candles)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    var next = 0
    var differences = 0
    try FeatureBuilder.forEachBlock(market, schema: schema, rowsPerBlock: rowsPerBlock) {
      block throws(TernError) in
      #expect(block.rows == next..<min(next + rowsPerBlock, matrix.rows))
      for column in 0..<matrix.columns {
        for (row, value) in zip(block.rows, block.column(column))
        where value.bitPattern != matrix.values[column * matrix.rows + row].bitPattern { differences += 1 }
      }
      next = block.rows.upperBound
    }
    #expect(next == matrix.rows && differences == 0)
  }

  @Test func aConsumerCanStop() throws {
    let schema = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_14"])
    var blocks = 0
    let error = #expect(throws: TernError.self) {
      try FeatureBuilder.forEachBlock(MarketData(candles: Self.candles), schema: schema, rowsPerBlock: 100) {
        _ throws(TernError) in
        blocks += 1
        if blocks == 3 { throw TernError(.temporary, "enough") }
      }
    }
    #expect(error?.kind == .temporary && blocks == 3)
  }

  @Test(arguments: ["5m", "15m", "1h", "1d", "7m"])
  func streamedRowsEqualTheBatchOnOtherIntervals(interval: String) throws {
    let market = TestMarket.full(
      TestMarket.walk(rows: 1_600, seed: 4, interval: try Interval(interval), gaps: [700]))
    let schema = try FeatureCatalogue.schema(for: Interval(interval))
    let matrix = try FeatureBuilder.build(market, schema: schema)
    #expect(Self.difference(matrix, try Self.streamed(market, schema)) == nil)
  }

  /// What comes after row t, of every source, leaves no trace in rows 0...t.
  @Test func rowsDoNotDependOnWhatFollows() throws {
    let market = TestMarket.full(Self.candles)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    for cut in [
      0, 1, 13, 254, 255, 256, 257, 511, 512, 1_439, 1_698, 1_699, 1_700, 2_559, 3_099, 3_600, 3_998,
    ] {
      var changed = market
      for row in (cut + 1)..<market.candles.count {
        let price = row % 2 == 0 ? 1e9 : 1e-9
        changed.candles.open[row] = price
        changed.candles.high[row] = price * 3
        changed.candles.low[row] = price / 3
        changed.candles.close[row] = price * 2
        changed.candles.volume[row] = row % 3 == 0 ? 0 : 1e15
        changed.candles.tradeCount[row] = .nan
        changed.candles.takerBuyVolume[row] = 0
        changed.quotes?.bidPrice[row] = 1
        changed.quotes?.askQuantity[row] = 1e6
      }
      let close = market.candles.closeTime(cut)
      for event in 0..<(market.funding?.time.count ?? 0) where market.funding?.time[event] ?? 0 > close {
        changed.funding?.rate[event] = 0.75
      }
      let other = try FeatureBuilder.build(changed, schema: schema)
      let kept = (0...cut).map(other.row)
      #expect(Self.difference(matrix, kept) == nil, "cut behind row \(cut)")
    }
  }

  @Test func aGapForgetsAllCandles() throws {
    let market = TestMarket.full(Self.candles)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    for segment in market.candles.contiguousSegments() {
      var part = market
      part.candles = market.candles.slice(segment)
      let alone = try FeatureBuilder.build(part, schema: schema)
      #expect(Self.difference(matrix, (0..<alone.rows).map(alone.row), from: segment.lowerBound) == nil)
    }
    #expect(market.candles.contiguousSegments().count == 4)
  }

  @Test func resetMakesTheEngineNew() throws {
    let candles = TestMarket.walk(rows: 600, seed: 8)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let engine = try FeatureEngine(schema: schema)
    engine.observeFunding(time: candles.openTime[0], rate: 0.001)
    var first: [[Float]] = []
    for pass in 0..<2 {
      var row = [Float](repeating: 0, count: schema.count)
      for index in 0..<candles.count {
        try engine.update(candles[index], into: &row)
        if pass == 0 {
          first.append(row)
        } else if let funding = schema.index(of: "funding_rate") {
          #expect(row[funding].isNaN)
          row[funding] = first[index][funding]
          let wait = schema.index(of: "time_to_funding") ?? 0
          row[wait] = first[index][wait]
          #expect(row.map(\.bitPattern) == first[index].map(\.bitPattern))
        }
      }
      engine.reset()
    }
  }

  @Test func rejectsUnusableCandlesAndKeepsItsState() throws {
    let candles = TestMarket.walk(rows: 300, seed: 5)
    let schema = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(MarketData(candles: candles), schema: schema)
    let engine = try FeatureEngine(schema: schema)
    var row = [Float](repeating: -7, count: schema.count)
    for index in 0..<candles.count {
      var bad = candles[index]
      switch index % 6 {
      case 0: bad.close = .nan
      case 1: bad.low = 0
      case 2: bad.high = bad.low / 2
      case 3: bad.volume = -1
      case 4: bad.open = .infinity
      default: bad.openTime = candles.openTime[max(0, index - 1)]
      }
      let before = row.map(\.bitPattern)
      let error = #expect(throws: TernError.self) { () throws in
        try engine.update(bad, into: &row)
      }
      #expect(error?.kind == .data)
      #expect(row.map(\.bitPattern) == before)
      try engine.update(candles[index], into: &row)
    }
    #expect(row.map(\.bitPattern) == matrix.row(candles.count - 1).map(\.bitPattern))
    var broken = candles
    broken.low[200] = .nan
    #expect(throws: TernError.self) {
      try FeatureBuilder.build(MarketData(candles: broken), schema: schema) as FeatureMatrix
    }
    broken = candles
    broken.openTime[200] = broken.openTime[198]
    #expect(throws: TernError.self) {
      try FeatureBuilder.build(MarketData(candles: broken), schema: schema) as FeatureMatrix
    }
    #expect(throws: TernError.self) {
      try FeatureBuilder.build(
        MarketData(candles: candles), schema: FeatureCatalogue.schema(for: Interval(milliseconds: 300_000)))
    }
    let empty = try FeatureBuilder.build(
      MarketData(candles: CandleSeries(symbol: "TEST", interval: .minute)), schema: schema)
    #expect(empty.rows == 0 && empty.values.isEmpty)
  }
}
