import Diagnostics

/// One record as it stands in a journal; its payload is valid until the reader moves on.
public struct JournalRecord {
  /// What the record tells.
  public let kind: JournalKind
  /// The version of the kind's payload.
  public let version: UInt8
  /// Which decision maker speaks.
  public let lane: UInt8
  /// Whether the record is the last of its group.
  public let isCommit: Bool
  /// The place in the chain, 0 for the first record.
  public let sequence: UInt64
  /// Milliseconds since the epoch, UTC.
  public let time: Int64
  /// Where the record begins in the file, in bytes.
  public let offset: Int
  /// The payload in the reader's buffer.
  public let payload: UnsafeRawBufferPointer

  /// A reader at the beginning of the payload.
  public var reader: PayloadReader { PayloadReader(payload) }

  /// The record's place for error messages: `record 12 (bar) at byte 4096`.
  public var place: JournalPlace { JournalPlace(offset: offset, sequence: sequence, kind: kind) }
}

/// A place in a journal.
public struct JournalPlace: Equatable, Sendable {
  /// Where the record begins in the file, in bytes.
  public var offset: Int
  /// The sequence that the record has or should have; nil for the file's header.
  public var sequence: UInt64?
  /// The kind that the record claims, where it is a known one.
  public var kind: JournalKind?

  /// Creates a place.
  public init(offset: Int, sequence: UInt64?, kind: JournalKind? = nil) {
    self.offset = offset
    self.sequence = sequence
    self.kind = kind
  }
}

extension JournalPlace: CustomStringConvertible {
  /// `record 12 (bar) at byte 4096`.
  public var description: String {
    guard let sequence else { return "header" }
    let name = kind.map { " (\($0))" } ?? ""
    return "record \(sequence)\(name) at byte \(offset)"
  }
}

/// What a crash left after the last group that counts.
public struct TornTail: Equatable, Sendable {
  /// How the tail ends.
  public enum Cause: String, Sendable {
    /// The file ends inside its header.
    case header = "the file ends inside its header"
    /// The file ends inside a record.
    case record = "the file ends inside a record"
    /// The file ends after whole records whose group has no end.
    case group = "the file ends inside a group"
    /// The rest of the file is zero, as a loss of power leaves it.
    case zeros = "the rest of the file is zero"
  }

  /// How the tail ends.
  public var cause: Cause
  /// Where the last group that counts ends, in bytes: the size of the file without the tail.
  public var offset: Int
  /// Size of the tail in bytes.
  public var byteCount: Int
  /// The first record that does not count.
  public var sequence: UInt64
}

extension TornTail: CustomStringConvertible {
  /// What was found, and how much of the file does not count.
  public var description: String {
    "\(cause.rawValue): the last \(byteCount) bytes, from record \(sequence) at byte \(offset), do not count"
  }
}
