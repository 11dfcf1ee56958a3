import Testing
import YAML

private struct Everything: Codable, Equatable {
  struct Inner: Codable, Equatable {
    var name: String
    var rates: [Double]
  }
  enum Mode: String, Codable { case fast, slow }

  var flag: Bool
  var small: Int8
  var seed: UInt64
  var ratio: Float
  var mode: Mode
  var note: String?
  var inner: Inner
  var table: [String: Int]
  var grid: [[Int]]
  var maybe: [Int?]
}

@Suite struct DecoderTests {
  private let text = """
    flag: true
    small: -8
    seed: 18446744073709551615
    ratio: 0.1
    mode: slow
    note: ~
    inner: {name: 42, rates: [1, 2.5, 1e-3]}
    table: {a: 1, b: 2}
    grid: [[1, 2], [], [3]]
    maybe: [1, null, 3]
    """

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try YAMLDecoder().decode(type, from: try #require(try YAMLParser().parse(text)))
  }

  @Test func readsEveryShape() throws {
    let value = try decode(Everything.self, text)
    #expect(
      value
        == Everything(
          flag: true, small: -8, seed: .max, ratio: 0.1, mode: .slow, note: nil,
          inner: .init(name: "42", rates: [1, 2.5, 0.001]), table: ["a": 1, "b": 2],
          grid: [[1, 2], [], [3]],
          maybe: [1, nil, 3]))
  }

  @Test(arguments: [
    ("small: -8", "small: 200", "small"), ("small: -8", "small: 1.0", "small"),
    ("flag: true", "flag: yes", "flag"),
    ("ratio: 0.1", "ratio: \"0.1\"", "ratio"), ("1e-3", "x", "inner.rates.2"),
    ("[3]]", "[3, [4]]]", "grid.2.1"),
    ("b: 2", "b: two", "table.b"), ("{name: 42", "{name: [42]", "inner.name"),
    ("mode: slow", "mode: [slow]", "mode"),
  ])
  func namesThePathOfWhatDoesNotFit(_ old: String, _ new: String, _ path: String) throws {
    let changed = text.replacing(old, with: new)
    let error = try #require(throws: DecodingError.self) { try decode(Everything.self, changed) }
    guard case .typeMismatch(_, let context) = error else {
      Issue.record("unexpected \(error)")
      return
    }
    #expect(context.codingPath.map(\.stringValue).joined(separator: ".") == path)
  }

  @Test func textRefusesNothing() throws {
    let error = try #require(throws: DecodingError.self) { try decode([String].self, "[a, ~]") }
    guard case .valueNotFound(_, let context) = error else {
      Issue.record("unexpected \(error)")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["1"])
    #expect(try decode([String].self, "[a, '~', \"\"]") == ["a", "~", ""])
  }

  @Test func namesAMissingKey() throws {
    let error = try #require(throws: DecodingError.self) { try decode(Everything.Inner.self, "rates: []") }
    guard case .keyNotFound(let key, _) = error else {
      Issue.record("unexpected \(error)")
      return
    }
    #expect(key.stringValue == "name")
  }

  @Test func aListThatEndsEarlyIsAnError() {
    struct Pair: Decodable {
      init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        _ = try values.decode(Int.self)
        _ = try values.decode(Int.self)
      }
    }
    #expect(throws: DecodingError.self) { try decode(Pair.self, "[1]") }
    #expect(throws: Never.self) { try decode(Pair.self, "[1, 2]") }
  }
}
