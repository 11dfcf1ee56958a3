import Chronology
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@testable import EventFiles

/// A clock that a test sets.
private final class HandClock: Clock, @unchecked Sendable {
  var now: Int64 = 0
  var monotonic: Int64 { now * 1_000_000 }
}

@Suite("TensorBoard event files")
struct EventFileTests {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/torch.tfevents").path

  /// The vectors of RFC 3720, B.4, and the usual one of nine digits.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
  }

  /// What PyTorch's `SummaryWriter` wrote at the same times (Golden/make.py), byte for byte behind the opening event, which
  /// names its writer.
  @Test func bytesAreThoseOfTorch() throws {
    let scratch = try ScratchDirectory()
    let clock = HandClock()
    let file = try EventFile(creating: scratch.path + "/" + EventFile.name(clock: clock), clock: clock)
    for step in 0..<5 {
      clock.now = 1_700_000_000_250 + 1000 * Int64(step)
      try file.addScalar("loss/train", 1 / Float(step + 1), step: step)
      clock.now += 250
      try file.addScalar("loss/valid", -1.5 * Float(step), step: step)
    }
    clock.now = 1_700_000_010_000
    try file.addScalar("große Schritte", 1e-3, step: 3_000_000_000)
    try file.addScalar("nan", .nan, step: 5)
    clock.now = 1_700_000_011_000
    try file.addText(
      "hparams", "| lr | 0.001 |\n|---|---|\n" + String(repeating: "| x | y |\n", count: 20))
    try file.flush()
    let bytes = try AtomicFile.read(file.path)
    let expected = try AtomicFile.read(EventFileTests.golden)
    let records = EventRecord.contents(of: bytes)
    let theirs = EventRecord.contents(of: expected)
    #expect(records.length == bytes.count && theirs.length == expected.count)
    #expect(records.records.count == 14 && theirs.records.count == 14)
    for (mine, other) in zip(records.records, theirs.records).dropFirst() {
      #expect(Array(mine) == Array(other))
    }
    // Frames too, not only contents.
    #expect(bytes.suffix(200) == expected.suffix(200))
  }

  /// A run that is killed at any byte of its file goes on behind the last whole event, and says from where.
  @Test func tornEndsAreCutOff() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/run.tfevents"
    let file = try EventFile(creating: path, clock: FixedClock(5000))
    for step in 0..<6 { try file.addScalar("loss", Float(step), step: step) }
    try file.flush()
    let whole = try AtomicFile.read(path)
    var ends = [0]
    while let end = ends.last, end < whole.count {
      ends.append(end + 16 + Int(whole[end]) + Int(whole[end + 1]) << 8)
    }
    #expect(ends.count == 8 && ends.last == whole.count)
    for length in ends[1]...whole.count {
      try AtomicFile.write(whole.prefix(length), to: path)
      let resumed = try EventFile(resuming: path, atStep: 3, clock: FixedClock(6000))
      try resumed.addScalar("loss", 30, step: 3)
      try resumed.flush()
      let bytes = try AtomicFile.read(path)
      let kept = ends.last { $0 <= length } ?? 0
      let records = EventRecord.contents(of: bytes)
      #expect(records.length == bytes.count && bytes.prefix(kept) == whole.prefix(kept))
      #expect(records.records.count == (ends.firstIndex(of: kept) ?? 0) + 2)
    }
  }

  @Test func otherFilesAreRefused() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/other"
    try AtomicFile.write(Array("no events here, just words".utf8), to: path)
    #expect(throws: TernError.self) { try EventFile(resuming: path, atStep: 0) }
    #expect(try AtomicFile.read(path).count == 26)
    #expect(throws: TernError.self) { try EventFile(resuming: scratch.path + "/absent", atStep: 0) }
    #expect(throws: TernError.self) { try EventFile(creating: scratch.path + "/absent/file") }
  }

  /// Events reach the file by themselves when there are many.
  @Test func manyEventsDoNotPileUp() throws {
    let scratch = try ScratchDirectory()
    let file = try EventFile(creating: scratch.path + "/run.tfevents", clock: FixedClock(0))
    for step in 0..<3000 { try file.addScalar("loss", 1, step: step) }
    #expect(try AtomicFile.read(file.path).count > 1 << 16)
  }

  @Test func tablesEscapeTheirBars() throws {
    let scratch = try ScratchDirectory()
    let file = try EventFile(creating: scratch.path + "/run.tfevents", clock: FixedClock(0))
    try file.addTable("hparams", [("a|b", "1\n2")])
    try file.flush()
    let text = String(decoding: try AtomicFile.read(file.path), as: UTF8.self)
    #expect(text.contains("| name | value |\n|---|---|\n| a\\|b | 1 2 |\n"))
  }
}
