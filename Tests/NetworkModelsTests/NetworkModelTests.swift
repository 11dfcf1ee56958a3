import Compute
import Diagnostics
import FoundationEssentials
import Glibc
import Layers
import Networks
import Preprocessing
import Tensors
import Testing

@testable import NetworkModels

@Suite("A network that predicts")
struct NetworkModelTests {
  static let architectures: [NetworkArchitecture] = {
    var shape = FTTransformerConfiguration()
    shape.blocks = 2
    shape.blockWidth = 16
    shape.attentionHeads = 4
    return [.tabnet(TabNetConfiguration()), .ftTransformer(shape)]
  }()

  /// Two numbers, the second with missing cells, and a category.
  static let columns: [[Float]] = {
    var generator = Philox(seed: 4)
    return [
      (0..<60).map { _ in Float(generator.normal()) * 3 + 1 },
      (0..<60).map { $0 % 7 == 0 ? .nan : Float(generator.uniform()) },
      (0..<60).map { Float($0 % 3) },
    ]
  }()

  static func model(_ architecture: NetworkArchitecture, outputs: Int, link: NetworkModel.Link) throws
    -> NetworkModel
  {
    let pool = ThreadPool(threads: 1)
    var preprocessing = PreprocessingConfiguration()
    preprocessing.missing = .indicator
    let header = NetworkModel.Header(
      architecture: architecture, featureNames: ["a", "b", "c"],
      preparation: try TablePreparation(
        fitting: columns, names: ["a", "b", "c"], vocabularySizes: [nil, nil, 3],
        configuration: preprocessing,
        pool: pool),
      target: link == .identity ? try TargetScaling(fitting: [10, 30]) : .identity, outputs: outputs,
      link: link)
    let parameters = Parameters()
    let network = try architecture.network(
      inputs: header.inputs, outputs: outputs, ParameterScope(RandomSource(seed: 8), into: parameters))
    return try NetworkModel(
      header: header,
      weights: network.parameters.values)
  }

  @Test("gives a row alone what it gives it among others", arguments: architectures)
  func rowsAlone(architecture: NetworkArchitecture) throws {
    let model = try Self.model(architecture, outputs: 3, link: .softmax)
    let batch = try model.predict(columns: Self.columns, pool: ThreadPool(threads: 2))
    #expect(batch.count == 180 && Set(batch).count > 60)
    let predictor = try NetworkPredictor(model)
    for row in 0..<60 {
      let cells = Self.columns.map { $0[row] }
      var alone = [Float](repeating: 0, count: 3)
      cells.withUnsafeBufferPointer { cells in
        alone.withUnsafeMutableBufferPointer { predictor.predict(cells, into: $0) }
      }
      // Products of one row add up in another order than those of many.
      for output in 0..<3 { #expect(abs(alone[output] - batch[row * 3 + output]) < 1e-5) }
      #expect(abs(alone.reduce(0, +) - 1) < 1e-6)
    }
  }

  @Test("links margins to probabilities and to the target's units")
  func links() throws {
    let identity = try Self.model(Self.architectures[1], outputs: 1, link: .identity)
    let logistic = try NetworkModel(
      header: {
        var header = identity.header
        header.link = .logistic
        header.target = .identity
        return header
      }(), weights: identity.weights)
    let pool = ThreadPool(threads: 1)
    let numbers = try identity.predict(columns: Self.columns, pool: pool)
    let chances = try logistic.predict(columns: Self.columns, pool: pool)
    for (number, chance) in zip(numbers, chances) {
      // The mean of the targets is 20 and their deviation 10.
      let margin = (Double(number) - 20) / 10
      #expect(abs(Double(chance) - 1 / (1 + exp(-margin))) < 1e-6)
    }
  }

  @Test("keeps its header through JSON", arguments: architectures)
  func headers(architecture: NetworkArchitecture) throws {
    let model = try Self.model(architecture, outputs: 3, link: .softmax)
    var decoded = try JSONDecoder().decode(
      NetworkModel.Header.self, from: try JSONEncoder().encode(model.header))
    // Quantiles are a tensor of the model's file, without which there is no model.
    #expect(throws: TernError.self) { try NetworkModel(header: decoded, weights: model.weights) }
    decoded.preparation = try decoded.preparation.filled(with: model.header.preparation.quantiles)
    #expect(decoded == model.header)
  }

  @Test("refuses weights that are not the network's")
  func refusals() throws {
    let model = try Self.model(Self.architectures[0], outputs: 3, link: .softmax)
    var missing = model.weights
    let first = missing.removeFirst()
    #expect(throws: TernError.self) { try NetworkModel(header: model.header, weights: missing) }
    #expect(throws: TernError.self) {
      try NetworkModel(header: model.header, weights: model.weights + [first])
    }
    var other = model.weights
    other[0].shape.append(1)
    #expect(throws: TernError.self) { try NetworkModel(header: model.header, weights: other) }
    other = model.weights
    other[0].values[0] = .nan
    #expect(throws: TernError.self) { try NetworkModel(header: model.header, weights: other) }
    var header = model.header
    header.link = .logistic
    #expect(throws: TernError.self) { try NetworkModel(header: header, weights: model.weights) }
  }
}
