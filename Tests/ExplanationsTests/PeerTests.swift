import Compute
import Foundation
import Testing
import Trees

@testable import Explanations

/// Shapley values of the peers' own models by the peers themselves (Golden/make_golden.py).
@Suite("Peers' Shapley values")
struct PeerTests {
  struct Document: Decodable {
    var features: Int
    var rows: [Float?]
    /// The same rows with a category in the last column.
    var mixed: [Float?]
    var cases: [Case]
  }

  struct Case: Decodable {
    var name: String
    var outputs: Int
    var cover: CoverMeasure
    var base: [Float]
    var isMixed: Bool?
    var nodes: Nodes
    var values: [Double]
    var interactions: [Double]?
    var background: [Float?]?
    var interventional: [Double]?
  }

  struct Nodes: Decodable {
    var offsets: [Int32]
    var feature: [Int32]
    var threshold: [Float]
    var missing: [Int32]
    var left: [Int32]
    var right: [Int32]
    var value: [Float]
    var cover: [Float]
    var count: [Int32]
    /// Flags and members of each categorical node.
    var categories: [[Int]?]?
  }

  private static func document() throws -> Document {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/peers.json")
    return try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
  }

  private static func forest(_ peer: Case, features: Int) throws -> Forest {
    let source = peer.nodes
    var nodes = ForestNodes()
    for tree in source.offsets.indices.dropLast() {
      nodes.append(
        tree: (Int(source.offsets[tree])..<Int(source.offsets[tree + 1])).map { place in
          var node = TreeNode(
            value: source.value[place], cover: source.cover[place], count: source.count[place])
          node.feature = source.feature[place]
          node.threshold = source.threshold[place]
          node.defaultLeft = source.missing[place] == 1
          node.left = source.left[place]
          node.right = source.right[place]
          if let set = source.categories?[place] {
            node.setCategories(set.dropFirst(), flags: NodeFlags(rawValue: Int32(set[0])))
          }
          return node
        })
    }
    return try Forest(
      header: .init(
        link: peer.outputs == 1 ? .identity : .softmax, outputs: peer.outputs,
        featureNames: (0..<features).map { "f\($0)" }, baseScores: peer.base), nodes: nodes)
  }

  private static func columns(_ values: [Float?], features: Int) -> [[Float]] {
    (0..<features).map { feature in
      stride(from: feature, to: values.count, by: features).map { values[$0] ?? .nan }
    }
  }

  /// XGBoost adds in single precision, and rounded covers make shares that do not quite add up to one: a few units
  /// of 1e-7 of margins near two for each of the 4 trees; LightGBM's leaves are doubles that a forest rounds.
  private static let single = 5e-6

  @Test("Agree for xgboost and lightgbm models")
  func valuesAgree() throws {
    let document = try PeerTests.document()
    let features = document.features
    let pool = ThreadPool(threads: 2)
    #expect(document.cases.count == 7)
    for peer in document.cases {
      let columns = PeerTests.columns(
        peer.isMixed == true ? document.mixed : document.rows, features: features)
      let forest = try PeerTests.forest(peer, features: features)
      let explainer = try ShapleyExplainer(forest, cover: peer.cover)
      let values = try explainer.values(columns: columns, pool: pool)
      var largest = 0.0
      for row in 0..<values.rows {
        for output in 0..<values.outputs {
          let expected = peer.values[((row * values.outputs + output) * (features + 1))...]
            .prefix(features + 1)
          let own = values.values(row: row, output: output) + [values.expected[output]]
          for (a, b) in zip(own, expected) { largest = max(largest, abs(a - b)) }
        }
      }
      #expect(largest < PeerTests.single, "\(peer.name)")
      guard let interactions = peer.interactions else { continue }
      let pairs = try explainer.interactions(columns: columns.map { Array($0.prefix(8)) }, pool: pool)
      let side = features + 1
      largest = 0
      for row in 0..<8 {
        for output in 0..<pairs.outputs {
          for (i, j) in (0..<features).flatMap({ i in (0..<features).map { (i, $0) } }) {
            let expected = interactions[((row * pairs.outputs + output) * side + i) * side + j]
            largest = max(largest, abs(pairs.value(row: row, output: output, i, j) - expected))
          }
        }
      }
      #expect(largest < PeerTests.single, "\(peer.name)")
    }
  }

  @Test("Agree with shap against a background")
  func interventionalAgrees() throws {
    let document = try PeerTests.document()
    let features = document.features
    let peer = try #require(document.cases.first { $0.interventional != nil })
    let background = PeerTests.columns(try #require(peer.background), features: features)
    let expected = try #require(peer.interventional)
    let explainer = try InterventionalExplainer(
      PeerTests.forest(peer, features: features), background: background)
    let values = try explainer.values(
      columns: PeerTests.columns(document.rows, features: features), pool: ThreadPool(threads: 2))
    for row in 0..<values.rows {
      let own = values.values(row: row) + [values.expected[0]]
      for (a, b) in zip(own, expected[(row * (features + 1))...].prefix(features + 1)) {
        #expect(abs(a - b) < PeerTests.single)
      }
    }
  }
}
