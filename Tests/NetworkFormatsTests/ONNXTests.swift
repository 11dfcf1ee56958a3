import Compute
import Diagnostics
import Foundation
import Layers
import Networks
import ONNX
import Tensors
import Testing

@testable import NetworkFormats

/// The graphs of networks. That a runtime computes with them what the networks do, `Benchmarks/network_onnx.py` shows of the
/// files that these tests leave in the folder `TERN_ONNX_FOLDER`.
struct ONNXTests {
  struct Case: Sendable {
    let name: String
    let inputs: TabularInputs
    let write: @Sendable (Self) throws -> (file: [UInt8], output: Tensor)

    static let rows = 7

    /// Rows of synthetic values; the last row has large ones.
    var batch: TabularBatch {
      var random = Philox(seed: 9, stream: 0)
      let numbers = (0..<Case.rows * inputs.numeric).map { index in
        Float(random.normal()) * (index / max(inputs.numeric, 1) == Case.rows - 1 ? 20 : 1)
      }
      let codes = (0..<Case.rows).flatMap { row in inputs.cardinalities.map { Int32(row % $0) } }
      return TabularBatch(
        numeric: inputs.numeric > 0 ? Tensor(numbers, Shape(Case.rows, inputs.numeric)) : nil,
        categories: codes.isEmpty ? nil : IndexTensor(codes, Shape(Case.rows, inputs.cardinalities.count)))
    }

    func export(_ network: some TabularNetwork) throws -> (file: [UInt8], output: Tensor) {
      // Statistics away from their first values, as training leaves them.
      var random = Philox(seed: 3, stream: 1)
      for parameter in network.parameters.all where parameter.shape.rank == 1 {
        for index in 0..<parameter.value.count {
          parameter.value.pointer[index] += Float(random.uniform()) * 0.2
        }
        parameter.changed()
      }
      let eager = Eager(Workspace(pool: ThreadPool(threads: 1)))
      return (try NetworkONNX.write(network), network(batch, on: eager).prediction)
    }
  }

  static func scope() -> ParameterScope { ParameterScope(RandomSource(seed: 1), into: Parameters()) }

  static func transformer(
    _ name: String, _ inputs: TabularInputs,
    _ change: @escaping @Sendable (inout FTTransformerConfiguration) -> Void = { _ in }
  ) -> Case {
    Case(name: name, inputs: inputs) { test in
      var configuration = FTTransformerConfiguration()
      configuration.blocks = 2
      configuration.blockWidth = 16
      configuration.attentionHeads = 4
      change(&configuration)
      return try test.export(try FTTransformer(configuration, inputs: inputs, outputs: 2, scope()))
    }
  }

  static func tabNet(
    _ name: String, _ inputs: TabularInputs,
    _ change: @escaping @Sendable (inout TabNetConfiguration) -> Void = { _ in }
  ) -> Case {
    Case(name: name, inputs: inputs) { test in
      var configuration = TabNetConfiguration()
      change(&configuration)
      return try test.export(try TabNet(configuration, inputs: inputs, outputs: 2, scope()))
    }
  }

  static let mixed = TabularInputs(numeric: 4, cardinalities: [3, 5])
  static let cases = [
    transformer("ft-transformer", mixed),
    transformer("ft-transformer-numeric", TabularInputs(numeric: 3)) { $0.feedForwardActivation = .relu },
    transformer("ft-transformer-categorical", TabularInputs(numeric: 0, cardinalities: [3, 2])) {
      $0.attentionHeads = 1
    },
    transformer("ft-transformer-compressed", mixed) { $0.compressionRatio = 0.5 },
    transformer("ft-transformer-periodic", mixed) {
      $0.numericEmbedding = NumericEmbeddingConfiguration(.periodic)
    },
    transformer("ft-transformer-bins", mixed) {
      $0.numericEmbedding = NumericEmbeddingConfiguration(.piecewiseLinear)
      $0.numericEmbedding.version = .a
      $0.numericEmbedding.bins = [[-1, 0, 1], [-1, 1], [-2, -1, 0, 1], [0, 1, 2]]
    },
    tabNet("tabnet", TabularInputs(numeric: 6)),
    tabNet("tabnet-entmax", mixed) {
      $0.maskType = .entmax
      $0.embeddingWidths = [1, 3]
      $0.categoryColumns = [1, 4]
      $0.groupedFeatures = [[0, 1]]
    },
    tabNet("tabnet-independent", mixed) { $0.sharedLayers = 0 },
  ]

