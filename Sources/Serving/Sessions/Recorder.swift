import Diagnostics
import Files
import Journal

/// Takes down everything that a session takes in and decides, group by group, and does with it what the session is
/// for: writes it to a journal, holds it against one, or only sums it up.
///
/// All three see the same bytes, because they are made before anyone knows which it is: this is what makes a backtest,
/// a replay, paper trading, a recovery and a certificate agree. Nothing allocates once the buffers have grown.
final class Recorder {
  /// A record of the group in hand.
  private struct Entry {
    var kind: JournalKind
    var lane: UInt8
    var time: Int64
    var start: Int
    var count: Int
  }

  private var journal: JournalWriter?
  /// Whether committed groups wait on `compare` instead of being written.
  private var isComparing: Bool
  private var flushes: Bool
  private var entries: [Entry] = []
  private var payloads = PayloadWriter(capacity: 1 << 14)
  private var compared = 0
  private var isCommitted = true
  private var intents = StreamingSHA256()
  /// Number of intents so far, of the first lane.
  private(set) var intentCount = 0
  /// Number of committed groups.
  private(set) var groups = 0

  /// Records that go nowhere but into the sums.
  init() {
    flushes = false
    isComparing = false
    entries.reserveCapacity(256)
  }

  /// Records for a journal.
  /// - Parameters:
  ///   - journal: receives every group; nil while a journal is being compared.
  ///   - flushes: whether every group waits for the disk.
  init(journal: JournalWriter?, flushes: Bool) {
    self.journal = journal
    self.flushes = flushes
    isComparing = journal == nil
    entries.reserveCapacity(256)
  }

  /// What was committed so far is what the journal holds; from here on, groups are written.
  func resume(writing journal: JournalWriter, flushes: Bool) throws(TernError) {
    try requireAllCompared()
    self.journal = journal
    self.flushes = flushes
    isComparing = false
  }

  /// Adds a record to the group in hand.
  @inline(__always)
  func record(
    _ kind: JournalKind, lane: UInt8 = 0, time: Int64, _ body: (inout PayloadWriter) -> Void
  ) {
    if isCommitted {
      entries.removeAll(keepingCapacity: true)
      payloads.removeAll()
      compared = 0
      isCommitted = false
    }
    let start = payloads.count
    body(&payloads)
    entries.append(Entry(kind: kind, lane: lane, time: time, start: start, count: payloads.count - start))
  }

  /// Ends the group: after this returns, what it says may take effect.
  /// - Parameter isHistory: whether nothing that the group says can have an effect, so that it need not wait for the
  ///   disk: the first group that is no history takes it along.
  /// - Throws: `TernError` when the journal cannot be written.
  func commit(isHistory: Bool = false) throws(TernError) {
    guard !isCommitted else { return }
    isCommitted = true
    groups += 1
    for entry in entries where entry.kind == .intent && entry.lane == 0 {
      intentCount += 1
      payloads.withBytes { intents.update(slice($0, entry)) }
    }
    guard let journal else { return }
    for entry in entries {
      try journal.append(entry.kind, lane: entry.lane, time: entry.time) { writer throws(TernError) in
        payloads.withBytes { writer.append(unprefixed: slice($0, entry)) }
      }
    }
    try journal.commit(flush: flushes && !isHistory)
  }

  /// Drops a group that could not be finished.
  func discard() {
    entries.removeAll(keepingCapacity: true)
    payloads.removeAll()
    isCommitted = true
    compared = 0
  }

  /// Whether a committed group waits for more records of the journal.
  var awaitsRecords: Bool { isComparing && compared < entries.count }

  /// Holds a journal's record against the next one of the committed group.
  /// - Throws: `TernError` of kind `data` naming the record and what differs.
  func compare(_ record: JournalRecord, file: String) throws(TernError) {
    guard isCommitted, compared < entries.count else {
      throw TernError(
        .data, "the journal goes on where the session has nothing to say", file: file, key: "\(record.place)")
    }
    let entry = entries[compared]
    compared += 1
    let isLast = compared == entries.count
    let isSame =
      entry.kind == record.kind && entry.lane == record.lane && entry.time == record.time
      && isLast == record.isCommit
      && payloads.withBytes { sameBytes(slice($0, entry), record.payload) }
    if isSame { return }
    throw payloads.withBytes { bytes in
      RecordText.difference(
        found: record,
        expected: RecordText.Content(
          kind: entry.kind, lane: entry.lane, time: entry.time, isCommit: isLast, payload: slice(bytes, entry)
        ),
        file: file)
    }
  }

  /// Makes sure that a comparison stands at the end of a group.
  /// - Throws: `TernError` of kind `data` when the journal ended inside one.
  func requireAllCompared() throws(TernError) {
    guard !awaitsRecords else {
      throw TernError(
        .data, "the journal ends where the session has more to say",
        found: "\(compared) records of the last group",
        expected: "\(entries.count)")
    }
  }

  /// Number of the journal's records; zero without a journal.
  var journalRecords: UInt64 { journal?.sequence ?? 0 }

  /// Hash of the journal's last record; nil without a journal.
  var journalHead: String? { journal?.lastHash.description }

  /// SHA-256 over the payloads of all intents of the first lane, in order: equal decisions have equal digests.
  var intentsDigest: Digest {
    var copy = intents
    return copy.finish().digest
  }

  private func slice(_ bytes: UnsafeRawBufferPointer, _ entry: Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.start + entry.count])
  }

  private func sameBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count where a[index] != b[index] { return false }
    return true
  }
}
