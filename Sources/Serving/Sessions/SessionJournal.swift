import Decision
import Diagnostics
import Feeds
import Files
import Journal
import Market
import Stacks

/// Where stacks come from when a journal names them by digest.
public protocol StackSource {
  /// The stack with a digest.
  /// - Throws: `TernError` of kind `data` when there is none, or it is altered.
  func stack(_ digest: Digest) throws(TernError) -> LoadedStack
}

extension Session {
  /// Begins a session whose record goes nowhere, for a backtest.
  public static func unrecorded(
    header: SessionHeader, stacks: some StackSource, time: Int64
  ) throws(TernError) -> Session {
    try Session(header: header, makers: try makers(header, stacks), time: time, recorder: Recorder())
  }

  /// Begins a session that follows decisions made elsewhere, for a backtest of signals.
  public static func unrecorded(
    header: SessionHeader, scripts: [SeatedMaker], time: Int64
  ) throws(TernError) -> Session {
    try Session(header: header, makers: [scripts], time: time, recorder: Recorder())
  }

  /// Begins a session with a new journal.
  /// - Parameter flushes: whether every group waits for the disk before it takes effect.
  /// - Throws: `TernError` of kind `data` when the journal exists; nothing is left behind when the session cannot begin.
  public static func recorded(
    header: SessionHeader, stacks: some StackSource, time: Int64, journal path: String, flushes: Bool
  ) throws(TernError) -> Session {
    let makers = try makers(header, stacks)
    // Everything that can be wrong with the header is found before a file exists.
    _ = try Session(header: header, makers: makers, time: time, recorder: Recorder())
    let journal = try JournalWriter(creating: path)
    return try Session(
      header: header, makers: makers, time: time, recorder: Recorder(journal: journal, flushes: flushes))
  }

  /// Takes up a session where its journal ends: runs its inputs again, holds every record against the journal's, cuts
  /// off what a crash left unfinished, and goes on writing.
  /// - Throws: `TernError` of kind `data` when the journal is altered or the decisions differ, `temporary` when another
  ///   process writes it; the journal is left as it was then.
  public static func resumed(
    journal path: String, stacks: some StackSource, flushes: Bool
  ) throws(TernError) -> Resumption {
    let rerun = SessionRerun(file: path, stacks: stacks)
    let journal = try JournalWriter(resuming: path) { record throws(TernError) in try rerun.take(record) }
    try rerun.finish()
    guard let session = rerun.session else {
      return Resumption(session: nil, tornTail: journal.tornTail, emptyJournal: journal)
    }
    try session.write(to: journal, flushes: flushes)
    return Resumption(session: session, tornTail: journal.tornTail, emptyJournal: nil)
  }

  /// A session taken up.
  public struct Resumption {
    /// The session; nil when the journal's process died before its first record.
    public let session: Session?
    /// What a crash had left after the last complete group.
    public let tornTail: TornTail?
    let emptyJournal: JournalWriter?
  }

  /// Proves that a journal is whole and that every decision in it follows from its inputs.
  /// - Parameter feeds: when given, every candle and settlement of the journal is held against them too.
  /// - Throws: `TernError` of kind `data` naming the first record that is altered or differs.
  public static func certify(
    journal path: String, stacks: some StackSource, feeds: FeedMerge? = nil
  ) throws(TernError) -> Certificate {
    let reader = try JournalReader(path: path, mode: .strict)
    let rerun = SessionRerun(file: path, stacks: stacks, feeds: feeds)
    while let record = try reader.next() { try rerun.take(record) }
    try rerun.finish()
    guard let session = rerun.session else {
      throw TernError(.data, "the journal holds no session", file: path)
    }
    return Certificate(
      journal: path, records: reader.sequence, bytes: Int64(reader.byteCount),
      lastHash: reader.lastHash.description, candles: session.candles, decisions: rerun.decisions,
      intents: session.intentCount, intentsDigest: session.intentsDigest,
      stacks: rerun.stackDigests, isComparedWithData: feeds != nil)
  }

  static func makers(
    _ header: SessionHeader, _ stacks: some StackSource
  ) throws(TernError) -> [[SeatedMaker]] {
    let markets = header.configuration.markets
    var makers: [[SeatedMaker]] = []
    for lane in header.lanes {
      guard lane.stacks.count == markets.count else {
        throw TernError(
          .data, "does not name a stack for every market", key: "lanes.\(lane.name).stacks",
          found: "\(lane.stacks.count)", expected: "\(markets.count)")
      }
      var seats: [SeatedMaker] = []
      for (digest, terms) in zip(lane.stacks, markets) {
        let stack = try stacks.stack(digest)
        let decider = try stack.makeDecider(terms: terms, configuration: header.configuration.verdict)
        seats.append(SeatedMaker(maker: decider, plan: stack.plan, stack: digest))
      }
      makers.append(seats)
    }
    return makers
  }
}

/// What a certificate says.
public struct Certificate: Codable, Equatable, Sendable {
  /// The journal's path.
  public var journal: String
  /// Records verified.
  public var records: UInt64
  /// Size of the journal, bytes.
  public var bytes: Int64
  /// Hash of the last record: it names the whole content.
  public var lastHash: String
  /// Candles run again.
  public var candles: Int
  /// Decisions found byte-identical, over all lanes.
  public var decisions: Int
  /// The champion's intents.
  public var intents: Int
  /// SHA-256 over them.
  public var intentsDigest: Digest
  /// Digests of the stacks that decided, in order of their first appearance.
  public var stacks: [Digest]
  /// Whether the journal's candles were held against their source too.
  public var isComparedWithData: Bool

  enum CodingKeys: String, CodingKey {
    case journal, records, bytes, candles, decisions, intents, stacks
    case lastHash = "last_hash"
    case intentsDigest = "intents_digest"
    case isComparedWithData = "compared_with_data"
  }
}
