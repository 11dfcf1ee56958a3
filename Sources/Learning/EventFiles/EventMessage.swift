/// Protocol buffer fields of an event, written in the order of their numbers (tensorflow's `event.proto`, `summary.proto`,
/// `tensor.proto`).
struct EventMessage {
  private(set) var bytes: [UInt8] = []

  /// The event that opens every file.
  static func opening(time: Double, writer: String) -> EventMessage {
    var source = EventMessage()
    source.text(1, writer)
    var event = EventMessage()
    event.double(1, time)
    event.text(3, "brain.Event:2")
    event.message(10, source)
    return event
  }

  /// What a reader takes as a restart: it forgets everything from this step on.
  static func restart(time: Double, step: Int) -> EventMessage {
    var session = EventMessage()
    session.integer(1, 1)
    var event = EventMessage(time: time, step: step)
    event.message(7, session)
    return event
  }

  /// A number of a series.
  static func scalar(time: Double, step: Int, tag: String, value: Float) -> EventMessage {
    var entry = EventMessage()
    entry.text(1, tag)
    entry.float(2, value)
    return summary(time: time, step: step, entry)
  }

  /// A text in Markdown.
  static func text(time: Double, step: Int, tag: String, text: String) -> EventMessage {
    var plugin = EventMessage()
    plugin.text(1, "text")
    var metadata = EventMessage()
    metadata.message(1, plugin)
    var dimension = EventMessage()
    dimension.integer(1, 1)
    var shape = EventMessage()
    shape.message(2, dimension)
    var tensor = EventMessage()
    tensor.integer(1, 7)  // DT_STRING
    tensor.message(2, shape)
    tensor.text(8, text)
    var entry = EventMessage()
    entry.text(1, tag + "/text_summary")
    entry.message(8, tensor)
    entry.message(9, metadata)
    return summary(time: time, step: step, entry)
  }

  private static func summary(time: Double, step: Int, _ entry: EventMessage) -> EventMessage {
    var summary = EventMessage()
    summary.message(1, entry)
    var event = EventMessage(time: time, step: step)
    event.message(5, summary)
    return event
  }

  private init() {}

  private init(time: Double, step: Int) {
    double(1, time)
    // A zero is what an absent field means.
    if step != 0 { integer(2, UInt64(bitPattern: Int64(step))) }
  }

  private mutating func key(_ field: UInt64, _ wireType: UInt64) { number(field << 3 | wireType) }

  private mutating func number(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func integer(_ field: UInt64, _ value: UInt64) {
    key(field, 0)
    number(value)
  }

  private mutating func double(_ field: UInt64, _ value: Double) {
    key(field, 1)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
    }
  }

  private mutating func float(_ field: UInt64, _ value: Float) {
    key(field, 5)
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
    }
  }

  private mutating func text(_ field: UInt64, _ value: String) { block(field, Array(value.utf8)) }

  private mutating func message(_ field: UInt64, _ value: EventMessage) { block(field, value.bytes) }

  private mutating func block(_ field: UInt64, _ content: [UInt8]) {
    key(field, 2)
    number(UInt64(content.count))
    bytes += content
  }
}
