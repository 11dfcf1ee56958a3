/// The 24 bytes before a payload, as they stand in a file.
struct JournalFrame {
  var payloadBytes: Int
  var kind: UInt8
  var version: UInt8
  var lane: UInt8
  var flags: UInt8
  var sequence: UInt64
  var time: Int64

  /// Reads the first 24 bytes.
  init(_ bytes: UnsafeRawBufferPointer) {
    payloadBytes = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    kind = bytes.load(fromByteOffset: JournalFormat.kindOffset, as: UInt8.self)
    version = bytes.load(fromByteOffset: JournalFormat.versionOffset, as: UInt8.self)
    lane = bytes.load(fromByteOffset: JournalFormat.laneOffset, as: UInt8.self)
    flags = bytes.load(fromByteOffset: JournalFormat.flagsOffset, as: UInt8.self)
    sequence = UInt64(
      littleEndian: bytes.loadUnaligned(fromByteOffset: JournalFormat.sequenceOffset, as: UInt64.self))
    time = Int64(
      littleEndian: bytes.loadUnaligned(fromByteOffset: JournalFormat.timeOffset, as: Int64.self))
  }

  /// Size of the whole record.
  var recordBytes: Int { payloadBytes + JournalFormat.overheadBytes }
  var isCommit: Bool { flags & JournalFormat.commitFlag != 0 }
  /// The kind, when this program knows it and the version of its payload.
  var knownKind: JournalKind? {
    guard let kind = JournalKind(rawValue: kind), version >= 1, version <= kind.version else { return nil }
    return kind
  }

  /// What no writer puts into the frame of a record with this sequence; nil when there is nothing.
  func fault(expecting sequence: UInt64) -> (message: String, found: String, expected: String)? {
    if payloadBytes > JournalFormat.maximumPayloadBytes {
      return (
        "the payload's length is out of range", "\(payloadBytes)",
        "at most \(JournalFormat.maximumPayloadBytes)"
      )
    }
    if flags & ~JournalFormat.commitFlag != 0 { return ("the flags are unknown", "\(flags)", "0 or 1") }
    if self.sequence != sequence { return ("the sequence jumps", "\(self.sequence)", "\(sequence)") }
    if sequence == 0, kind != JournalKind.session.rawValue {
      return ("the first record is not a session", "kind \(kind)", "kind \(JournalKind.session.rawValue)")
    }
    return nil
  }
}
