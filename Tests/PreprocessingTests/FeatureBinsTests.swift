import Compute
import Diagnostics
import Foundation
import Testing

@testable import Preprocessing

/// Edges of bins against rtdl_num_embeddings.
struct FeatureBinsTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var kind: String
      var count: Int
      var minSamplesLeaf: Int?
      var minImpurityDecrease: Double?
      var bins: [[Float]]
    }

    var columns: [[Float]]
    var targets: [Float]
    var classes: [Int32]
    var cases: [Case]

    init() throws {
      let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/bins.json")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      self = try decoder.decode(Golden.self, from: Data(contentsOf: url))
    }

    func bins(_ test: Case, threads: Int) throws -> [[Float]] {
      let pool = ThreadPool(threads: threads)
      if test.kind == "quantiles" {
        return try FeatureBins.quantiles(of: columns, count: test.count, pool: pool)
      }
      var configuration = FeatureBins.TreeConfiguration()
      configuration.minSamplesLeaf = test.minSamplesLeaf ?? configuration.minSamplesLeaf
      configuration.minImpurityDecrease = test.minImpurityDecrease ?? configuration.minImpurityDecrease
      return try FeatureBins.trees(
        over: columns, targets: test.kind == "numbers" ? .numbers(targets) : .classes(classes, count: 3),
        count: test.count, configuration: configuration, pool: pool)
    }
  }

  @Test func edgesAreTheOriginals() throws {
    let golden = try Golden()
    for test in golden.cases {
      let found = try golden.bins(test, threads: 1)
      #expect(try golden.bins(test, threads: 3) == found)
      for (feature, (a, b)) in zip(found, test.bins).enumerated() {
        #expect(a.count == b.count, "\(test.kind) \(test.count), feature \(feature)")
        // The original finds quantiles' places among 400 rows in single precision, to some 2e-5 of the distance of neighbours;
        // thresholds are the same to the bit.
        let tolerance: Float = test.kind == "quantiles" ? 5e-5 : 0
        for (x, y) in zip(a, b) {
          #expect(abs(x - y) <= tolerance * max(1, abs(y)), "\(test.kind) \(test.count), feature \(feature)")
        }
      }
    }
    #expect(golden.cases.count == 13)
  }

  @Test func everyFeatureHasRisingEdges() throws {
    let pool = ThreadPool(threads: 2)
    let columns: [[Float]] = [[3, 3, 3], [0, 0, 1], [1, 2, 3]]
    var configuration = FeatureBins.TreeConfiguration()
    configuration.minSamplesLeaf = 1
    for bins in [
      try FeatureBins.quantiles(of: columns, pool: pool),
      try FeatureBins.trees(
        over: columns, targets: .numbers([1, 2, 3]), configuration: configuration, pool: pool),
    ] {
      #expect(bins[0] == [2.5, 3.5])
      for edges in bins { #expect(zip(edges, edges.dropFirst()).allSatisfy(<) && edges.count >= 2) }
    }
    #expect(try FeatureBins.quantiles(of: [], pool: pool) == [])
  }

  @Test func badInputsAreRefused() throws {
    let pool = ThreadPool(threads: 1)
    #expect(throws: TernError.self) { try FeatureBins.quantiles(of: [[1, 2]], count: 1, pool: pool) }
    #expect(throws: TernError.self) { try FeatureBins.quantiles(of: [[]], pool: pool) }
    #expect(throws: TernError.self) { try FeatureBins.quantiles(of: [[1, .nan]], pool: pool) }
    #expect(throws: TernError.self) {
      try FeatureBins.trees(over: [[1, 2]], targets: .classes([0, 2], count: 2), pool: pool)
    }
    #expect(throws: TernError.self) {
      try FeatureBins.trees(over: [[1, 2]], targets: .numbers([0, .infinity]), pool: pool)
    }
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(FeatureBins.TreeConfiguration.self, from: Data(#"{"min_leaf": 3}"#.utf8))
    }
  }
}
