import Autograd
import Compute
import Diagnostics
import Foundation
import Layers
import NetworkFormats
import Optimizers
import Tensors
import Testing

@testable import Networks

/// FT-Transformer against rtdl_revisiting_models.
struct FTTransformerTests {
  static let cases = ["numeric", "categorical", "both", "headwise", "key-value"].map {
    "ft-transformer-\($0)"
  }

  struct Case {
    let golden: Golden
    let network: FTTransformer
    let rows: GoldenRows
    let outputs: Int

    init(_ name: String) throws {
      golden = try Golden(name)
      let arguments = try golden.object("configuration")
      let inputs = TabularInputs(
        numeric: try #require(arguments["n_cont_features"] as? Int),
        cardinalities: try #require(arguments["cat_cardinalities"] as? [Int]))
      outputs = try #require(arguments["d_out"] as? Int)
      let configuration = try golden.configuration(
        FTTransformerConfiguration.self, without: ["n_cont_features", "cat_cardinalities", "d_out"])
      let source = ForeignSource(try golden.foreign("weight."), names: .ftTransformer)
      network = try FTTransformer(
        configuration, inputs: inputs, outputs: outputs, ParameterScope(source, into: Parameters()))
      try source.requireAllUsed()
      rows = try GoldenRows(transformer: golden)
    }

    func run(_ workspace: Workspace) -> GoldenRun {
      GoldenRun(golden: golden, parameters: network.parameters, table: .ftTransformer, workspace: workspace) {
        chosen, tape, watched in
        let batch = rows.batch(chosen)
        let numeric = watched ?? batch.numeric.map { tape.constant($0) }
        let output = network(TabularInput(numeric: numeric, categories: batch.categories), on: tape)
          .prediction
        return (output, try golden.loss(output, chosen, tape))
      }
    }
  }

  @Test(arguments: cases) func predictsAsTheOriginal(_ name: String) throws {
    let test = try Case(name)
    let batch = test.rows.batch(try goldenBatches(test.golden)[0])
    let output = test.network(batch, on: Eager(workspace())).prediction
    // Single precision through some tens of operations, relative to the largest output.
    #expect(distance(output.elements, try test.golden.floats("evaluation.output")) < 1e-5)
  }

  @Test(arguments: cases) func derivesAsTheOriginal(_ name: String) throws {
    let test = try Case(name)
    let input = test.rows.batch(try goldenBatches(test.golden)[0]).numeric
    let wanted = input == nil ? nil : try test.golden.floats("gradient.input.x_cont")
    try test.run(workspace()).training(input: input, expectedInput: wanted)
  }

  @Test(arguments: cases) func tenStepsEndWhereTheOriginalDoes(_ name: String) throws {
    let test = try Case(name)
    var configuration = OptimizerConfiguration(.adamw)
    configuration.lr = 1e-3
    configuration.weightDecay = 1e-2
    try test.run(workspace()).steps(configuration, clip: nil) {
      test.network.decays($0) || $0.name == "head.norm.weight"
    }
  }

  @Test(arguments: cases) func theSameParametersDoNotDecay(_ name: String) throws {
    let test = try Case(name)
    let free = try #require(try test.golden.object("training")["no_decay"] as? [String])
    // A tensor of ones and zeros for each of theirs says which of ours it becomes.
    let marked = try test.golden.foreign("weight.").map { tensor in
      ForeignTensor(
        name: tensor.name, shape: tensor.shape,
        values: tensor.values.map { _ in free.contains(tensor.name) ? 1 : 0 })
    }
    let source = ForeignSource(marked, names: .ftTransformer)
    // The original forgets the norm of the head, which it names unlike those of the blocks; the paper means all norms.
    for parameter in test.network.parameters.all where parameter.name != "head.norm.weight" {
      let mark = Tensor(uninitialised: parameter.shape)
      try source.fill(mark, name: parameter.name, initialiser: .constant(0))
      #expect(mark.elements.allSatisfy { ($0 == 0) == test.network.decays(parameter) }, "\(parameter.name)")
    }
  }

  @Test func sizesAreThePublishedOnes() throws {
    func count(_ inputs: TabularInputs, hidden: Int?) throws -> Int {
      var configuration = FTTransformerConfiguration()
      configuration.feedForwardHidden = hidden
      let scope = ParameterScope(RandomSource(seed: 1), into: Parameters())
      return try FTTransformer(configuration, inputs: inputs, outputs: 1, scope).parameters.trainableCount
    }
    let california = TabularInputs(numeric: 8)
    let adult = TabularInputs(numeric: 6, cardinalities: [9, 16, 7, 15, 6, 5, 2, 42])
    // The paper's 1.3333333 of 192, rounded down.
    #expect(try count(california, hidden: 255) == 893_179)
    #expect(try count(adult, hidden: 255) == 913_531)
    #expect(try count(california, hidden: nil) == 894_913)
  }

  @Test func defaultsAreTheAuthors() throws {
    let golden = try Golden("ft-transformer-numeric")
    let defaults = try #require(try golden.object("training")["default_kwargs"] as? [String: [String: Any]])
    for blocks in 1...6 {
      let wanted = try #require(defaults["\(blocks)"])
      let found = try FTTransformerConfiguration(blocks: blocks)
      #expect(found.blockWidth == wanted["d_block"] as? Int)
      #expect(found.attentionHeads == wanted["attention_n_heads"] as? Int)
      #expect(found.attentionDropout == (wanted["attention_dropout"] as? Double).map { Float($0) })
      #expect(found.feedForwardDropout == (wanted["ffn_dropout"] as? Double).map { Float($0) })
      #expect(found.feedForwardHiddenMultiplier == wanted["ffn_d_hidden_multiplier"] as? Double)
      #expect(found.residualDropout == 0 && found.feedForwardHidden == nil)
    }
  }

