import Diagnostics
import Files
import Market
import Testing

@testable import Journal

@Suite struct PayloadTests {
  @Test func everyValueComesBack() throws {
    var writer = PayloadWriter(capacity: 1)
    writer.append(UInt8.max)
    writer.append(UInt16(0x1234))
    writer.append(UInt32(0x1234_5678))
    writer.append(UInt64.max - 1)
    writer.append(Int8.min)
    writer.append(Int16.min)
    writer.append(Int32.min)
    writer.append(Int64.min)
    writer.append(Int.max)
    writer.append(-0.0)
    writer.append(Double(nan: 77, signaling: false))
    writer.append(Float.leastNonzeroMagnitude)
    writer.append(true)
    writer.append(Price(units: 6_543_210_000_000))
    writer.append(Rate(units: -1))
    writer.append(JournalFormat.firstHash)
    writer.append("naïve → text" as String)
    writer.append("constant" as StaticString)
    writer.append("" as String)
    writer.append(false)

    try writer.withBytes { bytes in
      var reader = PayloadReader(bytes)
      #expect(try reader.readUInt8() == .max)
      #expect(try reader.readUInt16() == 0x1234)
      #expect(try reader.readUInt32() == 0x1234_5678)
      #expect(try reader.readUInt64() == .max - 1)
      #expect(try reader.readInt8() == .min)
      #expect(try reader.readInt16() == .min)
      #expect(try reader.readInt32() == .min)
      #expect(try reader.readInt64() == .min)
      #expect(try reader.readInt() == .max)
      #expect(try reader.readDouble().bitPattern == (-0.0).bitPattern)
      #expect(try reader.readDouble().bitPattern == Double(nan: 77, signaling: false).bitPattern)
      #expect(try reader.readFloat() == .leastNonzeroMagnitude)
      #expect(try reader.readBool())
      #expect(try reader.read(Price.self) == Price(units: 6_543_210_000_000))
      #expect(try reader.read() == Rate(units: -1))
      #expect(try reader.readHash() == JournalFormat.firstHash)
      #expect(try reader.readString() == "naïve → text")
      #expect(try reader.readString() == "constant")
      #expect(try reader.readString() == "")
      #expect(reader.remaining == 1)
      #expect(throws: TernError.self) { try reader.finish() }
      #expect(try !reader.readBool())
      try reader.finish()
    }
  }

  @Test func whatIsNotThereIsNotRead() throws {
    let bytes: [UInt8] = [7, 0, 0, 0, 0xFF]
    bytes.withUnsafeBytes { bytes in
      var reader = PayloadReader(bytes)
      #expect(
        throws: TernError(
          .data, "the payload ends too early", key: "payload byte 0", found: "5 bytes", expected: "8 bytes")
      ) { try reader.readInt64() }
      #expect(
        throws: TernError(
          .data, "is not a truth value", key: "payload byte 0", found: "7", expected: "0 or 1")
      ) { try reader.readBool() }
      #expect(throws: TernError.self) { try reader.readString() }
      #expect(throws: TernError.self) { try reader.readHash() }
      #expect(reader.offset == 0)
    }
    let invalid: [UInt8] = [1, 0, 0, 0, 0xFF]
    invalid.withUnsafeBytes { bytes in
      var reader = PayloadReader(bytes)
      #expect(
        throws: TernError(
          .data, "is not text", key: "payload byte 0", found: "1 bytes", expected: "UTF-8")
      ) { try reader.readString() }
    }
  }

  @Test func aPayloadStaysWithinItsLimit() {
    var writer = PayloadWriter()
    let block = [UInt8](repeating: 1, count: JournalFormat.maximumPayloadBytes - 8)
    block.withUnsafeBytes { writer.append(unprefixed: $0) }
    writer.append(Int64(1))
    #expect(writer.count == JournalFormat.maximumPayloadBytes && !writer.isOverlong)
    writer.append(false)
    #expect(writer.isOverlong && writer.count == JournalFormat.maximumPayloadBytes)
    writer.removeAll()
    #expect(writer.count == 0 && !writer.isOverlong)
  }
}
