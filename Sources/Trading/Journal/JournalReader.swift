import Diagnostics
import Files

/// Reads a journal from its first record to its last, verifying the chain on the way.
///
///     let reader = try JournalReader(path: path, mode: .strict)
///     while let record = try reader.next() {
///       var payload = record.reader
///       …
///     }
///
/// Records are given out only when their whole group stands and fits the chain, so that what was read is always a prefix
/// of what was committed. Memory is bounded by the largest group, 32 MiB at most, whatever the size of the file;
/// nothing is allocated per record. The file is read up to the size it had when it was opened, also while a writer
/// appends to it.
///
/// A reader is not for concurrent use.
public final class JournalReader {
  /// What to make of a torn tail.
  public enum Mode: Sendable {
    /// It is an error that names the place: for proofs.
    case strict
    /// Reading ends before it, and `tornTail` tells: for recovery.
    case recovering
  }

  /// The journal's path.
  public var path: String { file.path }
  /// What to make of a torn tail.
  public let mode: Mode
  /// Size of the file in bytes when it was opened.
  public let byteCount: Int
  /// Where the next record begins in the file, in bytes.
  public private(set) var offset = 0
  /// The sequence of the next record, which is the number of records read.
  public private(set) var sequence: UInt64 = 0
  /// The hash of the last record read: it names the whole content of the journal up to there.
  public private(set) var lastHash = JournalFormat.firstHash
  /// The torn tail before which reading ended; nil before the end and for a clean one.
  public private(set) var tornTail: TornTail?
  /// Where the journal is altered or torn, after an error that says so.
  public private(set) var faultPlace: JournalPlace?

  /// How much is read at once.
  private static let blockBytes = 256 << 10
  private let file: JournalFile
  private var window: JournalWindow
  /// The end of what is verified and whole, with the sequence and the hash there.
  private var verified: (offset: Int, sequence: UInt64, hash: ChainHash) = (0, 0, JournalFormat.firstHash)
  private var isAtEnd = false
  private var failure: TernError?

  /// Opens a journal and checks its header.
  /// - Throws: `TernError` of kind `data` when the file cannot be read or is not a journal.
  public convenience init(path: String, mode: Mode) throws(TernError) {
    try self.init(file: JournalFile(opening: path, forWriting: false), mode: mode)
  }

  init(file: JournalFile, mode: Mode) throws(TernError) {
    self.file = file
    self.mode = mode
    byteCount = try file.size()
    window = JournalWindow(capacity: min(max(byteCount, JournalFormat.headerBytes), Self.blockBytes))
    try readHeader()
  }

  private func readHeader() throws(TernError) {
    let magic = UnsafeRawBufferPointer(
      start: JournalFormat.magic.utf8Start, count: JournalFormat.headerBytes)
    let present = min(byteCount, magic.count)
    let header = try window.bytes(of: file, from: 0, to: present)
    if present == magic.count, header.elementsEqual(magic) {
      verified.offset = present
      offset = present
    } else if byteCount <= magic.count,
      header.elementsEqual(magic[..<present]) || header.allSatisfy({ $0 == 0 })
    {
      try end(.header, at: JournalPlace(offset: 0, sequence: nil))
    } else {
      throw altered(
        "this is not the header of a journal", at: JournalPlace(offset: 0, sequence: nil),
        found: ChainText.hexadecimal(header), expected: ChainText.hexadecimal(magic))
    }
  }

  /// The next record, whose payload is valid until the next call; nil at the end.
  /// - Throws: `TernError` of kind `data` when the journal is altered, or torn in strict mode, naming the record and
  ///   the byte; the same again when called again.
  public func next() throws(TernError) -> JournalRecord? {
    if offset == verified.offset {
      if let failure { throw failure }
      if isAtEnd { return nil }
      do throws(TernError) {
        try verifyGroup()
      } catch {
        failure = error
        throw error
      }
      if isAtEnd { return nil }
    }
    let frame = JournalFrame(window.held(at: offset))
    guard let kind = frame.knownKind else {
      throw TernError(.internalFailure, "a verified record has no known kind", file: path)
    }
    let record = JournalRecord(
      kind: kind, version: frame.version, lane: frame.lane, isCommit: frame.isCommit,
      sequence: frame.sequence,
      time: frame.time, offset: offset,
      payload: window.held(at: offset + JournalFormat.frameBytes, count: frame.payloadBytes))
    offset += frame.recordBytes
    sequence += 1
    lastHash = hash(before: offset)
    return record
  }

