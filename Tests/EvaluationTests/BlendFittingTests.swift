import Compute
import Diagnostics
import Evaluation
import Foundation
import RowModels
import Testing

@Suite("Blends are fitted to rows that no member has seen")
struct BlendFittingTests {
  /// Rows whose true probabilities are known; a member sees them through noise of its own.
  private struct Case {
    var predictions: [[Float]]
    var labels: [Int]
    var weights: [Float]

    init(rows: Int, noise: [Double], classes: Int = 3, seed: UInt64 = 1) {
      var random = Philox(seed: seed)
      predictions = noise.map { _ in [] }
      labels = []
      weights = []
      func softmax(_ scores: [Double]) -> [Double] {
        let sum = scores.reduce(0) { $0 + exp($1) }
        return scores.map { exp($0) / sum }
      }
      for _ in 0..<rows {
        let scores = (0..<classes).map { _ in 1.5 * random.normal() }
        let truth = softmax(scores)
        let u = random.uniform()
        var (label, sum) = (0, truth[0])
        while label < classes - 1, sum < u {
          label += 1
          sum += truth[label]
        }
        labels.append(label)
        weights.append(Float(random.uniform() + 0.5))
        for (k, size) in noise.enumerated() {
          predictions[k] += softmax(scores.map { $0 + size * random.normal() }).map { Float($0) }
        }
      }
    }

    func loss(_ blend: Blend) -> Double {
      var (total, weight) = (0.0, 0.0)
      var result = [Float](repeating: 0, count: 3)
      for row in labels.indices {
        let parts = predictions.flatMap { $0[row * 3..<row * 3 + 3] }
        blend.apply(parts, classes: 3, into: &result)
        total -= Double(weights[row]) * log(Double(result[labels[row]]))
        weight += Double(weights[row])
      }
      return total / weight
    }
  }

  @Test("weights of a mixture are the best ones of a fine grid") func mixture() throws {
    let rows = Case(rows: 2000, noise: [0.5, 0.9])
    let blend = try Blend(
      .weighted, fitting: rows.predictions, labels: rows.labels, weights: rows.weights, classes: 3)
    guard case .weighted(let weights) = blend else {
      Issue.record("another blend")
      return
    }
    let best = (0...1000).map { Double($0) / 1000 }.min { a, b in
      rows.loss(.weighted([a, 1 - a])) < rows.loss(.weighted([b, 1 - b]))
    }
    #expect(abs(weights[0] - (try #require(best))) <= 0.001)
    #expect(weights[0] > weights[1] && abs(weights[0] + weights[1] - 1) < 1e-12)
    // A mixture can be any of its members, so it is no worse than the best of them.
    #expect(rows.loss(blend) <= min(rows.loss(.weighted([1, 0])), rows.loss(.weighted([0, 1]))))
  }

  @Test("a useless member gets nothing") func useless() throws {
    var rows = Case(rows: 2000, noise: [0, 0.3])
    rows.predictions[1] = rows.labels.flatMap { label in (0..<3).map { $0 == (label + 1) % 3 ? 0.9 : 0.05 } }
    let blend = try Blend(.weighted, fitting: rows.predictions, labels: rows.labels, classes: 3)
    guard case .weighted(let weights) = blend else { return }
    #expect(weights[1] < 0.02)
  }

  @Test("stacking stands where the loss has no slope, and beats the mixture") func stacking() throws {
    let rows = Case(rows: 3000, noise: [0.8, 0.8, 0.8])
    let blend = try Blend(
      .stacked, fitting: rows.predictions, labels: rows.labels, weights: rows.weights, classes: 3)
    guard case .stacked(let slopes, let biases) = blend else {
      Issue.record("another blend")
      return
    }
    func loss(_ point: [Double]) -> Double {
      let pull = zip(point, [1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0]).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
      let weight = rows.weights.reduce(0) { $0 + Double($1) }
      return rows.loss(.stacked(slopes: Array(point[..<3]), biases: Array(point[3...]))) + 0.5 * pull / weight
    }
    let point = slopes + biases
    for place in point.indices {
      var (up, down) = (point, point)
      up[place] += 1e-3
      down[place] -= 1e-3
      // Predictions are rounded to Float, which costs 1e-7 / 2e-3 at most in a mean of many rows.
      #expect(abs(loss(up) - loss(down)) / 2e-3 < 2e-4, "parameter \(place)")
      #expect(loss(up) > loss(point) - 1e-7 && loss(down) > loss(point) - 1e-7)
    }
    let mixture = try Blend(
      .weighted, fitting: rows.predictions, labels: rows.labels, weights: rows.weights, classes: 3)
    // Independent noise is averaged best in the logarithm.
    #expect(rows.loss(blend) < rows.loss(mixture))
  }

  @Test("rows without weight cannot be fitted to") func weightless() {
    #expect(throws: TernError.self) {
      try Blend(.weighted, fitting: [[0.5, 0.5], [0.4, 0.6]], labels: [0], weights: [0], classes: 2)
    }
  }
}
