import Diagnostics
import ONNX
import Testing

/// The wire format, written and read.
struct ProtobufTests {
  @Test func fieldsReadBack() throws {
    var writer = ProtobufWriter()
    writer.integer(1, -3)
    writer.string(2, "tern")
    writer.floats(3, [1, -0.5])
    writer.integers(4, [0, 300, -1])
    writer.message(5) { $0.integer(1, 7) }
    var reader = ProtobufReader(writer.bytes[...], file: nil)
    var seen: [Int] = []
    while let (field, value) = try reader.next() {
      seen.append(field)
      switch (field, value) {
      case (1, .varint(let bits)): #expect(Int64(bitPattern: bits) == -3)
      case (2, .bytes(let text)): #expect(String(decoding: text, as: UTF8.self) == "tern")
      case (3, _): #expect(try ProtobufReader.floats(value, file: nil) == [1, -0.5])
      case (4, _): #expect(try ProtobufReader.integers(value, file: nil) == [0, 300, -1])
      case (5, .bytes(let bytes)):
        var inner = ProtobufReader(bytes, file: nil)
        let only = try #require(try inner.next())
        #expect(only.field == 1)
      default: Issue.record("an unexpected field \(field)")
      }
    }
    #expect(seen == [1, 2, 3, 4, 5])
  }

  @Test func everyTruncationIsRefusedOrShorter() throws {
    var model = ONNXModel(name: "x")
    model.constant("c", shape: [2], [Float(1), 2])
    model.input("a", .float, columns: 2)
    model.add("Add", inputs: ["a", "c"], outputs: ["b"], attributes: [("axis", .integer(-1))])
    model.output("b", .float, columns: 2)
    #expect(model.operatorTypes == ["Add"])
    func fields(_ bytes: ArraySlice<UInt8>) throws -> Int {
      var reader = ProtobufReader(bytes, file: nil)
      var count = 0
      while try reader.next() != nil { count += 1 }
      return count
    }
    let whole = try fields(model.bytes[...])
    for length in 0..<model.bytes.count {
      let found = try? fields(model.bytes.prefix(length))
      #expect(found.map { $0 < whole } ?? true)
    }
  }
}
