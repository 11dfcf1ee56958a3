import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Appends groups of records to a journal; see `JournalFormat` for the file.
///
///     let journal = try JournalWriter(creating: path)
///     try journal.append(.session, time: now) { payload in payload.append(unprefixed: json) }
///     try journal.commit(flush: true)
///     …
///     try journal.append(.bar, time: bar.closeTime) { payload in payload.append(bar.close) }
///     try journal.append(.intent, time: bar.closeTime) { payload in payload.append(intent.quantity) }
///     try journal.commit(flush: true)   // before the intent has any effect
///
/// A group is gathered in memory and reaches the file with one system call at `commit`. Nothing allocates once the
/// buffer has grown to the largest group. A process that dies loses at most the group that was not committed; a
/// machine that dies loses at most what was committed after the last flush.
///
/// One writer at a time: a lock on the file refuses a second, in this process or another, until the first is gone.
/// A writer is not for concurrent use.
public final class JournalWriter {
  /// The journal's path.
  public var path: String { file.path }
  /// The sequence that the next record will have, which is the number of records so far, gathered ones included.
  public private(set) var sequence: UInt64
  /// The hash of the last record committed: it names the whole content of the journal up to here.
  public private(set) var lastHash: ChainHash
  /// Size of the file in bytes: everything committed.
  public private(set) var byteCount: Int
  /// What a crash had left after the last group that counts, and was cut off; nil for a clean end or a new journal.
  public let tornTail: TornTail?

  private let file: JournalFile
  /// The last committed hash, then the gathered group as it will stand in the file, its last record still without
  /// commit flag and hash.
  private var buffer: PayloadWriter
  private var committedSequence: UInt64
  /// Where the last gathered record begins in the buffer; nil when none is gathered or it is hashed already.
  private var openRecord: Int?
  private var isFlushed: Bool
  /// Why nothing more can be written.
  private var failure: TernError?

  /// Creates a journal, empty but for its header, and flushes it and its directory entry to the disk.
  /// - Throws: `TernError` of kind `data` when the file exists, `temporary` when the disk is full.
  public convenience init(creating path: String) throws(TernError) {
    try self.init(created: JournalFile(creating: path))
  }

  init(created file: JournalFile) throws(TernError) {
    self.file = file
    do throws(TernError) {
      try file.lock()
      try Self.writeHeader(file)
      try AtomicFile.flush(AtomicFile.directory(of: file.path))
    } catch {
      unlink(file.path)
      throw error
    }
    (sequence, committedSequence, byteCount) = (0, 0, JournalFormat.headerBytes)
    lastHash = JournalFormat.firstHash
    tornTail = nil
    isFlushed = true
    buffer = Self.makeBuffer(lastHash)
  }

  /// Opens an existing journal at its end, after verifying all of it.
  ///
  /// The lock is taken first; then every record that counts is given to `replay`, in order; then a torn tail is cut
  /// off, and the result is flushed. A journal that is altered, or whose `replay` throws, is left as it was.
  ///
  /// A journal whose process died before the first commit has `sequence` 0 and wants its `session` record.
  /// - Throws: `TernError` of kind `temporary` when another process writes the journal, `data` when it is altered,
  ///   naming the record and the byte; what `replay` throws.
  public init(
    resuming path: String, replay: (JournalRecord) throws(TernError) -> Void = { _ in }
  ) throws(TernError) {
    file = try JournalFile(opening: path, forWriting: true)
    try file.lock()
    let reader = try JournalReader(file: file, mode: .recovering)
    while let record = try reader.next() { try replay(record) }
    tornTail = reader.tornTail
    (sequence, committedSequence, byteCount) = (reader.sequence, reader.sequence, reader.offset)
    lastHash = reader.lastHash
    if tornTail != nil { try file.truncate(to: byteCount) }
    if byteCount < JournalFormat.headerBytes {
      try Self.writeHeader(file)
      byteCount = JournalFormat.headerBytes
    }
    try file.flush()
    try AtomicFile.flush(AtomicFile.directory(of: path))
    isFlushed = true
    buffer = Self.makeBuffer(lastHash)
  }

  private static func writeHeader(_ file: JournalFile) throws(TernError) {
    let magic = UnsafeRawBufferPointer(
      start: JournalFormat.magic.utf8Start, count: JournalFormat.headerBytes)
    try file.write(magic, at: 0)
    try file.flush()
  }

  private static func makeBuffer(_ hash: ChainHash) -> PayloadWriter {
    var buffer = PayloadWriter(capacity: 1 << 16)
    _ = buffer.extend(by: ChainHash.byteCount)
    hash.write(to: UnsafeMutableRawBufferPointer(start: buffer.base, count: ChainHash.byteCount))
    return buffer
  }

  /// How many records are gathered and not committed.
  public var pendingRecords: Int { Int(sequence - committedSequence) }

