import Files

/// The journal of the decision loop: an append-only file in which every record is chained to the one before it by its
/// hash, so that nobody can alter, insert or remove a record unnoticed.
///
/// A file is the eight bytes `TERNJRN1` and then records, back to back. All numbers are little-endian.
///
/// | bytes | content |
/// |---|---|
/// | 4 | payload length, `UInt32`, at most 16 MiB |
/// | 1 | kind, see `JournalKind` |
/// | 1 | version of the kind's payload, from 1 |
/// | 1 | lane: which of several decision makers speaks, the meaning is the writer's |
/// | 1 | flags: bit 0 `commit`, the others zero |
/// | 8 | sequence, `UInt64`, 0 for the first record and one more for each that follows |
/// | 8 | time, `Int64` milliseconds since the epoch, UTC |
/// | length | payload |
/// | 32 | SHA-256 of the previous record's hash, the 24 bytes of the frame and the payload |
///
/// The first record's previous hash is the SHA-256 of the magic; the first record is of kind `session`.
///
/// Records are written in *groups*, one `write` for each. The last record of a group carries `commit`; a group counts
/// only when that record is there. A group has at most 32 MiB, which bounds the memory of its readers.
///
/// **What a crash leaves.** A process that dies while it writes leaves a *torn tail*: the file ends inside a record,
/// or after records without a commit, or (after a loss of power) the rest of the file is zero from a sector boundary
/// on. A torn tail was never acknowledged and is cut off by `JournalWriter(resuming:)`.
///
/// **What a crash cannot leave** is *altered*: a record whose hash does not fit, a sequence that jumps, a wrong magic,
/// and also a file that seems to end inside a record although whole records follow, because then the length was
/// altered. An altered file is never touched, and the error names the place.
///
/// Missing groups at the very end cannot be seen in the file alone: what proves completeness is the last hash, kept
/// elsewhere, or a `stop` record.
public enum JournalFormat {
  /// The first eight bytes of a journal: `TERNJRN1`.
  public static let magic: StaticString = "TERNJRN1"
  /// Size of the magic.
  public static let headerBytes = 8
  /// Size of the frame before a payload.
  public static let frameBytes = 24
  /// Size of everything in a record but its payload.
  public static let overheadBytes = frameBytes + ChainHash.byteCount
  /// The longest payload, 16 MiB.
  public static let maximumPayloadBytes = 16 << 20
  /// The longest group, 32 MiB.
  public static let maximumGroupBytes = 32 << 20
  /// The flag of a group's last record.
  public static let commitFlag: UInt8 = 1

  /// What stands for the hash before the first record: the SHA-256 of the magic.
  public static var firstHash: ChainHash {
    StreamingSHA256.hash(UnsafeRawBufferPointer(start: magic.utf8Start, count: headerBytes))
  }

  static let kindOffset = 4
  static let versionOffset = 5
  static let laneOffset = 6
  static let flagsOffset = 7
  static let sequenceOffset = 8
  static let timeOffset = 16
}
