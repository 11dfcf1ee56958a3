import Compute
import Foundation
import Testing
import Trees

@testable import Explanations

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Drawings and pages")
struct DrawingTests {
  /// A number test, a set whose members go left, a linear leaf.
  private static func forest(name: String = "size") throws -> Forest {
    var root = TreeNode(value: 0, cover: 10, count: 40)
    root.feature = 0
    root.threshold = 1.5
    root.defaultLeft = true
    (root.left, root.right, root.gain) = (1, 2, 3.25)
    var set = TreeNode(value: 0, cover: 6, count: 25)
    set.feature = 1
    set.setCategories([0, 2, 33], flags: [.membersGoLeft])
    (set.left, set.right, set.gain) = (3, 4, 1)
    var linear = TreeNode(exactValue: -0.5, cover: 4, count: 15)
    linear.linear = LinearLeaf(constant: 0.25, features: [0], coefficients: [-2])
    let leaves = [0.75, -1].map { TreeNode(exactValue: $0, cover: 3, count: 1) }
    var nodes = ForestNodes()
    nodes.append(tree: [root, set, linear] + leaves)
    var header = Forest.Header(
      link: .identity, outputs: 1, featureNames: [name, "colour"], baseScores: [0])
    header.precision = .double
    return try Forest(header: header, nodes: nodes)
  }

  @Test("A tree reads from the root to its leaves")
  func text() throws {
    var options = TreeOutline.Options()
    options.categories = [[], ["red", "green", "blue"]]
    options.namedCategories = 2
    let outline = TreeOutline(try DrawingTests.forest(), tree: 0, options: options)
    #expect(
      outline.text == """
        tree 0 of 1: 3 leaves, depth 2
        size < 1.5?  [gain 3.25 · cover 10.00 · 40 rows]
        ├─ yes, missing: colour in {red, blue, … and 1 more}?  [gain 1.00 · cover 6.00 · 25 rows]
        │  ├─ yes: +0.7500  [cover 3.00 · 1 row]
        │  └─ no, missing: −1.00  [cover 3.00 · 1 row]
        └─ no: +0.2500 − 2.00·size, −0.5000 if missing  [cover 4.00 · 15 rows]
        """)
    options.maximumDepth = 1
    let short = TreeOutline(try DrawingTests.forest(), tree: 0, options: options).text
    #expect(short.split(separator: "\n").count == 4)
    #expect(short.contains("25 rows] …"))
  }

  @Test("Drawings are well-formed, whatever a feature is called")
  func svg() throws {
    let outline = TreeOutline(try DrawingTests.forest(name: "<a & \"b\">"), tree: 0)
    let reader = try MarkupReader(outline.svg())
    #expect(reader.elements.first == "svg")
    #expect(reader.elements.count { $0 == "rect" } == 5)
    #expect(reader.text.contains("<a & \"b\"> < 1.5"))
    var random = Philox(seed: 4)
    let large = try RandomForests.make(&random, trees: 1, features: 3, splits: 300)
    #expect(throws: Never.self) { try MarkupReader(TreeOutline(large, tree: 0).svg()) }
  }

  @Test("A page with every part is well-formed, has no number that is none, and repeats")
  func page() throws {
    let inputs: [Float] = [1, .nan, 3, 2, 2]
    let values = [0.5, -0.25, 0, 1e-9, -3]
    let columns: [[Float]] = [inputs, [5, 4, 3, 2, 1]]
    let model = TablePredictor(features: 2, outputs: 1) { columns in
      columns[0].indices.map { Double(columns[1][$0]) * (columns[0][$0].isNaN ? 2 : Double(columns[0][$0])) }
    }
    let grids = try (0..<2).map { try FeatureGrid(columns, feature: $0) }
    func part(_ title: String) -> Beeswarm {
      Beeswarm(title, note: "n", lines: [.init(name: "x<y", values: values, inputs: inputs)])
    }
    let page = ExplanationPage(
      title: "Model & data", subtitle: "s",
      sections: [
        ExplanationSection(
          "All", introduction: "i",
          [
            RankedBars("Bars", note: "n", rows: [("a", 1, ""), ("b", 2, " ± 1")]), part("Beeswarm"),
            Beeswarm("None", note: "n", lines: []),
            PairedParts([
              DependenceScatter(feature: "x", inputs: inputs, values: values, partner: ("z", columns[1])),
              DependenceScatter(feature: "x", inputs: inputs.map { _ in .nan }, values: values, partner: nil),
              DependenceCurves(
                feature: "x", unit: "prediction",
                dependence: try PartialDependence(model, columns: columns, grid: grids[0]),
                effects: try AccumulatedEffects(model, columns: columns, grid: grids[0]), output: 0,
                individuals: [0, 4]),
              JointHeatmap(
                names: ("x", "z"), unit: "prediction",
                dependence: try JointDependence(model, columns: columns, first: grids[0], second: grids[1]),
                output: 0, labels: (["1", "2", "3"], ["1", "2", "3", "4", "5"])),
            ]),
            Waterfall(
              "Row", note: "n", expected: 0.1, features: [("a = 1", 2), ("b", -0.5), ("c", 0)], limit: 2),
            TreePart(TreeOutline(try DrawingTests.forest(), tree: 0)), FactsTable("Facts", [("k", "v")]),
          ])
      ])
    let reader = try MarkupReader(page.html())
    #expect(reader.elements.count { $0 == "svg" } == 7)
    #expect(reader.ids.count == Set(reader.ids).count)
    let words = reader.text.lowercased().split { !$0.isLetter }
    #expect(!words.contains { ["nan", "inf", "infinity"].contains($0) })
    #expect(reader.text.contains("1 other features"))
    #expect(page.html() == page.html())
    for word in ["<script", "src=", "href=", "url("] { #expect(!page.html().contains(word)) }
  }
}

/// Markup read back by an XML parser that we did not write.
private final class MarkupReader: NSObject, XMLParserDelegate {
  private(set) var elements: [String] = []
  private(set) var ids: [String] = []
  private(set) var text = ""

  init(_ source: String) throws {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    try #require(parser.parse(), "not well-formed: \(String(describing: parser.parserError))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append(name)
    if let id = attributes["id"] { ids.append(id) }
    text += " "
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
