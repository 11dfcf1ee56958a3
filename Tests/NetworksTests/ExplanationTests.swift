import Foundation
import Layers
import Tensors
import Testing

@testable import Networks

/// Masks of TabNet against pytorch-tabnet, and the rollout of attention.
struct ExplanationTests {
  @Test(arguments: TabNetTests.cases) func masksAreTheOriginals(_ name: String) throws {
    let test = try TabNetTests.Case(name)
    let batch = test.rows.batch(try goldenBatches(test.golden)[0])
    let masks = test.network.masks(batch, on: Eager(workspace()))
    for (step, mask) in masks.steps.enumerated() {
      // The masks of later steps carry the rounding of those before.
      #expect(distance(mask.elements, try test.golden.floats("evaluation.explain.\(step)")) < 3e-5)
    }
    #expect(distance(masks.rows.elements, try test.golden.floats("evaluation.explain")) < 1e-5)
    #expect(distance(masks.importances, try test.golden.floats("evaluation.importances")) < 1e-5)
    let (shares, width) = (masks.shares, masks.rows.shape[1])
    for row in 0..<shares.shape[0] {
      let total = (0..<width).reduce(Float(0)) { $0 + shares.pointer[row * width + $1] }
      // A row that decides on nothing has no shares.
      #expect(total == 0 || abs(total - 1) < 1e-5)
    }
  }

  static func transformer(blocks: Int) throws -> FTTransformer {
    var configuration = FTTransformerConfiguration()
    configuration.blocks = blocks
    configuration.blockWidth = 8
    configuration.attentionHeads = 2
    return try FTTransformer(
      configuration, inputs: TabularInputs(numeric: 2, cardinalities: [3]), outputs: 1,
      ParameterScope(RandomSource(seed: 4), into: Parameters()))
  }

  static var batch: TabularBatch {
    TabularBatch(
      numeric: Tensor([0.5, -1, 2, 0.25], Shape(2, 2)), categories: IndexTensor([0, 2], Shape(2, 1)))
  }

  @Test func rolloutOfEqualAttentionIsEqual() throws {
    let network = try ExplanationTests.transformer(blocks: 2)
    // Without queries every token attends to all tokens alike.
    for block in 0..<2 {
      for part in ["weight", "bias"] {
        let parameter = try #require(network.parameters["blocks.\(block).attention.query.\(part)"])
        parameter.assign(Tensor(repeating: 0, parameter.shape))
      }
    }
    let reach = try network.attentionRollout(ExplanationTests.batch, on: Eager(workspace()))
    // Rounding of a few sums and products.
    for value in reach.elements { #expect(abs(value - 1 / 3) < 1e-6) }
  }

  @Test func rolloutOfOneBlockIsItsAttention() throws {
    let network = try ExplanationTests.transformer(blocks: 1)
    let backend = Eager(workspace())
    let reach = try network.attentionRollout(ExplanationTests.batch, on: backend)
    var seen: (query: Tensor, key: Tensor)?
    _ = network.forward(
      TabularInput(numeric: ExplanationTests.batch.numeric, categories: ExplanationTests.batch.categories),
      backend
    ) { _, query, key in seen = (query, key) }
    let (query, key) = try #require(seen)
    for row in 0..<2 {
      var wanted = [Float](repeating: 0, count: 4)
      for head in 0..<2 {
        let scores = (0..<4).map { token in
          (0..<4).reduce(Float(0)) { sum, at in
            sum + query.elements[row * 8 + head * 4 + at]
              * key.elements[(row * 4 + token) * 8 + head * 4 + at]
          } / 2
        }
        let powers = scores.map { Float(exp(Double($0))) }
        let total = powers.reduce(0, +)
        for token in 0..<4 { wanted[token] += powers[token] / total / 2 }
      }
      let columns = wanted.dropFirst().map { $0 / wanted.dropFirst().reduce(0, +) }
      // Rounding of exponentials in single precision.
      #expect(distance(Array(reach.elements[row * 3..<row * 3 + 3]), columns) < 1e-5)
    }
  }

  @Test func rolloutNeedsAttentionToTokens() throws {
    var configuration = FTTransformerConfiguration()
    configuration.compressionRatio = 0.5
    let network = try FTTransformer(
      configuration, inputs: TabularInputs(numeric: 4), outputs: 1,
      ParameterScope(RandomSource(seed: 4), into: Parameters()))
    let batch = TabularBatch(numeric: Tensor(repeating: 1, Shape(1, 4)))
    #expect(throws: (any Error).self) { try network.attentionRollout(batch, on: Eager(workspace())) }
  }
}
