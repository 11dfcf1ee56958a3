import Diagnostics
import Layers
import Networks
import Tensors
import Testing

@testable import NetworkFormats

/// How names of other programs are read; that the weights are right is shown by the golden networks.
struct ImportTests {
  @Test func patternsCarryNumbers() {
    #expect(NameRule.numbers(of: "a.12.b.3", as: "a.*.b.*") == ["12", "3"])
    #expect(NameRule.numbers(of: "a.x.b.3", as: "a.*.b.*") == nil)
    #expect(NameRule.numbers(of: "a.1.b", as: "a.*.b.*") == nil)
    #expect(NameRule.name("q.*.r.*", ["12", "3"]) == "q.12.r.3")
  }

  private func network(_ source: ForeignSource) throws(TernError) -> FTTransformer {
    var configuration = FTTransformerConfiguration()
    configuration.blocks = 1
    configuration.blockWidth = 2
    configuration.attentionHeads = 1
    configuration.feedForwardHidden = 1
    return try FTTransformer(
      configuration, inputs: TabularInputs(numeric: 0, cardinalities: [2, 1]), outputs: 1,
      ParameterScope(source, into: Parameters()))
  }

  private static func tensors() -> [ForeignTensor] {
    func tensor(_ name: String, _ shape: [Int]) -> ForeignTensor {
      ForeignTensor(name: name, shape: shape, values: (0..<shape.reduce(1, *)).map(Float.init))
    }
    let block = "backbone.blocks.0"
    return [
      tensor("cls_embedding.weight", [2]), tensor("cat_embeddings.embeddings.0.weight", [2, 2]),
      tensor("cat_embeddings.embeddings.1.weight", [1, 2]), tensor("cat_embeddings.bias", [2, 2]),
      tensor("\(block).attention.W_q.weight", [2, 2]), tensor("\(block).attention.W_q.bias", [2]),
      tensor("\(block).attention.W_k.weight", [2, 2]), tensor("\(block).attention.W_k.bias", [2]),
      tensor("\(block).attention.W_v.weight", [2, 2]), tensor("\(block).attention.W_v.bias", [2]),
      tensor("\(block).ffn_normalization.weight", [2]), tensor("\(block).ffn_normalization.bias", [2]),
      tensor("\(block).ffn.linear1.weight", [2, 2]), tensor("\(block).ffn.linear1.bias", [2]),
      tensor("\(block).ffn.linear2.weight", [2, 1]), tensor("\(block).ffn.linear2.bias", [2]),
      tensor("backbone.output.normalization.weight", [2]), tensor("backbone.output.normalization.bias", [2]),
      tensor("backbone.output.linear.weight", [1, 2]), tensor("backbone.output.linear.bias", [1]),
    ]
  }

  @Test func tablesOfCategoriesAreJoined() throws {
    let source = ForeignSource(ImportTests.tensors(), names: .ftTransformer)
    let made = try network(source)
    try source.requireAllUsed()
    #expect(made.parameters["tokens.categories.weight"]?.value.elements == [0, 1, 2, 3, 0, 1])
  }

  @Test func everyAbsentOrMisshapenTensorIsNamed() throws {
    let all = ImportTests.tensors()
    for (index, tensor) in all.enumerated() {
      var fewer = all
      fewer.remove(at: index)
      #expect(throws: TernError.self, "\(tensor.name) is missing") {
        try network(ForeignSource(fewer, names: .ftTransformer))
      }
      var wrong = all
      wrong[index] = ForeignTensor(
        name: tensor.name, shape: tensor.shape + [2], values: tensor.values + tensor.values)
      #expect(throws: TernError.self, "\(tensor.name) has another shape") {
        try network(ForeignSource(wrong, names: .ftTransformer))
      }
    }
  }

  @Test func whatHasNoPlaceIsRefused() throws {
    let extra = ImportTests.tensors() + [ForeignTensor(name: "backbone.blocks.1.x", shape: [1], values: [0])]
    let source = ForeignSource(extra, names: .ftTransformer)
    _ = try network(source)
    do {
      try source.requireAllUsed()
      Issue.record("an unknown tensor was accepted")
    } catch {
      #expect(error.key == "backbone.blocks.1.x")
    }
  }
}
