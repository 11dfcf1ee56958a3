import Boosting
import Compute
import Diagnostics
import Layers
import NetworkModels
import Networks
import Preprocessing
import RowModels
import Testing
import Trees

@Suite("Models of any kind, row by row")
struct RowModelTests {
  private static let classes = 3
  private static let names = ["a", "b", "c", "d"]

  private func columns(rows: Int, seed: UInt64) -> [[Float]] {
    var random = Philox(seed: seed)
    return Self.names.map { _ in
      (0..<rows).map { _ in random.uniform() < 0.05 ? .nan : Float(random.normal()) }
    }
  }

  private func forest(seed: UInt64) throws -> RowModel {
    let columns = columns(rows: 400, seed: seed)
    let labels = (0..<400).map { row in
      Float(columns[0][row] > 0 ? (columns[1][row] > 0 ? 2 : 1) : 0)
    }
    let configuration = try BoostingConfiguration(
      style: .lightgbm,
      parameters: ["objective": "multiclass", "num_class": "3", "num_iterations": "8", "num_leaves": "7"])
    let result = try Booster.train(
      configuration: configuration,
      train: TrainingTable(featureNames: Self.names, columns: columns, labels: labels),
      pool: ThreadPool(threads: 1))
    return .forest(result.forest)
  }

  private func network(seed: UInt64) throws -> RowModel {
    var shape = FTTransformerConfiguration()
    shape.blocks = 1
    shape.blockWidth = 8
    shape.attentionHeads = 2
    let header = NetworkModel.Header(
      architecture: .ftTransformer(shape), featureNames: Self.names,
      preparation: try TablePreparation(
        fitting: columns(rows: 200, seed: 9), names: Self.names, vocabularySizes: [nil, nil, nil, nil],
        configuration: PreprocessingConfiguration(), pool: ThreadPool(threads: 1)),
      target: .identity, outputs: Self.classes, link: .softmax)
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: header.outputs,
      ParameterScope(RandomSource(seed: seed), into: Parameters()))
    return .network(try NetworkModel(header: header, weights: network.parameters.values))
  }

  @Test("predict the same one by one as all at once", arguments: [false, true])
  func rows(isStacked: Bool) throws {
    let members = [try forest(seed: 1), try network(seed: 2), try forest(seed: 3)]
    let blend: Blend =
      isStacked ? .stacked(slopes: [0.5, 0.2, 0.7], biases: [0.1, -0.2, 0]) : .weighted([0.5, 0.2, 0.3])
    let columns = columns(rows: 70, seed: 4)
    for model in members + [.blend(members, blend)] {
      let all = try model.predict(columns: columns, pool: ThreadPool(threads: 2))
      let predictor = try RowPredictor(model)
      for row in 0..<70 {
        var prediction = [Float](repeating: 0, count: Self.classes)
        let cells = columns.map { $0[row] }
        cells.withUnsafeBufferPointer { cells in
          prediction.withUnsafeMutableBufferPointer { predictor.predict(cells, into: $0) }
        }
        #expect(abs(prediction.reduce(0, +) - 1) < 1e-5)
        for k in 0..<Self.classes {
          // Networks sum batches in another order than single rows, by units in the last places of their margins.
          #expect(abs(prediction[k] - all[row * Self.classes + k]) < 2e-6)
        }
      }
    }
  }

  @Test("blend as the formulas say") func formulas() {
    let parts: [Float] = [0.7, 0.2, 0.1, 0.1, 0.6, 0.3]
    var result = [Float](repeating: 0, count: 3)
    Blend.weighted([0.25, 0.75]).apply(parts, classes: 3, into: &result)
    for (value, expected) in zip(result, [0.25, 0.5, 0.25] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    // Slopes of one and no bias multiply the probabilities: 0.07, 0.12, 0.03 of 0.22.
    Blend.stacked(slopes: [1, 1], biases: [0, 0, 0]).apply(parts, classes: 3, into: &result)
    for (value, expected) in zip(result, [0.07, 0.12, 0.03] as [Float]) {
      #expect(abs(value - expected / 0.22) < 1e-6)
    }
    // One member alone, its slope one, is itself, and certainty of the wrong class is no infinity.
    let certain: [Float] = [1, 0, 0]
    Blend.stacked(slopes: [1], biases: [0, 0, 0]).apply(certain, classes: 3, into: &result)
    #expect(result[0] > 0.999_999 && result.allSatisfy { $0 >= 0 && $0.isFinite })
  }

  @Test("that do not belong together are refused") func strangers() throws {
    let (a, b) = (try forest(seed: 1), try network(seed: 2))
    for (model, key) in [
      (RowModel.blend([a, b], .weighted([1])), "blend"),
      (.blend([a, b], .weighted([0.7, 0.7])), "blend.weighted"),
      (.blend([a, b], .stacked(slopes: [1, 1], biases: [0])), "blend.stacked"),
      (.blend([a, .blend([a, b], .weighted([0.5, 0.5]))], .weighted([0.5, 0.5])), "members.1"),
    ] {
      let error = try #require(throws: TernError.self) { try RowPredictor(model) }
      #expect(error.kind == .data && error.key == key)
    }
  }
}