  /// Gathers a record whose payload `body` writes, and returns its sequence.
  ///
  /// When `body` throws, or the record does not fit, the group is as it was before.
  /// - Parameters:
  ///   - lane: which decision maker speaks.
  ///   - time: milliseconds since the epoch, UTC.
  /// - Throws: `TernError` of kind `internalFailure` for a payload beyond 16 MiB, a group beyond 32 MiB, and a first
  ///   record that is not a `session`; what `body` throws; what made an earlier flush fail.
  @discardableResult
  public func append(
    _ kind: JournalKind, lane: UInt8 = 0, time: Int64,
    _ body: (inout PayloadWriter) throws(TernError) -> Void
  ) throws(TernError) -> UInt64 {
    if let failure { throw failure }
    guard sequence > 0 || kind == .session else {
      throw TernError(
        .internalFailure, "the first record of a journal is not a session", file: path,
        found: kind.description, expected: "session")
    }
    closeRecord()
    let start = buffer.extend(by: JournalFormat.frameBytes)
    buffer.beginPayload()
    do throws(TernError) {
      try body(&buffer)
      try checkSize(kind, start: start)
    } catch {
      buffer.truncate(to: start)
      throw error
    }
    let frame = buffer.base + start
    frame.storeBytes(of: UInt32(buffer.count).littleEndian, as: UInt32.self)
    frame.storeBytes(of: kind.rawValue, toByteOffset: JournalFormat.kindOffset, as: UInt8.self)
    frame.storeBytes(of: kind.version, toByteOffset: JournalFormat.versionOffset, as: UInt8.self)
    frame.storeBytes(of: lane, toByteOffset: JournalFormat.laneOffset, as: UInt8.self)
    frame.storeBytes(of: 0, toByteOffset: JournalFormat.flagsOffset, as: UInt8.self)
    frame.storeBytes(
      of: sequence.littleEndian, toByteOffset: JournalFormat.sequenceOffset, as: UInt64.self)
    frame.storeBytes(of: time.littleEndian, toByteOffset: JournalFormat.timeOffset, as: Int64.self)
    openRecord = start
    sequence += 1
    return sequence - 1
  }

  /// Gathers a record whose payload is given.
  /// - Throws: as the form with a closure.
  @discardableResult
  public func append(
    _ kind: JournalKind, lane: UInt8 = 0, time: Int64, payload: UnsafeRawBufferPointer
  ) throws(TernError) -> UInt64 {
    try append(kind, lane: lane, time: time) { $0.append(unprefixed: payload) }
  }

  private func checkSize(_ kind: JournalKind, start: Int) throws(TernError) {
    guard !buffer.isOverlong else {
      throw TernError(
        .internalFailure, "the payload of record \(sequence) (\(kind)) is too long", file: path,
        expected: "at most \(JournalFormat.maximumPayloadBytes) bytes")
    }
    // The hash of the group's last record is still to come.
    guard buffer.end <= JournalFormat.maximumGroupBytes else {
      throw TernError(
        .internalFailure, "the group of record \(sequence) (\(kind)) is too long; commit more often",
        file: path,
        found: "\(buffer.end) bytes", expected: "at most \(JournalFormat.maximumGroupBytes) bytes")
    }
  }

  /// Appends the hash of the last gathered record, if it is still open.
  private func closeRecord() {
    guard let start = openRecord else { return }
    let end = buffer.end
    let previous = start - ChainHash.byteCount
    let hash = StreamingSHA256.hash(
      UnsafeRawBufferPointer(start: buffer.base + previous, count: end - previous))
    let place = buffer.extend(by: ChainHash.byteCount)
    hash.write(to: UnsafeMutableRawBufferPointer(start: buffer.base + place, count: ChainHash.byteCount))
    openRecord = nil
  }

  /// Writes the gathered group to the file, and with `flush` waits until everything committed so far is on the disk.
  ///
  /// With nothing gathered, only the flush happens. When this throws, nothing of the group may be taken as recorded:
  /// - a failed write is undone and the group stays gathered, so that `commit` may be tried again, or `discard` drops it;
  /// - after a failed flush, or a failed write that cannot be undone, nobody knows what the disk holds: the writer
  ///   throws the same error from then on, and only `init(resuming:)` finds out.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public func commit(flush: Bool) throws(TernError) {
    if let failure { throw failure }
    if sequence > committedSequence { try writeGroup() }
    guard flush, !isFlushed else { return }
    do throws(TernError) {
      try file.flush()
      isFlushed = true
    } catch {
      failure = error
      throw error
    }
  }

  private func writeGroup() throws(TernError) {
    if let start = openRecord {
      buffer.base.storeBytes(
        of: JournalFormat.commitFlag, toByteOffset: start + JournalFormat.flagsOffset, as: UInt8.self)
      closeRecord()
    }
    let group = UnsafeRawBufferPointer(
      start: buffer.base + ChainHash.byteCount, count: buffer.end - ChainHash.byteCount)
    do throws(TernError) {
      try file.write(group, at: byteCount)
    } catch {
      do throws(TernError) { try file.truncate(to: byteCount) } catch { failure = error }
      throw error
    }
    byteCount += group.count
    committedSequence = sequence
    isFlushed = false
    buffer.base.copyMemory(
      from: buffer.base + (buffer.end - ChainHash.byteCount), byteCount: ChainHash.byteCount)
    lastHash = ChainHash(reading: UnsafeRawBufferPointer(start: buffer.base, count: ChainHash.byteCount))
    buffer.truncate(to: ChainHash.byteCount)
  }

  /// Drops the gathered group.
  public func discard() {
    buffer.truncate(to: ChainHash.byteCount)
    openRecord = nil
    sequence = committedSequence
  }
}
