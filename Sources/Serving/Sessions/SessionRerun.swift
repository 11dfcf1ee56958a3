import Diagnostics
import Feeds
import Files
import Journal
import Market
import Stacks

/// Runs a journal's inputs again and holds what the session says against what the journal holds.
final class SessionRerun {
  /// Who decides in a session with a header.
  typealias Makers = (SessionHeader) throws(TernError) -> [[SeatedMaker]]

  private let file: String
  private let stackSource: any StackSource
  private let makers: Makers?
  private let feeds: FeedMerge?
  private let recorder = Recorder(journal: nil, flushes: false)
  /// The source's quotes whose candle is still to come.
  private var quotes: [Int: Quote] = [:]
  private(set) var session: Session?
  private(set) var decisions = 0
  private(set) var stackDigests: [Digest] = []

  /// - Parameter makers: when given, decides instead of the header's stacks.
  init(file: String, stacks: any StackSource, feeds: FeedMerge? = nil, makers: Makers? = nil) {
    self.file = file
    stackSource = stacks
    self.makers = makers
    self.feeds = feeds
  }

  /// Takes in the journal's next record.
  func take(_ record: JournalRecord) throws(TernError) {
    if !recorder.awaitsRecords { try run(record) }
    try recorder.compare(record, file: file)
    if record.kind == .decision { decisions += 1 }
  }

  /// Makes sure that nothing is missing.
  func finish() throws(TernError) {
    do throws(TernError) { try recorder.requireAllCompared() } catch { throw error.inFile(file) }
  }

  /// Runs the input that begins a group.
  private func run(_ record: JournalRecord) throws(TernError) {
    do throws(TernError) {
      guard let session else { return try begin(record) }
      var payload = record.reader
      switch record.kind {
      case .bar:
        let input = try RecordText.Bar(&payload)
        let market = try session.checkedMarket(input.market)
        try compare(.candle(input.candle), quote: input.quote, market: market)
        if let quote = input.quote { try session.observe(.quote(quote), market: market) }
        try session.observe(input.candle, market: market)
      case .event: try runEvent(&payload, session)
      case .reload:
        let market = try session.checkedMarket(Int(try payload.readUInt8()))
        let digest = try payload.readHash().digest
        let lane = Int(record.lane)
        guard lane < session.header.lanes.count else {
          throw TernError(.data, "names a lane that the session does not have", found: "\(lane)")
        }
        try session.reload(try load(digest), lane: lane, market: market)
      case .operator:
        let code = try payload.readUInt8()
        guard let command = OperatorCommand(rawValue: code) else {
          throw TernError(.data, "is not a command", found: "\(code)")
        }
        let person = try payload.readString()
        try session.perform(command, by: person, reason: try payload.readString())
      case .stop: try session.stop()
      default:
        throw TernError(
          .data, "a group begins with what is no input", found: "\(record.kind)",
          expected: "bar, event, reload, operator or stop")
      }
    } catch {
      var error = error.inFile(file)
      error.key = ["\(record.place)", error.key].compactMap { $0 }.joined(separator: ": ")
      throw error
    }
  }

  private func begin(_ record: JournalRecord) throws(TernError) {
    guard record.kind == .session else {
      throw TernError(.data, "the journal does not begin with a session", found: "\(record.kind)")
    }
    let header = try CanonicalJSON.decode(SessionHeader.self, from: Array(record.payload))
    guard header.format == SessionHeader.currentFormat else {
      throw TernError(
        .data, "was written by another version of the decision loop", key: "format",
        found: "\(header.format)", expected: "\(SessionHeader.currentFormat)")
    }
    for lane in header.lanes { for digest in lane.stacks { note(digest) } }
    let seats: [[SeatedMaker]]
    if let makers {
      seats = try makers(header)
    } else {
      seats = try Session.makers(header, KnownStacks(source: stackSource))
    }
    session = try Session(header: header, makers: seats, time: record.time, recorder: recorder)
  }

  private func runEvent(_ payload: inout PayloadReader, _ session: Session) throws(TernError) {
    let code = try payload.readUInt8()
    switch SessionRecords.Event(rawValue: code) {
    case .funding:
      let market = try session.checkedMarket(Int(try payload.readUInt8()))
      let time = try payload.readInt64()
      let rate = try payload.readDouble()
      try compare(.funding(time: time, rate: rate), market: market)
      try session.observeFunding(time: time, rate: rate, market: market)
    case .silence: try session.observeSilence(now: try payload.readInt64())
    case nil: throw TernError(.data, "is not an event", found: "\(code)")
    }
  }

  /// Holds an input against the source's next one of its kind, and a candle's quote against the last one before it.
  private func compare(_ event: MarketEvent, quote: Quote? = nil, market: Int) throws(TernError) {
    guard let feeds else { return }
    while let next = try feeds.next() {
      if case .quote(let quote) = next.event {
        quotes[next.market] = quote
        continue
      }
      guard next.market == market, RecordText.isSame(next.event, event) else {
        throw TernError(
          .data, "the journal's input is not the source's", found: RecordText.text(event, market: market),
          expected: RecordText.text(next.event, market: next.market))
      }
      if case .candle = event {
        guard quotes[market] == quote else {
          throw TernError(
            .data, "the quote of the journal's candle is not the source's", key: "quote",
            found: "\(quote.map { "\($0)" } ?? "none")",
            expected: "\(quotes[market].map { "\($0)" } ?? "none")")
        }
        quotes[market] = nil
      }
      return
    }
    throw TernError(
      .data, "the source ends before the journal", found: RecordText.text(event, market: market))
  }

  private func load(_ digest: Digest) throws(TernError) -> LoadedStack {
    note(digest)
    return try stackSource.stack(digest)
  }

  private func note(_ digest: Digest) {
    if !stackDigests.contains(digest) { stackDigests.append(digest) }
  }
}

/// A stack source as a value that generic code can take.
private struct KnownStacks: StackSource {
  let source: any StackSource

  func stack(_ digest: Digest) throws(TernError) -> LoadedStack { try source.stack(digest) }
}

extension Session {
  /// A market index that a record names.
  func checkedMarket(_ index: Int) throws(TernError) -> Int {
    guard index < header.configuration.markets.count else {
      throw TernError(
        .data, "names a market that the session does not have", key: "market", found: "\(index)",
        expected: "below \(header.configuration.markets.count)")
    }
    return index
  }
}
