import Foundation
import Layers
import Testing

@testable import Networks

/// The names in files: a change of one of them makes stored models unreadable.
struct ParameterNameTests {
  static func lines(_ parameters: Parameters) -> String {
    parameters.all.map { "\($0.name) \($0.shape) \($0.role.rawValue)" }.joined(separator: "\n") + "\n"
  }

  static func scope() -> ParameterScope { ParameterScope(RandomSource(seed: 1), into: Parameters()) }

  static func all() throws -> String {
    let inputs = TabularInputs(numeric: 2, cardinalities: [3, 4])
    var transformer = FTTransformerConfiguration()
    transformer.blocks = 2
    transformer.blockWidth = 8
    transformer.attentionHeads = 2
    transformer.compressionRatio = 0.5
    var periodic = transformer
    periodic.blocks = 1
    periodic.compressionRatio = nil
    periodic.numericEmbedding = NumericEmbeddingConfiguration(.periodic)
    var bins = periodic
    bins.numericEmbedding = NumericEmbeddingConfiguration(.piecewiseLinear)
    bins.numericEmbedding.bins = [[0, 1], [0, 1, 2]]
    var net = TabNetConfiguration()
    net.steps = 2
    let parts = [
      ("FT-Transformer", try FTTransformer(transformer, inputs: inputs, outputs: 3, scope()).parameters),
      (
        "FT-Transformer, periodic",
        try FTTransformer(periodic, inputs: inputs, outputs: 3, scope()).parameters
      ),
      ("FT-Transformer, bins", try FTTransformer(bins, inputs: inputs, outputs: 3, scope()).parameters),
      ("TabNet", try TabNet(net, inputs: inputs, outputs: 3, scope()).parameters),
      ("TabNet, self-supervised", try TabNetPretraining(net, inputs: inputs, scope()).parameters),
    ]
    return parts.map { "# \($0)\n" + lines($1) }.joined()
  }

  @Test func namesAndShapesStay() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/parameters.txt")
    let found = try ParameterNameTests.all()
    let wanted = try String(contentsOf: file, encoding: .utf8)
    #expect(found == wanted)
  }

  @Test func anotherSeedDrawsOtherWeights() throws {
    func weights(_ seed: UInt64) throws -> [[Float]] {
      try TabNet(
        TabNetConfiguration(), inputs: TabularInputs(numeric: 3), outputs: 1,
        ParameterScope(RandomSource(seed: seed), into: Parameters())
      ).parameters.all.filter { $0.role == .weight }.map { $0.value.elements }
    }
    #expect(try weights(1) == weights(1))
    for (a, b) in zip(try weights(1), try weights(2)) { #expect(a != b) }
  }
}