  /// The stored hash that ends at an offset of the window.
  private func hash(before end: Int) -> ChainHash {
    ChainHash(reading: window.held(at: end - ChainHash.byteCount, count: ChainHash.byteCount))
  }

  /// Verifies one group from the end of what is verified, or finds the end.
  private func verifyGroup() throws(TernError) {
    let start = verified.offset
    var (position, sequence, chain) = verified
    while true {
      if position == byteCount {
        isAtEnd = position == start
        return isAtEnd ? () : try end(.group, at: JournalPlace(offset: start, sequence: verified.sequence))
      }
      let place = JournalPlace(offset: position, sequence: sequence)
      guard byteCount - position >= JournalFormat.frameBytes else {
        return try end(diagnose(position, expecting: sequence, chain: chain), at: place)
      }
      _ = try window.bytes(of: file, from: start, to: position + JournalFormat.frameBytes)
      let frame = JournalFrame(window.held(at: position))
      let recordEnd = position + frame.recordBytes
      guard frame.fault(expecting: sequence) == nil, recordEnd <= byteCount else {
        return try end(diagnose(position, expecting: sequence, chain: chain), at: place)
      }
      guard recordEnd - start <= JournalFormat.maximumGroupBytes else {
        throw altered(
          "the group is too long", at: place, found: "\(recordEnd - start) bytes",
          expected: "at most \(JournalFormat.maximumGroupBytes)")
      }
      _ = try window.bytes(of: file, from: start, to: recordEnd)
      let computed = JournalChain.hash(
        after: chain, window.held(at: position, count: frame.recordBytes - ChainHash.byteCount))
      guard computed == hash(before: recordEnd) else {
        return try end(diagnose(position, expecting: sequence, chain: chain), at: place)
      }
      guard frame.knownKind != nil else {
        throw unknown(frame, at: place)
      }
      (position, sequence, chain) = (recordEnd, sequence + 1, computed)
      if frame.isCommit {
        verified = (position, sequence, chain)
        return
      }
    }
  }

  /// Why the record at `position` does not stand: the crash that explains it.
  /// - Throws: when no crash does.
  private func diagnose(
    _ position: Int, expecting sequence: UInt64, chain: ChainHash
  ) throws(TernError) -> TornTail.Cause {
    switch try JournalChain.diagnose(file, from: position, to: byteCount, expecting: sequence, chain: chain) {
    case .torn(let cause): return cause
    case .altered(let message, let kind, let found, let expected):
      throw altered(
        message, at: JournalPlace(offset: position, sequence: sequence, kind: kind), found: found,
        expected: expected)
    }
  }

  /// Ends the reading before a torn tail.
  private func end(_ cause: TornTail.Cause, at place: JournalPlace) throws(TernError) {
    let tail = TornTail(
      cause: cause, offset: verified.offset, byteCount: byteCount - verified.offset,
      sequence: verified.sequence)
    guard mode == .recovering else {
      faultPlace = place
      throw TernError(
        .data, "the journal is torn, \(cause.rawValue)", file: path, key: place.description,
        found: "\(tail.byteCount) bytes after the last commit", expected: "a commit at the end")
    }
    tornTail = tail
    isAtEnd = true
  }

  private func unknown(_ frame: JournalFrame, at place: JournalPlace) -> TernError {
    faultPlace = place
    return TernError(
      .data, "the journal holds a record that this program does not know", file: path, key: place.description,
      found: "kind \(frame.kind), version \(frame.version)",
      expected: JournalKind(rawValue: frame.kind).map { "version 1 to \($0.version)" }
        ?? "kind 1 to \(JournalKind.allCases.count)")
  }

  private func altered(
    _ message: String, at place: JournalPlace, found: String?, expected: String?
  ) -> TernError {
    faultPlace = place
    return TernError(
      .data, "the journal is altered: \(message)", file: path, key: place.description, found: found,
      expected: expected)
  }
}
