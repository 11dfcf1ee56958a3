import Autograd
import BLAS
import Compute
import Diagnostics
import Glibc
import Layers
import NetworkFormats
import Networks
import Optimizers
import Tensors

/// Times training steps, or predictions, of a network with its authors' default shape on random rows.
struct NetworkBenchmark {
  static let usage =
    "usage: tern-bench network train|predict ft-transformer|tabnet FEATURES BATCH THREADS SECONDS | "
    + "network export ft-transformer|tabnet FEATURES FILE"

  /// `train` and `predict` print one line of JSON; `export` writes the network as ONNX.
  static func run(_ arguments: [String]) throws(TernError) {
    guard arguments.count >= 4, let features = Int(arguments[2]), features > 0 else {
      throw TernError(.usage, usage)
    }
    let inputs = TabularInputs(numeric: features)
    let scope = ParameterScope(RandomSource(seed: 1), into: Parameters())
    switch arguments[1] {
    case FTTransformer.name:
      let network = try FTTransformer(FTTransformerConfiguration(), inputs: inputs, outputs: 1, scope)
      if arguments[0] == "export" { return try write(network, to: arguments[3]) }
      try measure(network, Optimizing(.adamw, lr: 1e-4, clip: nil), arguments)
    case TabNet.name:
      let network = try TabNet(TabNetConfiguration(), inputs: inputs, outputs: 1, scope)
      if arguments[0] == "export" { return try write(network, to: arguments[3]) }
      try measure(network, Optimizing(.adam, lr: 0.02, clip: 1), arguments)
    default: throw TernError(.usage, "unknown network", found: arguments[1], expected: usage)
    }
  }

  private static func write(_ network: some TabularNetwork, to path: String) throws(TernError) {
    let bytes = try NetworkONNX.write(network)
    guard let file = fopen(path, "wb") else { throw TernError(.data, "cannot be written", file: path) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw TernError(.temporary, "cannot be written in full", file: path)
    }
  }

  /// How a network is trained, as its authors do.
  private struct Optimizing {
    var configuration: OptimizerConfiguration
    /// Largest norm of all gradients together; nil leaves them as they are.
    var clip: Double?

    init(_ name: OptimizerConfiguration.Rule, lr: Double, clip: Double?) {
      configuration = OptimizerConfiguration(name)
      configuration.lr = lr
      self.clip = clip
    }
  }

  private static func measure(
    _ network: some TabularNetwork, _ optimizing: Optimizing, _ arguments: [String]
  ) throws(TernError) {
    guard arguments.count == 6, let batch = Int(arguments[3]), let threads = Int(arguments[4]),
      let seconds = Double(arguments[5]), batch > 0, threads > 0
    else { throw TernError(.usage, usage) }
    let workspace = Workspace(pool: ThreadPool(threads: threads))
    let features = network.inputs.numeric
    var random = Philox(seed: 3)
    let rows = Tensor((0..<batch * features).map { _ in Float(random.normal()) }, Shape(batch, features))
    let targets = Tensor((0..<batch).map { _ in Float(random.normal()) }, Shape(batch, 1))
    switch arguments[0] {
    case "train":
      let training = try Training(network, optimizing, workspace)
      var step: UInt64 = 0
      report(seconds) {
        step += 1
        return training.step(TabularBatch(numeric: rows), targets, number: step)
      }
    case "predict":
      network.prepare()
      let backend = Eager(workspace)
      report(seconds) { network(TabularBatch(numeric: rows), on: backend).prediction.pointer[0] }
    default: throw TernError(.usage, usage)
    }
  }

  /// A network with its tape and optimiser.
  private final class Training<Network: TabularNetwork> {
    let network: Network
    let workspace: Workspace
    let tape: Tape
    let clip: Double?
    let optimizer: Optimizer

    init(_ network: Network, _ optimizing: Optimizing, _ workspace: Workspace) throws(TernError) {
      self.network = network
      self.workspace = workspace
      tape = Tape(workspace, seed: 5)
      clip = optimizing.clip
      optimizer = try Optimizer(
        optimizing.configuration, parameters: Training.buffers(network),
        groups: ParameterGroup.decayedAndUndecayed, pool: workspace.pool)
    }

    /// One step; the loss before it.
    func step(_ batch: TabularBatch, _ targets: Tensor, number: UInt64) -> Float {
      tape.begin(step: number)
      let output = network(batch, on: tape)
      let error = tape.regressionLoss(output.prediction, targets: targets, .squared)
      let loss = output.penalty.map { tape.add(error, $0) } ?? error
      tape.backward(loss)
      let buffers = Training.buffers(network)
      let scale = clip.map { GradientNorm(of: buffers, pool: workspace.pool).scale(clippingTo: $0) }
      optimizer.step(buffers, gradientScale: scale ?? 1)
      network.parameters.clearGradients()
      for parameter in network.parameters.trainable { parameter.changed() }
      return tape.tensor(loss).scalar
    }

    static func buffers(_ network: Network) -> [ParameterBuffer] {
      network.parameters.trainable.map {
        ParameterBuffer(
          name: $0.name, values: $0.value.pointer, gradients: $0.gradient?.pointer, count: $0.value.count,
          group: network.decays($0) ? 0 : 1)
      }
    }
  }

  /// Repeats for some seconds and prints the best and the median time, and the most memory the process has held.
  private static func report(_ seconds: Double, _ body: () -> Float) {
    var times: [Double] = []
    var value: Float = 0
    for _ in 0..<3 { value = body() }
    let end = now() + seconds
    while times.count < 5 || now() < end {
      let start = now()
      value = body()
      times.append(now() - start)
    }
    times.sort()
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(
      """
      {"best_ms": \(times[0] * 1e3), "median_ms": \(times[times.count / 2] * 1e3), "repeats": \(times.count), \
      "peak_mb": \(Double(usage.ru_maxrss) / 1024), "core": "\(OpenBLAS.coreName)", "value": \(value)}
      """)
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
