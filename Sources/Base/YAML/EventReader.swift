import CYAML
import Diagnostics

/// libyaml's parser as a pull stream of events. The only code that touches the C interface.
struct EventReader: ~Copyable {
  /// What an event says, reduced to what a document model needs.
  enum Kind {
    case documentStart, sequenceStart, mappingStart
    /// The end of a sequence or a mapping.
    case end
    case streamEnd
    case scalar(YAMLScalar)
    case ignored
  }

  /// An event with its place and the properties that are refused.
  struct Event {
    var kind: Kind
    var mark: YAMLMark
    var hasAnchor = false
    /// An explicit tag that is not `!!str`.
    var tag: String?
  }

  // libyaml keeps pointers into its own structure, so that it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>

  /// Starts reading; the bytes must outlive the reader.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(TernError) {
    self.bytes = bytes
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw TernError(.internalFailure, "no memory to read YAML")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event.
  /// - Throws: `TernError` of kind `configuration` with the parser's problem and its line.
  mutating func next() throws(TernError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    let mark = YAMLMark(
      line: Int(clamping: event.start_mark.line) + 1, column: Int(clamping: event.start_mark.column) + 1)
    switch event.type {
    case YAML_STREAM_END_EVENT: return Event(kind: .streamEnd, mark: mark)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return Event(kind: .end, mark: mark)
    case YAML_ALIAS_EVENT:
      throw TernError(
        .configuration, "refers to an anchor; write the value out instead", line: mark.line,
        found: "\"*\(EventReader.string(event.data.alias.anchor) ?? "")\"")
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(
        kind: .sequenceStart, mark: mark, hasAnchor: start.anchor != nil, tag: EventReader.string(start.tag))
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(
        kind: .mappingStart, mark: mark, hasAnchor: start.anchor != nil, tag: EventReader.string(start.tag))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      var tag = EventReader.string(scalar.tag)
      let isText = tag == "tag:yaml.org,2002:str" || tag == "!"
      if isText { tag = nil }
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return Event(
        kind: .scalar(
          YAMLScalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && !isText, mark: mark)),
        mark: mark, hasAnchor: scalar.anchor != nil, tag: tag)
    default: return Event(kind: .ignored, mark: mark)
    }
  }

  private func problem() -> TernError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "unknown problem"
    switch state.error {
    case YAML_MEMORY_ERROR: return TernError(.internalFailure, "no memory to read YAML")
    case YAML_READER_ERROR:
      return TernError(
        .configuration, "is not valid YAML: \(problem) at byte \(state.problem_offset)",
        line: line(state.mark))
    default:
      return TernError(
        .configuration, "is not valid YAML: \(problem)", line: line(state.problem_mark))
    }
  }

  /// The line of a mark; one behind the end, where the parser sees that something is missing, is the last line.
  private func line(_ mark: yaml_mark_t) -> Int {
    let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
    return min(Int(clamping: mark.line), text.count { $0 == UInt8(ascii: "\n") }) + 1
  }

  private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }
}
