import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The cells of one row by slot of the layout.
struct RowCells {
  /// Numbers; NaN where the file has no such column or, in a lenient read, the cell cannot be read.
  var numbers: [Double]
  /// Time stamps.
  var stamps: [Stamp]
  /// Whether each slot is fed by the file.
  var isPresent: [Bool]
  /// Whether a cell of this row could not be read (lenient reads only).
  var isDamaged = false
}

/// Takes the rows of a file one by one.
protocol RowSink {
  /// Takes a row; the line is counted from one.
  mutating func accept(_ cells: RowCells, line: Int) throws(TernError)
}

/// Parses the lines of one file by its plan: numbers are read where they lie, without a string per field.
struct RowParser {
  let file: String
  let layout: SourceLayout
  let mapping: ColumnMapping
  /// Records unreadable cells and rows instead of throwing.
  let isLenient: Bool
  /// What a lenient read found, examples first.
  var defects: [RawCandles.Defect] = []
  var defectCount = 0
  var warnings: [String] = []
  private(set) var rows = 0
  private var plan: FieldPlan?
  private var actions: [Action] = []
  private var cells: RowCells
  private var line = 0
  private var unit: StampUnit?
  private var isFirstBlock = true

  private enum Action {
    case skip
    case number(Int)
    case stamp(Int)
  }

  init(file: String, layout: SourceLayout, mapping: ColumnMapping, isLenient: Bool = false) {
    self.file = file
    self.layout = layout
    self.mapping = mapping
    self.isLenient = isLenient
    let count = layout.columns.count
    cells = RowCells(
      numbers: Array(repeating: .nan, count: count), stamps: Array(repeating: Stamp(), count: count),
      isPresent: Array(repeating: false, count: count))
  }

  /// Parses a whole input and hands its rows to `sink`.
  /// - Throws: `TernError` of kind `data` with line and column; in a lenient read only for container and header.
  mutating func parse(_ input: TextInput, into sink: inout some RowSink) throws(TernError) {
    try input.forEachBlock { block, isLast throws(TernError) in
      try parse(block, isLast: isLast, into: &sink)
    }
    try finish()
  }

  /// Parses the next lines of the input.
  /// - Throws: as `parse(_:into:)`; the rows before the faulty one have then reached the sink.
  mutating func parse(
    _ block: UnsafeBufferPointer<UInt8>, isLast: Bool, into sink: inout some RowSink
  ) throws(TernError) {
    try NumberParser.withPowers { powers throws(TernError) in
      try parse(block, isLast: isLast, powers, into: &sink)
    }
  }

  /// Checks, at the end of the input, that it held rows.
  /// - Throws: `TernError` of kind `data` when it held none.
  func finish() throws(TernError) {
    guard rows > 0 else {
      throw TernError(
        .data, plan == nil ? "is empty" : "holds a header and no rows", file: file, found: "0 rows",
        expected: "rows of \(layout.subject)")
    }
  }

  private mutating func parse(
    _ block: UnsafeBufferPointer<UInt8>, isLast: Bool, _ powers: UnsafePointer<Double>,
    into sink: inout some RowSink
  ) throws(TernError) {
    guard let base = block.baseAddress, !block.isEmpty else { return }
    let end = base + block.count
    var p = base
    if isFirstBlock {
      isFirstBlock = false
      if block.count >= 3, p[0] == 0xef, p[1] == 0xbb, p[2] == 0xbf { p += 3 }
    }
    if isLast, end[-1] != 0x0a {
      warnings.append("\(file): the last line has no newline; the file may be cut short")
    }
    while p < end {
      let newline =
        memchr(p, 0x0a, end - p).map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? end
      line += 1
      let start = p
      var stop = newline
      while stop > start, FieldText.isBlank(stop[-1]) && stop[-1] != 0x09 { stop -= 1 }
      p = newline + 1
      if stop == start { continue }
      try parseLine(UnsafeBufferPointer(start: start, count: stop - start), powers, into: &sink)
    }
  }

