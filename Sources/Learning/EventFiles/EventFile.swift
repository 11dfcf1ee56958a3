import Chronology
import Diagnostics
import Files

/// A TensorBoard event file: series of numbers and texts of one run, written while it goes on.
///
/// TensorBoard reads every file of a folder whose name contains `tfevents`; a run is a folder. Events gather in memory
/// until `flush`, or until there are many.
public final class EventFile {
  /// Where it is.
  public let path: String
  private let clock: any Clock
  private let writer: FileWriter
  private var pending: [UInt8] = []
  /// Bytes that are written without being asked for.
  private static let limit = 1 << 16

  /// The usual name of a run's file: it sorts by the time at which the run began.
  public static func name(clock: any Clock) -> String {
    let seconds = String(clock.now / 1000)
    return "events.out.tfevents." + String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
      + ".tern"
  }

  /// Begins a file, replacing one that exists.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise.
  public init(creating path: String, clock: any Clock = SystemClock()) throws(TernError) {
    self.path = path
    self.clock = clock
    writer = try FileWriter(creating: path)
    append(EventMessage.opening(time: EventFile.seconds(clock), writer: "tern"))
    try flush()
  }

  /// Goes on with the file of a run that was interrupted.
  ///
  /// What a crash left unfinished at the end is cut off, and readers forget what the interrupted run had written from
  /// this step on.
  /// - Parameter step: the first step that will be made again.
  /// - Throws: `TernError` of kind `data` when the file is none of events, or cannot be read.
  public init(
    resuming path: String, atStep step: Int, clock: any Clock = SystemClock()
  ) throws(TernError) {
    let (records, length) = EventRecord.contents(of: try AtomicFile.read(path))
    guard !records.isEmpty else {
      throw TernError(.data, "is not an event file", file: path, expected: "a TensorBoard event file")
    }
    self.path = path
    self.clock = clock
    writer = try FileWriter(appendingTo: path, keeping: length)
    append(EventMessage.restart(time: EventFile.seconds(clock), step: step))
    try flush()
  }

  /// Adds a number to a series, such as `loss/train`.
  public func addScalar(_ tag: String, _ value: Float, step: Int) throws(TernError) {
    append(EventMessage.scalar(time: EventFile.seconds(clock), step: step, tag: tag, value: value))
    try flushIfLarge()
  }

  /// Adds a text in Markdown, such as the hyper-parameters.
  public func addText(_ tag: String, _ markdown: String, step: Int = 0) throws(TernError) {
    append(EventMessage.text(time: EventFile.seconds(clock), step: step, tag: tag, text: markdown))
    try flushIfLarge()
  }

  /// Adds names and values as a table, which TensorBoard shows under Text.
  public func addTable(_ tag: String, _ rows: [(name: String, value: String)], step: Int = 0)
    throws(TernError)
  {
    func cell(_ text: String) -> String {
      text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
    let lines = rows.map { "| \(cell($0.name)) | \(cell($0.value)) |\n" }
    try addText(tag, "| name | value |\n|---|---|\n" + lines.joined(), step: step)
  }

  /// Hands everything to the operating system, so that a killed process loses nothing of it.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `internalFailure` otherwise. The file may then end within
  ///   an event, which resuming cuts off.
  public func flush() throws(TernError) {
    guard !pending.isEmpty else { return }
    try writer.write(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private func flushIfLarge() throws(TernError) {
    if pending.count >= EventFile.limit { try flush() }
  }

  private func append(_ event: EventMessage) { pending += EventRecord.framed(event.bytes) }

  private static func seconds(_ clock: any Clock) -> Double { Double(clock.now) / 1000 }
}
