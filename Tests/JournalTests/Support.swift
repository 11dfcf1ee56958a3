import Diagnostics
import Files
import Foundation
import TestSupport

@testable import Journal

/// What a record says, kept beyond the reader's next step.
struct Entry: Equatable {
  var kind: JournalKind
  var lane: UInt8
  var time: Int64
  var payload: [UInt8]
}

/// A place where a group ends.
struct Boundary: Equatable {
  var offset: Int
  var sequence: UInt64
  var hash: ChainHash
}

/// The bytes of a journal, where its groups end (its header first) and where its records begin.
struct Sample {
  var bytes: [UInt8]
  var boundaries: [Boundary]
  var starts: [Int] = []

  /// Writes the groups to a journal at `path`.
  init(_ groups: [[Entry]], at path: String) throws {
    let journal = try JournalWriter(creating: path)
    boundaries = [
      Boundary(offset: journal.byteCount, sequence: journal.sequence, hash: journal.lastHash)
    ]
    var start = journal.byteCount
    for group in groups {
      for entry in group {
        try journal.append(entry)
        starts.append(start)
        start += entry.payload.count + JournalFormat.overheadBytes
      }
      try journal.commit(flush: false)
      boundaries.append(
        Boundary(offset: journal.byteCount, sequence: journal.sequence, hash: journal.lastHash))
    }
    bytes = try AtomicFile.read(path)
  }

  /// The last boundary at or before an offset; the empty beginning when not even the header is whole.
  func boundary(before offset: Int) -> Boundary {
    boundaries.last { $0.offset <= offset }
      ?? Boundary(offset: 0, sequence: 0, hash: JournalFormat.firstHash)
  }

  /// The sequence of the record that holds a byte; nil for the header.
  func record(at offset: Int) -> UInt64? { starts.lastIndex { $0 <= offset }.map { UInt64($0) } }

  /// A journal of a few small groups.
  static func small(at path: String, seed: UInt64 = 1) throws -> Sample {
    var random = SplitMix(state: seed)
    return try Sample(
      [
        [Entry(kind: .session, lane: 0, time: 0, payload: Array(#"{"a":1}"#.utf8))],
        (0..<3).map { _ in .random(&random, longest: 40) }, [.random(&random, longest: 0)],
        (0..<4).map { _ in .random(&random, longest: 90) },
        (0..<2).map { _ in .random(&random, longest: 30) },
      ], at: path)
  }
}

extension Entry {
  static func random(_ random: inout SplitMix, longest: Int) -> Entry {
    Entry(
      kind: JournalKind.allCases.randomElement(using: &random) ?? .event,
      lane: .random(in: 0...255, using: &random), time: .random(in: .min ... .max, using: &random),
      payload: (0..<Int.random(in: 0...longest, using: &random)).map { _ in
        // Many zeros, as in real payloads.
        Bool.random(using: &random) ? 0 : .random(in: 0...255, using: &random)
      })
  }

  init(_ record: JournalRecord) {
    self.init(kind: record.kind, lane: record.lane, time: record.time, payload: Array(record.payload))
  }
}

extension JournalWriter {
  @discardableResult
  func append(_ entry: Entry) throws(TernError) -> UInt64 {
    do {
      return try entry.payload.withUnsafeBytes {
        try append(entry.kind, lane: entry.lane, time: entry.time, payload: $0)
      }
    } catch let error as TernError {
      throw error
    } catch {
      throw TernError(.internalFailure, "\(error)")
    }
  }
}

/// Everything that a reader gives out before its end or its error.
func read(_ path: String, _ mode: JournalReader.Mode) throws -> [Entry] {
  let reader = try JournalReader(path: path, mode: mode)
  var entries: [Entry] = []
  while let record = try reader.next() { entries.append(Entry(record)) }
  return entries
}

/// The error that `body` throws, nil when it does not throw one of ours.
func failure(_ body: () throws -> some Any) -> TernError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TernError
  }
}

/// A file whose content is replaced again and again, in memory where the system offers that.
struct Slate: ~Copyable {
  let path: String
  private let descriptor: Int32

  init() {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
    path = folder + "tern-journal-\(UUID().uuidString)"
    descriptor = open(path, O_RDWR | O_CREAT, 0o600)
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  func write(_ bytes: [UInt8]) {
    ftruncate(descriptor, off_t(bytes.count))
    pwrite(descriptor, bytes, bytes.count, 0)
  }
}