  private mutating func parseLine(
    _ text: UnsafeBufferPointer<UInt8>, _ powers: UnsafePointer<Double>, into sink: inout some RowSink
  ) throws(TernError) {
    if plan == nil {
      try makePlan(text)
      if plan?.hasHeader == true { return }
    }
    guard let plan, let base = text.baseAddress else { return }
    let end = base + text.count
    var p = base
    var field = 0
    var timeIsReadable = true
    cells.isDamaged = false
    while true {
      guard field < actions.count else {
        return try refuse(fieldCount(text, plan.delimiter))
      }
      var after: UnsafePointer<UInt8>
      switch actions[field] {
      case .number(let slot):
        var value = 0.0
        if let stop = NumberParser.parse(p, end, powers, &value),
          stop == end || stop.pointee == plan.delimiter,
          value.isFinite
        {
          after = stop
        } else {
          after = RowParser.fieldEnd(p, end, plan.delimiter)
          value = try slowNumber(UnsafeBufferPointer(start: p, count: after - p), slot, powers)
        }
        cells.numbers[slot] = value
      case .stamp(let slot):
        after = RowParser.fieldEnd(p, end, plan.delimiter)
        if try !readStamp(UnsafeBufferPointer(start: p, count: after - p), slot) { timeIsReadable = false }
      case .skip:
        after = RowParser.fieldEnd(p, end, plan.delimiter)
      }
      field += 1
      if after == end { break }
      p = after + 1
      if p == end, field == actions.count { return try refuse(fieldCount(text, plan.delimiter)) }
    }
    guard field == actions.count else { return try refuse(fieldCount(text, plan.delimiter)) }
    guard timeIsReadable else { return }
    rows += 1
    try sink.accept(cells, line: line)
  }

  private mutating func makePlan(_ text: UnsafeBufferPointer<UInt8>) throws(TernError) {
    let plan = try FieldPlan(firstLine: text, layout: layout, mapping: mapping, file: file, line: line)
    self.plan = plan
    warnings += plan.warnings
    actions = plan.slots.map { slot in
      guard let slot else { return .skip }
      switch layout.columns[slot].content {
      case .time: return .stamp(slot)
      case .number: return .number(slot)
      case .ignored: return .skip
      }
    }
    for slot in plan.slots { if let slot { cells.isPresent[slot] = true } }
  }

  /// The end of the field that starts at `p`; a delimiter inside quotes does not end it.
  @inline(__always)
  private static func fieldEnd(
    _ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ delimiter: UInt8
  ) -> UnsafePointer<UInt8> {
    var q = p
    if q < end, q.pointee == 0x22 {
      q += 1
      while q < end, q.pointee != 0x22 { q += 1 }
    }
    while q < end, q.pointee != delimiter { q += 1 }
    return q
  }

  private static func content(_ field: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let text = FieldText.trimmed(field)
    guard text.count >= 2, text[0] == 0x22, text[text.count - 1] == 0x22 else { return text }
    return FieldText.trimmed(UnsafeBufferPointer(rebasing: text[1..<text.count - 1]))
  }

  /// A number with blanks or quotes around it, or the error that says why it is none.
  private mutating func slowNumber(
    _ field: UnsafeBufferPointer<UInt8>, _ slot: Int, _ powers: UnsafePointer<Double>
  ) throws(TernError) -> Double {
    let text = RowParser.content(field)
    var value = 0.0
    if let base = text.baseAddress, let stop = NumberParser.parse(base, base + text.count, powers, &value),
      stop == base + text.count, value.isFinite
    {
      return value
    }
    try refuse(
      TernError(
        .data, "is not a finite number", file: file, line: line, key: layout.columns[slot].name,
        found: FieldText.quoted(text), expected: "a decimal number"))
    cells.isDamaged = true
    return .nan
  }

  private mutating func readStamp(_ field: UnsafeBufferPointer<UInt8>, _ slot: Int) throws(TernError) -> Bool
  {
    let text = RowParser.content(field)
    switch StampReader.read(text) {
    case .failure(let expected):
      try refuse(
        TernError(
          .data, "is not a time", file: file, line: line, key: layout.columns[slot].name,
          found: FieldText.quoted(text), expected: expected))
      return false
    case .stamp(let stamp, let found):
      if let found {
        if let unit, unit != found {
          try refuse(
            TernError(
              .data, "the unit of time changes within the file", file: file, line: line,
              key: layout.columns[slot].name, found: "\(FieldText.quoted(text)) (\(found.rawValue))",
              expected: unit.rawValue))
          return false
        }
        unit = found
      }
      cells.stamps[slot] = stamp
      return true
    }
  }

  private func fieldCount(_ text: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8) -> TernError {
    let count = DelimitedRow.fields(text, delimiter: delimiter)?.count
    return TernError(
      .data,
      "the row has another number of fields than \(plan?.hasHeader == true ? "the header" : "the first row")",
      file: file, line: line, found: count.map { "\($0) fields" } ?? "a quote that is not closed",
      expected: "\(actions.count) fields")
  }

  /// Throws in a strict read, records in a lenient one.
  private mutating func refuse(_ error: TernError) throws(TernError) {
    guard isLenient else { throw error }
    defectCount += 1
    guard defects.count < RawCandles.defectLimit else { return }
    var message = error
    message.file = nil
    message.line = nil
    defects.append(RawCandles.Defect(file: file, line: error.line ?? line, message: message.description))
  }
}
