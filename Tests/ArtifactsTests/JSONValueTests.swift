import Artifacts
import Files
import Testing

@Suite("JSON that is carried along")
struct JSONValueTests {
  @Test("every kind is read as what it is, and written as it came")
  func kinds() throws {
    let text =
      #"{"a":null,"b":[true,false],"c":-3,"d":0.5,"e":"3","f":{"g":[],"h":{}},"i":9223372036854775807,"j":1e300}"#
    let value = try CanonicalJSON.decode(JSONValue.self, from: Array(text.utf8))
    #expect(
      value
        == .object([
          "a": .null, "b": .array([.bool(true), .bool(false)]), "c": .integer(-3), "d": .number(0.5),
          "e": .string("3"), "f": .object(["g": .array([]), "h": .object([:])]), "i": .integer(.max),
          "j": .number(1e300),
        ]))
    #expect(try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(value)) == value)
  }

  @Test("leaves are named by their paths")
  func leaves() throws {
    let value = JSONValue.object(["b": .array([.integer(1), .object(["c": .null])]), "a": .object([:])])
    #expect(value.flattened().map(\.path) == ["a", "b.0", "b.1.c"])
  }
}
