import Diagnostics
import Feeds

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads the text of one table in two passes: numbers in the first, the columns that turn out to be text in the second.
struct TableParser {
  private let path: String
  private let options: TableReader.Options
  private let end: UnsafePointer<UInt8>
  private let delimiter: UInt8
  /// Start of the first data row and its line.
  private let dataStart: UnsafePointer<UInt8>
  private let dataLine: Int
  private let names: [String]
  private let rowCapacity: Int
  private var isText: [Bool]
  private var firstInfinite: [(line: Int, text: String)?]
  private var warnings: [String] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, path: String, options: TableReader.Options) throws(TernError) {
    self.path = path
    self.options = options
    guard var start = bytes.baseAddress else { throw TernError(.data, "is empty", file: path) }
    end = start + bytes.count
    if bytes.count >= 3, start[0] == 0xef, start[1] == 0xbb, start[2] == 0xbf { start += 3 }
    delimiter =
      options.delimiter
      ?? TableParser.delimiter(of: UnsafeBufferPointer(start: start, count: end - start), path)
    var scanner = CellScanner(end: end, delimiter: delimiter, file: path)
    start = scanner.skipBlankLines(start)
    guard start < end else { throw TernError(.data, "is empty", file: path, expected: "rows of a table") }
    let line = scanner.line
    let (first, second) = try scanner.record(start)
    let hasHeader: Bool
    switch options.header {
    case .present: hasHeader = true
    case .absent: hasHeader = false
    case .automatic: hasHeader = try TableHeader.isHeader(first, below: second, scanner)
    }
    names = try TableHeader.names(hasHeader ? first : nil, count: first.count, path: path, line: line)
    dataStart = hasHeader ? second : start
    dataLine = hasHeader ? scanner.line : line
    // A cell takes at least its delimiter, which bounds the rows that a file of this size can hold.
    var newlines = 0
    var p = dataStart
    while p < end, let newline = memchr(p, 0x0a, end - p) {
      newlines += 1
      p = UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) + 1
    }
    rowCapacity = min(newlines + 1, (end - dataStart) / names.count + 1)
    isText = names.map { options.kinds[$0] == .categorical }
    firstInfinite = Array(repeating: nil, count: names.count)
  }

  mutating func table() throws(TernError) -> Table {
    let columnCount = names.count
    let storage = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, rowCapacity * columnCount))
    defer { storage.deallocate() }
    let rows = try NumberParser.withPowers { powers throws(TernError) in
      try readNumbers(into: storage, powers)
    }
    guard rows > 0 else {
      throw TernError(.data, "holds no rows", file: path, expected: "rows below the header")
    }
    for (index, infinite) in firstInfinite.enumerated() where !isText[index] {
      guard let infinite else { continue }
      throw TernError(
        .data, "is too large for a 32-bit float", file: path, line: infinite.line, key: names[index],
        found: infinite.text, expected: "a finite number, or an empty cell where it is missing")
    }
    var vocabularies: [TextVocabulary] = []
    if isText.contains(true) { vocabularies = try readTexts(rows: rows) }
    var texts = vocabularies.makeIterator()
    var columns: [Column] = []
    columns.reserveCapacity(columnCount)
    for (index, name) in names.enumerated() {
      if isText[index], let vocabulary = texts.next() {
        if let warning = vocabulary.warning(column: name, path: path) { warnings.append(warning) }
        columns.append(
          Column(name: name, values: .categorical(codes: vocabulary.codes, vocabulary: vocabulary.words)))
      } else {
        let cells = UnsafeBufferPointer(rebasing: storage[index * rowCapacity..<index * rowCapacity + rows])
        columns.append(Column(name: name, values: .numeric(Array(cells))))
      }
    }
    var table = Table(columns: columns, rowCount: rows)
    table.warnings = warnings
    return table
  }

  /// First pass. `storage` holds one run of `rowCapacity` cells per column.
  private mutating func readNumbers(
    into storage: UnsafeMutableBufferPointer<Float>, _ powers: UnsafePointer<Double>
  ) throws(TernError) -> Int {
    var scanner = CellScanner(end: end, delimiter: delimiter, file: path)
    scanner.line = dataLine
    let columnCount = names.count
    var row = 0
    var p = scanner.skipBlankLines(dataStart)
    while p < end {
      guard row < rowCapacity else { throw wrongFieldCount(p, scanner.line) }
      let rowStart = p
      let rowLine = scanner.line
      for column in 0..<columnCount {
        var after: UnsafePointer<UInt8>
        if isText[column] {
          after = try scanner.skip(p)
        } else {
          var value = 0.0
          if let stop = NumberParser.parse(p, end, powers, &value), scanner.isCellEnd(stop),
            abs(value) <= Double(Float.greatestFiniteMagnitude)
          {
            after = stop
          } else {
            after = try slowCell(p, column, &scanner, powers, &value)
          }
          storage[column * rowCapacity + row] = Float(value)
        }
        if after < end, after.pointee == 0x0d { after += 1 }
        if column + 1 < columnCount {
          guard after < end, after.pointee == delimiter else { throw wrongFieldCount(rowStart, rowLine) }
          p = after + 1
        } else {
          guard after == end || after.pointee == 0x0a else { throw wrongFieldCount(rowStart, rowLine) }
          p = after == end ? end : after + 1
        }
      }
      row += 1
      scanner.line += 1
      p = scanner.skipBlankLines(p)
    }
    return row
  }

  /// A cell that is not plainly a number: missing, quoted, surrounded by blanks, infinite, or text.
  private mutating func slowCell(
    _ p: UnsafePointer<UInt8>, _ column: Int, _ scanner: inout CellScanner, _ powers: UnsafePointer<Double>,
    _ value: inout Double
  ) throws(TernError) -> UnsafePointer<UInt8> {
    let line = scanner.line
    let (cell, after) = try scanner.withCell(p) { NumericCell(content: $0, powers) }
    value = .nan
    switch cell {
    case .missing: break
    case .number(let number): value = number
    case .infinite(let text): firstInfinite[column] = firstInfinite[column] ?? (line, text)
    case .text(let text):
      guard options.kinds[names[column]] != .numeric else {
        throw TernError(
          .data, "is text in a numeric column", file: path, line: line, key: names[column], found: text,
          expected: "a decimal number, or an empty cell where it is missing")
      }
      isText[column] = true
    }
    return after
  }

  /// Second pass, over the text columns only.
  private func readTexts(rows: Int) throws(TernError) -> [TextVocabulary] {
    let wanted = isText.indices.filter { isText[$0] }
    var vocabularies = wanted.map { _ in TextVocabulary(rows: rows) }
    var scanner = CellScanner(end: end, delimiter: delimiter, file: path)
    scanner.line = dataLine
    var p = scanner.skipBlankLines(dataStart)
    while p < end {
      var position = 0
      for column in names.indices {
        var after: UnsafePointer<UInt8>
        if isText[column] {
          let line = scanner.line
          after = try scanner.withCell(p) { vocabularies[position].append($0, line: line) }.after
          position += 1
        } else {
          after = try scanner.skip(p)
        }
        if after < end, after.pointee == 0x0d { after += 1 }
        p = after == end ? end : after + 1
      }
      scanner.line += 1
      p = scanner.skipBlankLines(p)
    }
    return vocabularies
  }

  private func wrongFieldCount(_ start: UnsafePointer<UInt8>, _ line: Int) -> TernError {
    var scanner = CellScanner(end: end, delimiter: delimiter, file: path)
    scanner.line = line
    do throws(TernError) {
      let count = try scanner.record(start).cells.count
      return TernError(
        .data, "the row has another number of fields than the first", file: path, line: line,
        found: "\(count) fields", expected: "\(names.count) fields")
    } catch {
      return error
    }
  }

  private static func delimiter(of text: UnsafeBufferPointer<UInt8>, _ path: String) -> UInt8 {
    let name = path.lowercased()
    for suffix in [".tsv", ".tab", ".tsv.gz", ".tab.gz"] where name.hasSuffix(suffix) { return 0x09 }
    let first = text.firstIndex { $0 != 0x0a && $0 != 0x0d } ?? 0
    let line = text[first...].prefix { $0 != 0x0a }
    return FieldPlan.delimiter(of: UnsafeBufferPointer(rebasing: line))
  }
}
