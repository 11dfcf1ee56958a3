import Diagnostics
import Testing
import YAML

@Suite struct ParserTests {
  private func parse(_ text: String) throws -> YAMLNode? { try YAMLParser().parse(text) }

  @Test func keepsOrderStyleAndPlaces() throws {
    let root = try #require(try parse("b: 1\na:\n  - x\n  - \"y z\"\n")?.mapping)
    #expect(root.entries.map(\.key.text) == ["b", "a"])
    #expect(root["b"]?.scalar == YAMLScalar("1", mark: YAMLMark(line: 1, column: 4)))
    let items = try #require(root["a"]?.sequence?.items)
    #expect(items[0].scalar == YAMLScalar("x", mark: YAMLMark(line: 3, column: 5)))
    #expect(items[1].scalar == YAMLScalar("y z", isPlain: false, mark: YAMLMark(line: 4, column: 5)))
    #expect(root["missing"] == nil)
  }

  @Test func readsBlocksAndEscapes() throws {
    let root = try #require(
      try parse("folded: >\n  a\n  b\nkept: |\n  a\n  b\nescaped: \"\\u00e9\\n\"\n")?.mapping)
    #expect(root["folded"]?.scalar?.text == "a b\n")
    #expect(root["kept"]?.scalar?.text == "a\nb\n")
    #expect(root["escaped"]?.scalar?.text == "é\n")
    #expect(root["kept"]?.scalar?.isPlain == false)
  }

  @Test(arguments: ["", "# nothing\n", "\n\n", "---\n...\n"])
  func holdsNothing(_ text: String) throws {
    let root = try parse(text)
    #expect(root == nil || root?.scalar?.isNull == true)
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3", "stands twice", 3, "a"),
    ("x:\n  a: 1\n  \"a\": 3", "stands twice", 3, "x.a"),
    ("list:\n- {k: 1,\n   k: 2}", "stands twice", 3, "list.0.k"),
    ("a: &x 1", "has an anchor; write the value out instead", 1, "a"),
    ("a: !!binary Zm9v", "has the tag tag:yaml.org,2002:binary, which is not supported", 1, "a"),
    ("? [a]\n: 1", "has a key that is not a single value", 1, nil),
    ("a: 1\n---\nb: 2", "must hold one document, not several", 2, nil),
    ("ok: 1\na: [", "is not valid YAML: did not find expected node content", 2, nil),
    ("ok: 1\na: b: c", "is not valid YAML: mapping values are not allowed in this context", 2, nil),
  ])
  func refusesWithLineAndKey(_ text: String, _ message: String, _ line: Int, _ key: String?) throws {
    let error = try #require(throws: TernError.self) { try parse(text) }
    #expect(error == TernError(.configuration, message, line: line, key: key))
  }

  @Test func refusesAliasesEvenWithoutTheirAnchor() {
    #expect(throws: TernError.self) { try parse("a: *x") }
  }

  @Test func limitsHoldAtTheirExactBoundary() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try parse(nested(64)) != nil)
    #expect(throws: TernError.self) { try parse(nested(65)) }
    #expect(throws: TernError.self) { try parse(String(repeating: "[", count: 100_000)) }

    var limits = YAMLParser.Limits()
    limits.nodes = 4
    #expect(try YAMLParser(limits: limits).parse("[a, b, c]") != nil)
    #expect(throws: TernError.self) { try YAMLParser(limits: limits).parse("[a, b, c, d]") }
    limits.bytes = 4
    #expect(try YAMLParser(limits: limits).parse("a: 1") != nil)
    #expect(throws: TernError.self) { try YAMLParser(limits: limits).parse("a: 12") }
  }

  @Test func refusesBytesThatAreNotUTF8() throws {
    let error = try #require(throws: TernError.self) { try YAMLParser().parse([97, 58, 32, 0xff]) }
    #expect(error.message.hasPrefix("is not valid YAML"))
  }
}
