import Diagnostics
import Market
import Settings
import Testing

private struct Model: Decodable, Equatable {
  var eta = 0.3
  var depth = 6
  var horizon = Interval.minute

  enum CodingKeys: String, CodingKey, CaseIterable {
    case eta, horizon
    case depth = "max_depth"
  }

  init() {}

  init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    eta = try values.decodeIfPresent(Double.self, forKey: .eta) ?? eta
    depth = try values.decodeIfPresent(Int.self, forKey: .depth) ?? depth
    horizon = try values.decodeIfPresent(Interval.self, forKey: .horizon) ?? horizon
  }
}

private struct Sample: Decodable, Equatable {
  var seed: Int
  var model: Model?

  enum CodingKeys: String, CodingKey, CaseIterable { case seed, model }

  init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    seed = try values.decode(Int.self, forKey: .seed)
    model = try values.decodeIfPresent(Model.self, forKey: .model)
  }
}

@Suite struct SettingsTests {
  private func decode(_ text: String) throws -> Sample {
    try SettingsDocument(text: text, file: "x.yaml").decode(Sample.self)
  }

  @Test func readsValuesDefaultsAndSections() throws {
    let sample = try decode("seed: 4\nmodel:\n  eta: 0.1\n  horizon: 60m\n")
    #expect(sample.seed == 4)
    #expect(sample.model?.eta == 0.1)
    #expect(sample.model?.depth == 6)
    #expect(try sample.model?.horizon == Interval("1h"))
  }

  @Test func rejectsAnUnknownKeyWithItsLineAndTheNearestKnown() {
    #expect(
      throws: TernError(
        .configuration, "is not a known key; did you mean max_depth?", file: "x.yaml", line: 3,
        key: "model.max_dept", found: "\"6\"", expected: "one of eta, horizon, max_depth")
    ) { try decode("seed: 1\nmodel:\n  max_dept: 6\n") }
  }

  @Test func namesWhatDoesNotFit() {
    #expect(
      throws: TernError(
        .configuration, "does not fit", file: "x.yaml", line: 2, key: "model.eta", found: "\"fast\"",
        expected: "a number")
    ) { try decode("seed: 1\nmodel: {eta: fast}\n") }
    #expect(throws: TernError(.configuration, "is missing", file: "x.yaml", key: "seed")) {
      try decode("model: {}")
    }
  }

  @Test func keepsTheReasonOfATypesOwnRefusal() throws {
    let error = try #require(throws: TernError.self) { try decode("seed: 1\nmodel:\n  horizon: soon\n") }
    #expect(error.message == "is not an interval")
    #expect(error.line == 3)
    #expect(error.key == "model.horizon")
    #expect(error.kind == .configuration)
  }

  @Test(arguments: ["a: [", "seed: 1\nseed: 2", "- 1", "a: b: c", ""])
  func refusesBrokenDocuments(_ text: String) {
    #expect(throws: TernError.self) { try decode(text) }
  }

  @Test func overridesReachNestedKeysAndCreateSections() throws {
    var document = try SettingsDocument(text: "seed: 1\n", file: "x.yaml")
    try document.set("model.eta=0.05")
    try document.set("seed=9")
    let sample = try document.decode(Sample.self)
    #expect(sample.model?.eta == 0.05)
    #expect(sample.seed == 9)
    #expect(throws: TernError.self) { try document.set("no-equals") }
    #expect(throws: TernError.self) { try document.set("a..b=1") }
  }

  @Test func refusesFractionsAndQuotesForWholeNumbersWithThePlace() {
    for (text, found) in [("1.5", "\"1.5\""), ("1e3", "\"1e3\""), ("\"4\"", "\"4\""), ("yes", "\"yes\"")] {
      #expect(
        throws: TernError(
          .configuration, "does not fit", file: "x.yaml", line: 1, key: "seed", found: found,
          expected: "a whole number")
      ) { try decode("seed: \(text)\n") }
    }
    #expect(
      throws: TernError(
        .configuration, "has no value", file: "x.yaml", line: 1, key: "seed", found: "\"\"",
        expected: "a whole number")
    ) { try decode("seed:\n") }
    #expect(
      throws: TernError(
        .configuration, "does not fit", file: "x.yaml", line: 2, key: "model", found: "\"6\"",
        expected: "keys with values")
    ) { try decode("seed: 1\nmodel: 6\n") }
  }

  @Test func namesTheLineInsideAList() throws {
    let document = try SettingsDocument(text: "rates:\n  - 1\n  - 2\n  - x\n", file: "x.yaml")
    #expect(
      throws: TernError(
        .configuration, "does not fit", file: "x.yaml", line: 4, key: "rates.2", found: "\"x\"",
        expected: "a number")
    ) { try document.decode([String: [Double]].self) }
  }

  @Test func namesTheKeyThatStandsTwice() {
    #expect(
      throws: TernError(.configuration, "stands twice", file: "x.yaml", line: 3, key: "model.eta")
    ) { try decode("seed: 1\nmodel: {eta: 1,\n  eta: 2}\n") }
  }

  @Test func overridesAreReadAsYAMLAndOtherwiseAsText() throws {
    var document = try SettingsDocument(optional: nil)
    for assignment in ["a=1.5", "b=[1, 2]", "c={d: e}", "f=x: [", "g=", "h=p=q", "a=2"] {
      try document.set(assignment)
    }
    struct Values: Decodable, Equatable {
      var a: Double
      var b: [Int]
      var c: [String: String]
      var f: String
      var g: String?
      var h: String
    }
    #expect(
      try document.decode(Values.self) == Values(a: 2, b: [1, 2], c: ["d": "e"], f: "x: [", g: nil, h: "p=q"))
    let error = try #require(throws: TernError.self) { try document.decode([String: Double].self) }
    // An override stands on no line of a file.
    #expect(error.line == nil)
    #expect(error.file == "--set")
  }

  @Test func listsScalars() throws {
    let document = try SettingsDocument(text: "eta: 0.1\nbooster: \"gbtree\"\n", file: "x.yaml")
    #expect(try document.scalars() == ["eta": "0.1", "booster": "gbtree"])
    let nested = try SettingsDocument(text: "eta: [1]\n", file: "x.yaml")
    let error = try #require(throws: TernError.self) { try nested.scalars() }
    #expect(error.key == "eta")
    #expect(error.line == 1)
  }
}
