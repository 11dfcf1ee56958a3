import Autograd
import Compute
import Layers
import NetworkFormats
import Optimizers
import Tensors
import Testing

@testable import Networks

/// Self-supervised training against pytorch-tabnet's.
struct TabNetPretrainingTests {
  static let cases = ["tabnet-pretraining", "tabnet-pretraining-embedding"]

  struct Case {
    let golden: Golden
    let network: TabNetPretraining
    let rows: GoldenRows
    let codeColumns: [Int]
    let hidden: [[Float]]

    init(_ name: String) throws {
      golden = try Golden(name)
      let arguments = try golden.object("configuration")
      codeColumns = try #require(arguments["cat_idxs"] as? [Int])
      let inputs = TabularInputs(
        numeric: try #require(arguments["input_dim"] as? Int) - codeColumns.count,
        cardinalities: try #require(arguments["cat_dims"] as? [Int]))
      let configuration = try golden.configuration(
        TabNetConfiguration.self, without: ["input_dim", "cat_dims"])
      let source = ForeignSource(try golden.foreign("weight."), names: .tabNetPretraining)
      network = try TabNetPretraining(
        configuration, inputs: inputs, ParameterScope(source, into: Parameters()))
      try source.requireAllUsed()
      rows = try GoldenRows(tabNet: golden, codeColumns: codeColumns)
      hidden = try GoldenRows.matrix(golden, "input.obfuscated_groups")
    }

    func run(_ workspace: Workspace) -> GoldenRun {
      GoldenRun(
        golden: golden, parameters: network.parameters, table: .tabNetPretraining, workspace: workspace
      ) { chosen, tape, watched in
        let batch = rows.batch(chosen)
        let numeric = watched ?? batch.numeric.map { tape.constant($0) }
        let groups = Tensor(chosen.flatMap { hidden[$0] }, Shape(chosen.count, network.groupCount))
        let output = network(
          TabularInput(numeric: numeric, categories: batch.categories), hiddenGroups: groups, on: tape)
        return (output.rebuilt, network.loss(output, on: tape))
      }
    }
  }

  @Test(arguments: cases) func rebuildsAsTheOriginal(_ name: String) throws {
    let test = try Case(name)
    let batch = test.rows.batch(try goldenBatches(test.golden)[0])
    let output = test.network(
      TabularInput(numeric: batch.numeric, categories: batch.categories), hiddenGroups: nil,
      on: Eager(workspace()))
    // Single precision through some tens of operations, relative to the largest output.
    #expect(distance(output.rebuilt.elements, try test.golden.floats("evaluation.output")) < 1e-5)
    #expect(output.embedded.elements == (try test.golden.floats("evaluation.embedded")))
    #expect(output.hidden.elements.allSatisfy { $0 == 1 })
  }

  @Test(arguments: cases) func derivesAsTheOriginal(_ name: String) throws {
    let test = try Case(name)
    let input = test.rows.batch(try goldenBatches(test.golden)[0]).numeric
    let wanted = try GoldenRows.matrix(test.golden, "gradient.input.x").flatMap { row in
      row.indices.filter { !test.codeColumns.contains($0) }.map { row[$0] }
    }
    try test.run(workspace()).training(input: input, expectedInput: wanted)
  }

  @Test(arguments: cases) func tenStepsEndWhereTheOriginalDoes(_ name: String) throws {
    let test = try Case(name)
    var configuration = OptimizerConfiguration(.adam)
    configuration.lr = 0.02
    try test.run(workspace()).steps(configuration, clip: 1) { _ in true }
  }

  @Test func theEncoderMovesToAClassifier() throws {
    let test = try Case("tabnet-pretraining-embedding")
    let network = try TabNet(
      test.network.configuration, inputs: test.network.inputs, outputs: 2,
      ParameterScope(RandomSource(seed: 3), into: Parameters()))
    let head = try #require(network.parameters["head.weight"]).value.elements
    try network.takeEncoder(of: test.network)
    #expect(network.parameters["head.weight"]?.value.elements == head)
    for parameter in network.parameters.all where parameter.name != "head.weight" {
      #expect(parameter.value.elements == test.network.parameters[parameter.name]?.value.elements)
    }
    var other = test.network.configuration
    other.decisionWidth += 1
    let wider = try TabNet(
      other, inputs: test.network.inputs, outputs: 2,
      ParameterScope(RandomSource(seed: 3), into: Parameters()))
    #expect(throws: (any Error).self) { try wider.takeEncoder(of: test.network) }
  }

  @Test func hiddenGroupsAreDrawnAtTheirRate() throws {
    let test = try Case("tabnet-pretraining")
    let tape = Tape(workspace(), seed: 1)
    func drawn(step: UInt64) throws -> [Float] {
      tape.begin(step: step)
      return try #require(test.network.drawHidden(rows: 4000, on: tape)).elements
    }
    let first = try drawn(step: 2)
    let share = first.reduce(0, +) / Float(first.count)
    // 20,000 draws at ½ have a deviation of 0.0035.
    #expect(abs(share - 0.5) < 0.02)
    #expect(first == (try drawn(step: 2)))
    #expect(first != (try drawn(step: 3)))
    #expect(test.network.drawHidden(rows: 4000, on: Eager(workspace())) == nil)
  }

  /// As a network over tables its output is each row's part of the loss.
  @Test(arguments: cases) func asANetworkItGivesTheErrorOfEachRow(_ name: String) throws {
    let test = try Case(name)
    let task = try TabNetReconstruction(
      test.network.configuration, inputs: test.network.inputs,
      ParameterScope(RandomSource(seed: 3), into: Parameters()))
    let batch = test.rows.batch(try goldenBatches(test.golden)[0])
    let eager = Eager(workspace())
    let errors = task(batch, on: eager).prediction
    let output = task.pretraining(
      TabularInput(numeric: batch.numeric, categories: batch.categories), hiddenGroups: nil, on: eager)
    let loss = task.pretraining.loss(output, on: eager).scalar
    let mean = errors.elements.reduce(0, +) / Float(errors.count)
    #expect(errors.shape.last == 1 && abs(mean - loss) <= 1e-5 * max(1, abs(loss)))
  }
}
