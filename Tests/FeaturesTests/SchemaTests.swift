import Diagnostics
import Files
import Market
import Testing

@testable import Features

@Suite struct SchemaTests {
  @Test func catalogueIsLargeAndUnambiguous() throws {
    let schema = try FeatureCatalogue.schema(for: .minute)
    #expect(schema.count >= 200)
    #expect(Set(schema.names).count == schema.count)
    for feature in schema.features {
      #expect(feature.name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
      #expect(!feature.formula.isEmpty && !feature.unit.isEmpty && !feature.family.isEmpty)
    }
  }

  /// A changed digest means that models trained before do not fit any more: raise `FeatureCatalogue.version` when the
  /// change is meant.
  @Test func hashIsPinned() throws {
    let minute = try FeatureCatalogue.schema(for: .minute).hash.hexadecimal
    #expect(minute == "efe46e076dd9b145dc61f984c965981fe33b201b410991981b36d6bb61f40087")
    let five = try FeatureCatalogue.schema(for: Interval("5m")).hash.hexadecimal
    #expect(five == "a85ae2f51666de6a7d4548021a41fda2d3acd787bf89ff3503cd0dc2bfb492d6")
  }

  @Test func hashSeesEveryField() throws {
    let schema = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_14", "bop"])
    var other = schema
    other = FeatureSchema(version: 2, interval: schema.interval, features: schema.features)
    #expect(other.hash != schema.hash)
    other = FeatureSchema(version: 1, interval: schema.interval, features: schema.features.reversed())
    #expect(other.hash != schema.hash)
    #expect(
      try FeatureCatalogue.schema(for: Interval("5m"), selecting: ["rsi_14", "bop"]).hash != schema.hash)
  }

  @Test func survivesJSON() throws {
    let schema = try FeatureCatalogue.schema(for: .minute)
    let copy = try CanonicalJSON.decode(FeatureSchema.self, from: CanonicalJSON.encode(schema))
    #expect(copy == schema && copy.hash == schema.hash)
    _ = try FeatureEngine(schema: copy)
  }

  @Test func selectionKeepsOrderAndValues() throws {
    let candles = TestMarket.walk(rows: 1_500, seed: 30)
    let names = ["rsi_14_5m", "bop", "macd_signal_9", "yang_zhang_20", "rsi_14"]
    let chosen = try FeatureCatalogue.schema(for: .minute, selecting: names)
    #expect(chosen.names == names)
    let all = try FeatureBuilder.build(
      MarketData(candles: candles), schema: FeatureCatalogue.schema(for: .minute))
    let part = try FeatureBuilder.build(MarketData(candles: candles), schema: chosen)
    for name in names {
      #expect(
        try all.column(named: name).map(\.bitPattern) == part.column(named: name).map(\.bitPattern), "\(name)"
      )
    }
  }

  @Test func unknownAndRepeatedNamesAreRejected() throws {
    let unknown = #expect(throws: TernError.self) {
      _ = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_41"])
    }
    #expect(unknown?.kind == .configuration)
    #expect(unknown?.expected?.contains("rsi_") == true)
    #expect(throws: TernError.self) {
      _ = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_14", "rsi_14"])
    }
    #expect(throws: TernError.self) { _ = try FeatureCatalogue.schema(for: Interval("1w")) }
  }

  @Test func aForeignSchemaIsRejected() throws {
    let schema = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_14", "bop"])
    let own = schema.features[0]
    let foreign = [
      FeatureSchema(version: 7, interval: schema.interval, features: schema.features),
      FeatureSchema(
        version: 1, interval: schema.interval,
        features: [
          FeatureDefinition(
            name: own.name, family: own.family, formula: "RSI of another kind", lookback: own.lookback,
            warmUp: own.warmUp, unit: own.unit, source: own.source)
        ]),
      FeatureSchema(
        version: 1, interval: schema.interval,
        features: [
          FeatureDefinition(
            name: "magic", family: own.family, formula: own.formula, lookback: 1, warmUp: 0, unit: own.unit,
            source: own.source)
        ]),
    ]
    for schema in foreign {
      let error = #expect(throws: TernError.self) { _ = try FeatureEngine(schema: schema) }
      #expect(error?.kind == .data)
    }
  }
}
