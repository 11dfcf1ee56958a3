import Artifacts
import Compute
import Files
import Layers
import NetworkModels
import Networks
import Preprocessing

@testable import Training

/// Networks with random weights over a small table, as training would leave them.
enum NetworkFixtures {
  static let names = ["a", "b", "c"]

  /// 120 rows: two numbers, the second with missing cells, a colour, and a target of the task.
  static func table(_ task: Task) -> (columns: [[Float]], csv: String) {
    var random = Philox(seed: 5)
    var columns: [[Float]] = [[], [], []]
    var lines = ["a,b,c,y"]
    for row in 0..<120 {
      let (a, b, c) = (Float(random.normal() * 3 + 1), Float(random.uniform()), random.integer(below: 3))
      let isMissing = row % 9 == 4
      columns[0].append(a)
      columns[1].append(isMissing ? .nan : b)
      columns[2].append(Float(c))
      let score = a + Float(c)
      let label =
        switch task {
        case .binary: score > 2 ? "yes" : "no"
        case .multiclass: score > 3 ? "top" : score > 1 ? "middle" : "low"
        default: "\(score)"
        }
      lines.append("\(a),\(isMissing ? "" : "\(b)"),\(["blue", "green", "red"][c]),\(label)")
    }
    return (columns, lines.joined(separator: "\n") + "\n")
  }

  /// A training on that table, written into a folder.
  static func request(
    _ configuration: NetworkTrainingConfiguration, _ task: Task, in folder: String, _ output: String = "cv",
    threads: Int = 1
  ) throws -> TableTraining.Request {
    let data = "\(folder)/\(task.rawValue).csv"
    if !AtomicFile.exists(data) { try AtomicFile.write(Array(table(task).csv.utf8), to: data) }
    var request = TableTraining.Request(
      method: .network(configuration), data: data, target: "y", task: task, output: "\(folder)/\(output)")
    request.threads = threads
    request.seed = 5
    return request
  }

  static func architecture(_ name: String) -> NetworkArchitecture {
    var shape = FTTransformerConfiguration()
    shape.blocks = 2
    shape.blockWidth = 16
    shape.attentionHeads = 4
    return name == TabNet.name ? .tabnet(TabNetConfiguration()) : .ftTransformer(shape)
  }

  static func artifact(_ name: String, _ task: Task) throws -> NetworkArtifact {
    let columns = table(task).columns
    var preprocessing = PreprocessingConfiguration()
    preprocessing.missing = .indicator
    let classes =
      switch task {
      case .binary: ["no", "yes"]
      case .multiclass: ["low", "middle", "top"]
      default: [String]()
      }
    let outputs = task == .multiclass ? 3 : 1
    let header = NetworkModel.Header(
      architecture: architecture(name), featureNames: names,
      preparation: try TablePreparation(
        fitting: columns, names: names, vocabularySizes: [nil, nil, 3], configuration: preprocessing,
        pool: ThreadPool(threads: 1)),
      target: task == .regression ? try TargetScaling(fitting: [10, 30]) : .identity, outputs: outputs,
      link: task == .multiclass ? .softmax : task == .binary ? .logistic : .identity)
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: outputs, ParameterScope(RandomSource(seed: 8), into: Parameters()))
    let signature = ModelSignature(
      inputs: [.init(name: "a"), .init(name: "b"), .init(name: "c", vocabulary: ["blue", "green", "red"])],
      target: "y", task: task, classes: classes)
    return try NetworkArtifact(
      description: NetworkArtifact.Description(
        model: name, signature: signature, featureSchema: nil, header: header, parameters: .object([:]),
        bestIteration: 0),
      model: try NetworkModel(header: header, weights: network.parameters.values))
  }
}
