import Diagnostics
import Files

/// The hash chain, and what can be said of a place where it breaks.
enum JournalChain {
  /// A file's part that does not stand: explained by a crash, or not.
  enum Finding {
    case torn(TornTail.Cause)
    case altered(message: String, kind: JournalKind?, found: String?, expected: String?)
  }

  /// The hash of a record: of the previous one, its frame and its payload.
  static func hash(after previous: ChainHash, _ frameAndPayload: UnsafeRawBufferPointer) -> ChainHash {
    var hasher = StreamingSHA256()
    hasher.update(previous)
    hasher.update(frameAndPayload)
    return hasher.finish()
  }

  /// A loss of power leaves whole sectors unwritten.
  private static let sectorBytes = 512
  /// How many zero bytes at the end cannot be the end of a hash.
  private static let leastZeros = 8
  /// How many records ahead to look for one that stands.
  private static let recordsAhead: UInt64 = 8

  /// Says why the record that begins at `position` does not stand, when its frame is incomplete or implausible, its
  /// end lies beyond the end of the file, or its hash does not fit.
  static func diagnose(
    _ file: JournalFile, from position: Int, to size: Int, expecting sequence: UInt64, chain: ChainHash
  ) throws(TernError) -> Finding {
    // Were a length altered, the next record would begin within one record's reach, and end within another's.
    let reach = 2 * (JournalFormat.maximumPayloadBytes + JournalFormat.overheadBytes)
    var window = JournalWindow(capacity: max(64, min(size - position, reach)))
    let tail = try window.bytes(of: file, from: position, to: position + min(size - position, reach))
    let isFrameWhole = tail.count >= JournalFormat.frameBytes
    let frame = wholeFrame(tail)
    let fault = frame.fault(expecting: sequence)
    let isPlausible = fault == nil && frame.knownKind != nil

    let zeros = try startOfZeros(file, from: position, to: size)
    if zeros == position { return .torn(.zeros) }
    let boundary = (zeros + sectorBytes - 1) / sectorBytes * sectorBytes
    let reachOfRecord = isPlausible && isFrameWhole ? frame.recordBytes : JournalFormat.frameBytes
    if boundary < position + reachOfRecord, size - boundary >= leastZeros {
      return .torn(.zeros)
    }

    guard isFrameWhole else {
      return isPrefixOfFrame(tail, expecting: sequence)
        ? .torn(.record)
        : .altered(
          message: "the rest of the file is not the beginning of a record", kind: nil,
          found: ChainText.hexadecimal(tail), expected: "record \(sequence)")
    }
    let kind = JournalKind(rawValue: frame.kind)
    if let fault {
      return .altered(message: fault.message, kind: kind, found: fault.found, expected: fault.expected)
    }
    if position + frame.recordBytes <= size {
      let recordEnd = position + frame.recordBytes
      return .altered(
        message: "the hash does not fit", kind: kind,
        found: try storedHash(file, endingAt: recordEnd).description,
        expected: try computedHash(file, from: position, to: recordEnd - ChainHash.byteCount, after: chain)
          .description)
    }
    guard isPlausible else {
      return .altered(
        message: "the kind is unknown", kind: kind, found: "kind \(frame.kind), version \(frame.version)",
        expected: "a record of a known kind")
    }
    if let length = alteredLength(
      of: frame, in: tail, isWholeTail: tail.count == size - position, chain: chain)
    {
      return .altered(
        message: "the payload's length does not fit the records that follow", kind: kind,
        found: "\(frame.payloadBytes)", expected: "\(length)")
    }
    return .torn(.record)
  }

