import Diagnostics
import Market
import Settings
import Testing

@Suite struct SettingsTests {
  private func document(_ text: String) throws -> SettingsDocument { try SettingsDocument(text: text, file: "x.yaml") }

  @Test func readsTypesDefaultsAndSections() throws {
    let settings = try document("rounds: 1e2\nmodel:\n  eta: 0.1\n  horizon: 60m\n  names: [a, b]\n").settings()
    #expect(try settings.value("rounds", default: 5) == 100)
    #expect(try settings.value("seed", default: 7) == 7)
    let model = try settings.section("model")
    #expect(try model.number("eta", default: 0.3, in: 0...1) == 0.1)
    #expect(try model.required("horizon", as: Interval.self) == Interval("1h"))
    #expect(try model.value("names", default: [String]()) == ["a", "b"])
    try settings.finish()
  }

  @Test func rejectsAnUnknownKeyWithItsLineAndTheNearestKnown() throws {
    let settings = try document("seed: 1\nmodel:\n  max_dept: 6\n").settings()
    _ = try settings.value("seed", default: 0)
    _ = try settings.section("model").value("max_depth", default: 6)
    #expect(
      throws: TernError(
        .configuration, "is not a known key; did you mean max_depth?", file: "x.yaml", line: 3,
        key: "model.max_dept", expected: "one of max_depth")
    ) { try settings.finish() }
  }

  @Test(arguments: [
    ("seed: one", "\"one\""), ("seed: [1]", "a list"), ("seed: 1.5", "\"1.5\""),
  ])
  func namesWhatDoesNotFit(text: String, found: String) throws {
    let settings = try document(text).settings()
    #expect(
      throws: TernError(
        .configuration, "does not fit", file: "x.yaml", line: 1, key: "seed", found: found,
        expected: "a whole number")
    ) { try settings.value("seed", default: 0) }
  }

  @Test(arguments: ["a: [", "a: 1\na: 2", "- 1", "a: b: c"])
  func refusesBrokenDocuments(_ text: String) {
    #expect(throws: TernError.self) { try document(text) }
  }

  @Test func overridesReachNestedKeysAndCreateSections() throws {
    var document = try document("model:\n  eta: 0.3\n")
    try document.set("model.eta=0.05")
    try document.set("report.title=a b")
    let settings = document.settings()
    #expect(try settings.section("model").value("eta", default: 0.0) == 0.05)
    #expect(try settings.section("report").value("title", default: "") == "a b")
    try settings.finish()
    #expect(throws: TernError.self) { try document.set("no-equals") }
    #expect(throws: TernError.self) { try document.set("a..b=1") }
  }
}
