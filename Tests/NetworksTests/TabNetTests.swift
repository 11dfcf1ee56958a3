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

/// TabNet against pytorch-tabnet.
struct TabNetTests {
  static let cases = [
    "numeric", "binary-entmax", "multiclass-shared", "independent", "shared-independent", "embedding-1",
    "embedding-3", "groups",
  ].map { "tabnet-\($0)" }

  struct Case {
    let golden: Golden
    let network: TabNet
    let rows: GoldenRows
    let codeColumns: [Int]
    let outputs: Int

    init(_ name: String) throws {
      golden = try Golden(name)
      let arguments = try golden.object("configuration")
      codeColumns = try #require(arguments["cat_idxs"] as? [Int])
      outputs = try #require(arguments["output_dim"] as? Int)
      let inputs = TabularInputs(
        numeric: try #require(arguments["input_dim"] as? Int) - codeColumns.count,
        cardinalities: try #require(arguments["cat_dims"] as? [Int]))
      let configuration = try golden.configuration(
        TabNetConfiguration.self, without: ["input_dim", "output_dim", "cat_dims"])
      let source = ForeignSource(try golden.foreign("weight."), names: .tabNet)
      network = try TabNet(
        configuration, inputs: inputs, outputs: outputs, ParameterScope(source, into: Parameters()))
      try source.requireAllUsed()
      rows = try GoldenRows(tabNet: golden, codeColumns: codeColumns)
    }

    /// Without the columns of codes, which have no gradient.
    func numericColumns(_ name: String) throws -> [Float] {
      try GoldenRows.matrix(golden, name).flatMap { row in
        row.indices.filter { !codeColumns.contains($0) }.map { row[$0] }
      }
    }

    func run(_ workspace: Workspace) -> GoldenRun {
      GoldenRun(golden: golden, parameters: network.parameters, table: .tabNet, workspace: workspace) {
        chosen, tape, watched in
        let batch = rows.batch(chosen)
        let numeric = watched ?? batch.numeric.map { tape.constant($0) }
        let output = network(TabularInput(numeric: numeric, categories: batch.categories), on: tape)
        let penalty = try #require(output.penalty)
        return (output.prediction, tape.add(try golden.loss(output.prediction, chosen, tape), penalty))
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

  @Test(arguments: cases) func groupsAreTheOriginals(_ name: String) throws {
    let test = try Case(name)
    let wanted = try test.golden.floats("evaluation.group_matrix")
    let count = test.network.columns.sources.count
    let identity = (0..<count * count).map { $0 % (count + 1) == 0 ? Float(1) : 0 }
    #expect((test.network.columns.groups?.elements ?? identity) == wanted)
  }

  @Test(arguments: cases) func derivesAsTheOriginal(_ name: String) throws {
    let test = try Case(name)
    let input = test.rows.batch(try goldenBatches(test.golden)[0]).numeric
    try test.run(workspace()).training(
      input: input, expectedInput: try test.numericColumns("gradient.input.x"))
  }

  @Test(arguments: cases) func tenStepsEndWhereTheOriginalDoes(_ name: String) throws {
    let test = try Case(name)
    var configuration = OptimizerConfiguration(.adam)
    configuration.lr = 0.02
    try test.run(workspace()).steps(configuration, clip: 1) { _ in true }
  }

  @Test func badConfigurationsAreNamed() throws {
    func key(_ text: String) -> String? {
      do {
        let configuration = try JSONDecoder().decode(TabNetConfiguration.self, from: Data(text.utf8))
        try configuration.validate(TabularInputs(numeric: 3, cardinalities: [4]))
        return nil
      } catch let error as TernError {
        return error.key
      } catch {
        return "\(error)"
      }
    }
    #expect(key("{}") == nil)
    #expect(key(#"{"n_step": 3}"#) == "n_step")
    #expect(key(#"{"gamma": 0.5}"#) == "gamma")
    #expect(key(#"{"n_shared": 0, "n_independent": 0}"#) == "n_shared")
    #expect(key(#"{"cat_idxs": [4]}"#) == "cat_idxs")
    #expect(key(#"{"cat_emb_dim": [1, 2]}"#) == "cat_emb_dim")
    #expect(key(#"{"grouped_features": [[0, 1], [1]]}"#) == "grouped_features")
  }

  @Test func configurationsReadBack() throws {
    var configuration = TabNetConfiguration()
    configuration.maskType = .entmax
    configuration.groupedFeatures = [[0, 1]]
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(TabNetConfiguration.self, from: data) == configuration)
  }
}