  /// The frame, with zeros for what the file does not hold.
  private static func wholeFrame(_ tail: UnsafeRawBufferPointer) -> JournalFrame {
    var frame = (UInt64.zero, UInt64.zero, UInt64.zero)
    return withUnsafeMutableBytes(of: &frame) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: tail.prefix(JournalFormat.frameBytes)))
      return JournalFrame(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Whether the few bytes at the end of a file may be how the frame of a record begins.
  private static func isPrefixOfFrame(_ bytes: UnsafeRawBufferPointer, expecting sequence: UInt64) -> Bool {
    let frame = wholeFrame(bytes)
    if bytes.count >= 4, frame.payloadBytes > JournalFormat.maximumPayloadBytes { return false }
    if bytes.count > JournalFormat.versionOffset, frame.knownKind == nil { return false }
    if bytes.count > JournalFormat.flagsOffset, frame.flags & ~JournalFormat.commitFlag != 0 { return false }
    return withUnsafeBytes(of: sequence.littleEndian) { expected in
      let present = bytes.dropFirst(JournalFormat.sequenceOffset).prefix(8)
      return present.elementsEqual(expected.prefix(present.count))
    }
  }

  /// The length that a record had before it was altered to lie beyond the end of the file: with it either the record's
  /// own hash fits at the very end, or a later record begins where this one ends. Nil when the file really ends inside
  /// the record.
  private static func alteredLength(
    of frame: JournalFrame, in tail: UnsafeRawBufferPointer, isWholeTail: Bool, chain: ChainHash
  ) -> Int? {
    let most = tail.count - JournalFormat.overheadBytes
    guard most >= 0 else { return nil }
    if isWholeTail, most <= JournalFormat.maximumPayloadBytes, fits(tail, payloadBytes: most, chain: chain) {
      return most
    }
    for offset in stride(from: JournalFormat.overheadBytes, through: most, by: 1) {
      let start = UnsafeRawBufferPointer(rebasing: tail[offset...])
      let next = JournalFrame(start)
      let ahead = next.sequence &- frame.sequence
      guard ahead >= 1, ahead <= recordsAhead, next.fault(expecting: next.sequence) == nil,
        next.knownKind != nil, next.recordBytes <= start.count
      else { continue }
      let previous = ChainHash(
        reading: UnsafeRawBufferPointer(rebasing: tail[(offset - ChainHash.byteCount)...]))
      let hashed = next.recordBytes - ChainHash.byteCount
      let stored = ChainHash(reading: UnsafeRawBufferPointer(rebasing: start[hashed...]))
      if hash(after: previous, UnsafeRawBufferPointer(rebasing: start[..<hashed])) == stored {
        return offset - JournalFormat.overheadBytes
      }
    }
    return nil
  }

  /// Whether the record's hash fits when its payload has another length.
  private static func fits(_ record: UnsafeRawBufferPointer, payloadBytes: Int, chain: ChainHash) -> Bool {
    var hasher = StreamingSHA256()
    hasher.update(chain)
    withUnsafeBytes(of: UInt32(payloadBytes).littleEndian) { hasher.update($0) }
    let end = JournalFormat.frameBytes + payloadBytes
    hasher.update(UnsafeRawBufferPointer(rebasing: record[JournalFormat.kindOffset..<end]))
    return hasher.finish() == ChainHash(reading: UnsafeRawBufferPointer(rebasing: record[end...]))
  }

  /// The beginning of the zeros that the file ends with, not before `position`.
  private static func startOfZeros(
    _ file: JournalFile, from position: Int, to size: Int
  ) throws(TernError) -> Int {
    var end = size
    while end > position {
      let start = max(position, end - 65536)
      var window = JournalWindow(capacity: end - start)
      let bytes = try window.bytes(of: file, from: start, to: end)
      if let last = bytes.lastIndex(where: { $0 != 0 }) { return start + last + 1 }
      end = start
    }
    return position
  }

  private static func storedHash(_ file: JournalFile, endingAt end: Int) throws(TernError) -> ChainHash {
    var window = JournalWindow(capacity: ChainHash.byteCount)
    return ChainHash(reading: try window.bytes(of: file, from: end - ChainHash.byteCount, to: end))
  }

  private static func computedHash(
    _ file: JournalFile, from start: Int, to end: Int, after previous: ChainHash
  ) throws(TernError) -> ChainHash {
    var window = JournalWindow(capacity: end - start)
    return hash(after: previous, try window.bytes(of: file, from: start, to: end))
  }
}

/// Bytes as hexadecimal text, for error messages.
enum ChainText {
  static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    var text = ""
    for byte in bytes {
      if byte < 16 { text += "0" }
      text += String(byte, radix: 16)
    }
    return text.isEmpty ? "nothing" : text
  }
}
