import Diagnostics

/// What to do with each field of a file's rows, decided from its first line.
package struct FieldPlan {
  /// The slot of each field in the layout; nil for a field that is not read.
  var slots: [Int?]
  /// Whether the first line is a header.
  var hasHeader: Bool
  /// The byte between fields.
  var delimiter: UInt8
  /// Remarks for the report.
  var warnings: [String] = []

  /// Decides from the first line.
  /// - Throws: `TernError` of kind `data` for a line that is neither a header with the needed columns nor a known row.
  init(
    firstLine: UnsafeBufferPointer<UInt8>, layout: SourceLayout, mapping: ColumnMapping, file: String,
    line: Int
  ) throws(TernError) {
    delimiter = FieldPlan.delimiter(of: firstLine)
    guard let fields = DelimitedRow.fields(firstLine, delimiter: delimiter) else {
      throw TernError(.data, "a quote is not closed", file: file, line: line)
    }
    let values = fields.filter { FieldPlan.isValue($0) }
    hasHeader = values.isEmpty || !FieldPlan.isValue(fields[0])
    slots = Array(repeating: nil, count: fields.count)
    guard hasHeader else {
      guard mapping.isEmpty else {
        throw TernError(
          .data, "a column mapping needs a header, but the first line holds numbers", file: file, line: line,
          found: "\"\(fields[0])\"",
          expected: "a header with \(mapping.pairs.map(\.source).joined(separator: ", "))")
      }
      guard let names = layout.headerless.first(where: { $0.count == fields.count }) else {
        let known = layout.headerless.map { String($0.count) }.joined(separator: ", ")
        throw TernError(
          .data, "a file of \(layout.subject) without a header has an unknown number of fields", file: file,
          line: line,
          found: "\(fields.count) fields", expected: "\(known) fields, or a header")
      }
      slots = names.map { layout.slot($0) }
      return
    }
    for name in values {
      throw TernError(
        .data, "the header holds a value among its names", file: file, line: line, found: "\"\(name)\"",
        expected: "only column names")
    }
    try mapping.isEmpty
      ? matchKnown(fields, layout, file, line) : matchMapped(fields, layout, mapping, file, line)
    for (slot, column) in layout.columns.enumerated() where column.required && !slots.contains(slot) {
      throw TernError(
        .data, "the header lacks a column that \(layout.subject) need", file: file, line: line,
        key: column.name,
        found: fields.joined(separator: ","),
        expected: layout.columns.filter(\.required).map(\.name).joined(separator: ","))
    }
  }

  private mutating func matchKnown(
    _ fields: [String], _ layout: SourceLayout, _ file: String, _ line: Int
  ) throws(TernError) {
    for (index, name) in fields.enumerated() {
      // A name spelt exactly wins over an alias, so that `time` beside `open_time` does no harm.
      let exact = layout.columns.firstIndex { $0.name == SourceLayout.normalised(name) }
      guard let slot = exact ?? layout.slot(ofHeader: name) else {
        try refuseMisspelling(name, layout, file, line)
        warnings.append("\(file): the column \"\(name)\" is not known and was ignored")
        continue
      }
      if exact == nil, fields.contains(where: { SourceLayout.normalised($0) == layout.columns[slot].name }) {
        continue
      }
      guard !slots.contains(slot) else {
        throw TernError(
          .data, "the header names a column twice", file: file, line: line, key: layout.columns[slot].name,
          found: fields.joined(separator: ","))
      }
      slots[index] = slot
    }
  }

  /// A near miss such as `volum` would silently lose a column if it were ignored like a foreign name.
  private func refuseMisspelling(
    _ name: String, _ layout: SourceLayout, _ file: String, _ line: Int
  ) throws(TernError) {
    let plain = SourceLayout.normalised(name)
    for column in layout.columns where isMisspelling(plain, of: column.name) {
      throw TernError(
        .data, "the header holds a name that is nearly a known one", file: file, line: line, key: name,
        expected: "\"\(column.name)\", or a column mapping")
    }
  }

  private func isMisspelling(_ name: String, of known: String) -> Bool {
    known.utf8.count >= 4 && abs(known.utf8.count - name.utf8.count) <= 1
      && name.utf8.first == known.utf8.first
      && nearestName(to: name, among: [known]) != nil && commonLetters(name, known) >= known.utf8.count - 1
  }

  private func commonLetters(_ a: String, _ b: String) -> Int {
    let prefix = zip(a.utf8, b.utf8).prefix { $0 == $1 }.count
    let suffix = zip(a.utf8.reversed(), b.utf8.reversed()).prefix { $0 == $1 }.count
    return prefix + suffix
  }

  private mutating func matchMapped(
    _ fields: [String], _ layout: SourceLayout, _ mapping: ColumnMapping, _ file: String, _ line: Int
  ) throws(TernError) {
    for pair in mapping.pairs {
      guard let slot = layout.slot(pair.column) else {
        throw TernError(
          .configuration, "\(layout.subject) have no such column to map", file: file, key: pair.column,
          expected: "one of \(layout.columns.map(\.name).joined(separator: ", "))")
      }
      let places = fields.indices.filter { fields[$0] == pair.source }
      guard places.count == 1, let place = places.first else {
        throw TernError(
          .data, places.isEmpty ? "the mapped column is missing" : "the mapped column appears twice",
          file: file,
          line: line, key: pair.column, found: fields.joined(separator: ","),
          expected: "one column \"\(pair.source)\"")
      }
      slots[place] = slot
    }
  }

  /// The most frequent of comma, tab and semicolon; the comma on ties.
  package static func delimiter(of line: UnsafeBufferPointer<UInt8>) -> UInt8 {
    var counts: [(byte: UInt8, count: Int)] = [(0x2c, 0), (0x09, 0), (0x3b, 0)]
    for byte in line {
      for index in counts.indices where counts[index].byte == byte { counts[index].count += 1 }
    }
    return counts.reduce(counts[0]) { $1.count > $0.count ? $1 : $0 }.byte
  }

  /// Whether a field of the first line is data: a number, a time, or a spelling of a number that is not finite.
  private static func isValue(_ field: String) -> Bool {
    Double(field) != nil || StampReader.isCalendarTime(field)
  }
}
