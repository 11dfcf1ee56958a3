import Diagnostics
import Layers
import Networks
import Tensors
import Testing

@testable import NetworkFormats

/// Networks under the names of other programs.
struct ExportTests {
  static func transformer(_ kind: NumericEmbeddingConfiguration.Kind) -> FTTransformerConfiguration {
    var configuration = FTTransformerConfiguration()
    configuration.blocks = 2
    configuration.blockWidth = 8
    configuration.attentionHeads = 2
    configuration.numericEmbedding = NumericEmbeddingConfiguration(kind)
    configuration.numericEmbedding.frequencies = 3
    if kind == .piecewiseLinear { configuration.numericEmbedding.bins = [[0, 1, 2], [-1, 1]] }
    return configuration
  }

  static let inputs = TabularInputs(numeric: 2, cardinalities: [3, 4])

  /// The network read back from its foreign tensors has the same bits.
  private func check<Network: TabularNetwork>(_ network: Network) throws -> [String] {
    let tensors = try ForeignExport.tensors(of: network)
    #expect(Set(tensors.map(\.name)).count == tensors.count)
    let source = ForeignSource(tensors, names: try ForeignExport.names(of: network))
    let copy = try Network(
      network.configuration, inputs: network.inputs, outputs: network.outputs,
      ParameterScope(source, into: Parameters()))
    try source.requireAllUsed()
    #expect(copy.parameters.values == network.parameters.values)
    return tensors.map(\.name)
  }

  @Test(arguments: NumericEmbeddingConfiguration.Kind.allCases)
  func transformersComeBack(kind: NumericEmbeddingConfiguration.Kind) throws {
    let names = try check(
      try FTTransformer(
        Self.transformer(kind), inputs: Self.inputs, outputs: 3,
        ParameterScope(RandomSource(seed: 3), into: Parameters())))
    #expect(names.contains("cat_embeddings.embeddings.1.weight"))
    #expect(names.contains(kind == .periodic ? "cont_embeddings.periodic.weight" : "cls_embedding.weight"))
  }

  @Test func tabNetsComeBackWithEverySharedName() throws {
    var configuration = TabNetConfiguration()
    configuration.steps = 2
    configuration.categoryColumns = [1, 2]
    let names = try check(
      try TabNet(
        configuration, inputs: Self.inputs, outputs: 1,
        ParameterScope(RandomSource(seed: 3), into: Parameters())))
    // Two shared matrices under two names at each of three users.
    #expect(names.count { $0.hasSuffix(".fc.weight") && $0.contains(".shared.") } == 6)
    #expect(names.count { $0.contains("shared_layers") } == 6)
    #expect(names.contains("tabnet.initial_bn.running_var"))
  }
}
