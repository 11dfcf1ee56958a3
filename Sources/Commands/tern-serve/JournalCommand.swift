import ArgumentParser
import Chronology
import CommandFrame
import Diagnostics
import Files
import Journal
import Sessions

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Verify a journal's chain and print its records.")

  @Argument(help: "The journal.")
  var path: String

  @Option(help: "Only records of this kind, such as fill or trade; repeat for several.")
  var kind: [String] = []

  @Flag(help: "Print one JSON document a line.")
  var json = false

  private struct Line: Encodable {
    var sequence: UInt64
    var kind: String
    var lane: UInt8
    var time: Int64
    var fields: [String: String]
  }

  func run() throws {
    let known = JournalKind.allCases.map(\.description)
    for name in kind where !known.contains(name) {
      let hint = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a kind of record\(hint)", key: "--kind", found: name,
        expected: known.joined(separator: ", "))
    }
    let reader = try JournalReader(path: path, mode: .strict)
    while let record = try reader.next() {
      guard kind.isEmpty || kind.contains(record.kind.description) else { continue }
      let fields = try RecordText.fields(record)
      if json {
        let line = Line(
          sequence: record.sequence, kind: record.kind.description, lane: record.lane, time: record.time,
          fields: Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first })
        Console.print(String(decoding: try CanonicalJSON.encode(line), as: UTF8.self))
      } else {
        let text = fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        Console.print(
          "\(record.sequence) \(Timestamp.text(record.time)) \(record.kind) \(record.lane) \(text)")
      }
    }
  }
}
