import Compute
import Datasets
import Diagnostics
import Testing

@Suite struct SvmlightTests {
  private func parse(_ text: String, absentIsZero: Bool = false, kinds: [String] = []) throws(TernError)
    -> Table
  {
    var options = TableReader.Options()
    options.absentIsZero = absentIsZero
    for name in kinds { options.kinds[name] = .numeric }
    return try TableReader.parse(Array(text.utf8), path: "table.svm", options: options)
  }

  private func numbers(_ table: Table, _ name: String) -> [Float] {
    guard case .numeric(let values)? = table[name]?.values else { return [] }
    return values
  }

  @Test func readsRowsQueriesAndComments() throws {
    let table = try parse("# file\n2 qid:7 0:0.5 3:-1e2 # good\n\n0 qid:7\n+1 qid:9 1:4\r\n")
    #expect(table.columns.map(\.name) == ["label", "qid", "f0", "f1", "f2", "f3"])
    #expect(numbers(table, "label") == [2, 0, 1])
    #expect(numbers(table, "qid") == [7, 7, 9])
    #expect(numbers(table, "f3")[0] == -100)
    #expect(numbers(table, "f1")[0].isNaN && numbers(table, "f1")[2] == 4)
  }

  @Test func absentMayBeZeroAndColumnsMayBeKnown() throws {
    let table = try parse("1 1:2\n0 0:3\n", absentIsZero: true, kinds: ["f4", "label"])
    #expect(table.columns.map(\.name) == ["label", "f0", "f1", "f2", "f3", "f4"])
    #expect(numbers(table, "f0") == [0, 3] && numbers(table, "f4") == [0, 0])
  }

  @Test(arguments: [
    ("1 2:3 1:4\n", 1), ("1 0:1\n0 x:1\n", 2), ("a 0:1\n", 1), ("1 0:\n", 1), ("1 0\n", 1),
    ("1 qid:1 0:1\n0 0:1\n", 2),
    ("1 9999999:1\n", 1), ("1 0:1e99\n", 1), ("1 0:1x\n", 1),
  ])
  func mistakesNameTheirLine(text: String, line: Int) {
    #expect { try parse(text) } throws: {
      ($0 as? TernError)?.kind == .data && ($0 as? TernError)?.line == line
    }
  }

  /// Changed bytes give a table or an error, never a trap.
  @Test func damagedTextIsAnError() throws {
    let original = Array("2 qid:7 0:0.5 3:-1e2 # good\n0 qid:7 1:3.25 2:1\n1 qid:9 1:4\n".utf8)
    var random = Philox(seed: 1)
    let letters = Array("0123456789 :.-+eqid#\n\r\u{1}x".utf8)
    var tables = 0
    for _ in 0..<20_000 {
      var bytes = original
      for _ in 0..<1 + random.integer(below: 4) {
        bytes[random.integer(below: bytes.count)] = letters[random.integer(below: letters.count)]
      }
      if random.uniform() < 0.3 { bytes.removeLast(random.integer(below: bytes.count)) }
      // A stray digit can ask for a hundred thousand columns, which is allowed and slow; the parser's own limit is tested above.
      do {
        let table = try TableReader.parse(bytes, path: "table.svm")
        tables += table.columns.isEmpty ? 0 : 1
      } catch { #expect(error.kind == .data) }
    }
    #expect(tables > 100)
  }
}