  @Test(arguments: cases.indices) func graphsAreWritten(_ index: Int) throws {
    let test = ONNXTests.cases[index]
    let (file, output) = try test.write(test)
    #expect(output.shape == Shape(Case.rows, 2))
    #expect(try test.write(test).file == file)
    try check(file, test)
    if let folder = ProcessInfo.processInfo.environment["TERN_ONNX_FOLDER"] {
      try leave(file, output, test, in: URL(fileURLWithPath: folder))
    }
  }

  /// Every name that an operator reads was written before it, and inputs and output have their columns.
  private func check(_ file: [UInt8], _ test: Case) throws {
    var known: Set<String> = []
    var (operators, inputs, outputs): ([(inputs: [String], outputs: [String])], [String], [String]) = (
      [], [], []
    )
    var model = ProtobufReader(file[...], file: nil)
    while let (field, value) = try model.next() {
      guard field == 7, case .bytes(let bytes) = value else { continue }
      var graph = ProtobufReader(bytes, file: nil)
      while let (field, value) = try graph.next() {
        guard case .bytes(let bytes) = value else { continue }
        switch field {
        case 1: operators.append((try strings(bytes, 1), try strings(bytes, 2)))
        case 5: known.formUnion(try strings(bytes, 8))
        case 11: inputs += try strings(bytes, 1)
        case 12: outputs += try strings(bytes, 1)
        default: break
        }
      }
    }
    #expect(
      inputs == (test.inputs.numeric > 0 ? ["numeric"] : [])
        + (test.inputs.cardinalities.isEmpty ? [] : ["categories"]))
    #expect(outputs == ["prediction"])
    known.formUnion(inputs)
    for operation in operators {
      for name in operation.inputs { #expect(known.contains(name), "\(name)") }
      for name in operation.outputs { #expect(known.insert(name).inserted, "\(name)") }
    }
    #expect(known.contains("prediction"))
  }

  private func strings(_ bytes: ArraySlice<UInt8>, _ wanted: Int) throws -> [String] {
    var reader = ProtobufReader(bytes, file: nil)
    var result: [String] = []
    while let (field, value) = try reader.next() {
      if field == wanted, case .bytes(let text) = value {
        result.append(String(decoding: text, as: UTF8.self))
      }
    }
    return result
  }

  private func leave(_ file: [UInt8], _ output: Tensor, _ test: Case, in folder: URL) throws {
    try Data(file).write(to: folder.appendingPathComponent("\(test.name).onnx"))
    func rows<Element>(_ all: [Element]) -> [[Element]] {
      let width = all.count / Case.rows
      return width == 0 ? [] : (0..<Case.rows).map { Array(all[$0 * width..<($0 + 1) * width]) }
    }
    let batch = test.batch
    let values: [String: Any] = [
      "numeric": rows((batch.numeric?.elements ?? []).map(Double.init)),
      "categories": rows((batch.categories?.elements ?? []).map(Int.init)),
      "prediction": rows(output.elements.map(Double.init)),
    ]
    try JSONSerialization.data(withJSONObject: values).write(
      to: folder.appendingPathComponent("\(test.name).json"))
  }

  @Test func whatHasNoEquivalentIsNamed() throws {
    let trace = NetworkTrace(name: "x", Workspace(pool: ThreadPool(threads: 1)))
    let input = trace.input(columns: 2)
    _ = trace.transpose(input, 0, 1)
    #expect(trace.unsupported == "a transposition of the rows")
  }
}