  @Test(arguments: cases) func bothBackendsGiveTheSameBits(_ name: String) throws {
    let test = try Case(name)
    let batch = test.rows.batch(Array(0..<24))
    let plain = test.network(batch, on: Eager(workspace(threads: 2))).prediction
    let tape = Tape(workspace(), seed: 1)
    tape.begin(step: 0)
    #expect(test.network(batch, on: tape).prediction.tensor.elements == plain.elements)
  }

  @Test func checkpointsChangeNoGradient() throws {
    var configuration = FTTransformerConfiguration()
    configuration.blockWidth = 16
    configuration.attentionHeads = 2
    configuration.residualDropout = 0.1
    func gradients(checkpointing: Bool) throws -> [[Float]] {
      configuration.checkpointing = checkpointing
      let scope = ParameterScope(RandomSource(seed: 1), into: Parameters())
      let network = try FTTransformer(
        configuration, inputs: TabularInputs(numeric: 3), outputs: 1, scope)
      let tape = Tape(workspace(), seed: 5)
      tape.begin(step: 3)
      let batch = TabularBatch(numeric: Tensor((0..<12).map { Float($0) / 7 - 1 }, Shape(4, 3)))
      let loss = tape.mean(tape.mean(network(batch, on: tape).prediction, axis: 1), axis: 0)
      tape.backward(loss)
      return network.parameters.trainable.map { $0.gradient?.elements ?? [] }
    }
    let (with, without) = (try gradients(checkpointing: true), try gradients(checkpointing: false))
    #expect(without.allSatisfy { !$0.isEmpty })
    // The sums over blocks may be added in another order.
    for (a, b) in zip(with, without) { #expect(relativeDistance(a, b) < 1e-5) }
  }

  /// The same row gives the same bits alone and in batches of one and of several parts.
  @Test func aRowAloneIsPredictedAsInABatch() throws {
    let network = try FTTransformer(
      FTTransformerConfiguration(), inputs: TabularInputs(numeric: 8), outputs: 2,
      ParameterScope(RandomSource(seed: 4), into: Parameters()))
    var random = Philox(seed: 9)
    let numbers = (0..<70 * 8).map { _ in Float(random.normal()) }
    func predictions(_ rows: Range<Int>, threads: Int) -> [Float] {
      let part = Tensor(numbers[rows.lowerBound * 8..<rows.upperBound * 8], Shape(rows.count, 8))
      return network(TabularBatch(numeric: part), on: Eager(workspace(threads: threads))).prediction.elements
    }
    let all = predictions(0..<70, threads: 2)
    #expect(predictions(0..<20, threads: 1) == Array(all[..<40]))
    for row in 0..<70 {
      #expect(predictions(row..<row + 1, threads: 1) == Array(all[2 * row..<2 * row + 2]))
    }
  }

  /// What predictions derive from parameters follows them.
  @Test(arguments: [
    "tokens.first", "tokens.numeric.weight", "tokens.numeric.bias", "blocks.0.attention.key.weight",
  ])
  func predictionsFollowAChangedParameter(_ name: String) throws {
    func network(_ seed: UInt64) throws -> FTTransformer {
      try FTTransformer(
        FTTransformerConfiguration(blocks: 2), inputs: TabularInputs(numeric: 3), outputs: 1,
        ParameterScope(RandomSource(seed: seed), into: Parameters()))
    }
    let (used, fresh, other) = (try network(1), try network(1), try network(2))
    let batch = TabularBatch(numeric: Tensor([0.5, -1, 2], Shape(1, 3)))
    let eager = Eager(workspace())
    used.prepare()
    let before = used(batch, on: eager).prediction.elements
    let value = try #require(other.parameters[name]).value
    try #require(used.parameters[name]).assign(value)
    try #require(fresh.parameters[name]).assign(value)
    let after = used(batch, on: eager).prediction.elements
    #expect(after != before)
    #expect(after == fresh(batch, on: eager).prediction.elements)
  }

  @Test func badConfigurationsAreNamed() throws {
    func key(_ text: String, numeric: Int = 3) -> String? {
      do {
        let configuration = try JSONDecoder().decode(FTTransformerConfiguration.self, from: Data(text.utf8))
        try configuration.validate(numericFeatures: numeric)
        return nil
      } catch let error as TernError {
        return error.key
      } catch {
        return "\(error)"
      }
    }
    #expect(key("{}") == nil)
    #expect(key(#"{"d_blok": 3}"#) == "d_blok")
    #expect(key(#"{"d_block": 191}"#) == "d_block")
    #expect(key(#"{"ffn_dropout": 1}"#) == "ffn_dropout")
    #expect(key(#"{"linformer_kv_compression_ratio": 1}"#) == "linformer_kv_compression_ratio")
    #expect(key(#"{"numeric_embedding": {"kind": "piecewise_linear", "bins": [[0, 1]]}}"#) == "bins")
    #expect(key(#"{"numeric_embedding": {"kind": "periodic", "lite": true, "activation": false}}"#) == "lite")
  }

  @Test func configurationsReadBack() throws {
    var configuration = try FTTransformerConfiguration(blocks: 2)
    configuration.compressionRatio = 0.5
    configuration.numericEmbedding = NumericEmbeddingConfiguration(.periodic)
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(FTTransformerConfiguration.self, from: data) == configuration)
  }
}
