import Autograd
import Compute
import Layers
import NetworkFormats
import Networks
import Optimizers
import Tensors
import Testing

/// The checks that all golden networks share: one training pass and ten steps of an optimiser.
struct GoldenRun {
  let golden: Golden
  let parameters: Parameters
  let table: NameTable
  let workspace: Workspace
  /// Output and loss of the rows of a batch.
  let forward:
    (_ rows: [Int], _ tape: Tape, _ watched: Variable?) throws -> (output: Variable, loss: Variable)

  /// Parameters of the names that a program stored under a prefix.
  private func expected(_ prefix: String, _ parameter: Parameter) throws -> [Float] {
    let source = ForeignSource(try golden.foreign(prefix), names: table)
    let tensor = Tensor(uninitialised: parameter.shape)
    try source.fill(tensor, name: parameter.name, initialiser: .constant(0))
    return tensor.elements
  }

  /// A pass in training: output, loss, statistics, and gradients of parameters and of numeric inputs.
  func training(input: Tensor?, expectedInput: [Float]?) throws {
    let tape = Tape(workspace, seed: 1)
    tape.begin(step: 0)
    let watched = input.map { tape.watch($0) }
    let (output, loss) = try forward(try goldenBatches(golden)[0], tape, watched)
    // Single precision through some tens of operations, relative to the largest output.
    #expect(distance(output.tensor.elements, try golden.floats("training.output")) < 1e-5)
    #expect(distance(loss.tensor.elements, try golden.floats("training.loss")) < 1e-5)
    tape.backward(loss)
    for parameter in parameters.all {
      if parameter.role == .statistic {
        let wanted = try expected("training.statistic.", parameter)
        #expect(distance(parameter.value.elements, wanted) < 1e-5, "\(parameter.name)")
      } else {
        let wanted = try expected("gradient.", parameter)
        let found = parameter.gradient?.elements ?? wanted.map { _ in 0 }
        // Gradients that cancel exactly are rounding noise in both programs, hence the floor.
        #expect(relativeDistance(found, wanted, floor: 1e-3) < 1e-4, "\(parameter.name)")
      }
    }
    if let expectedInput, let watched {
      let found = try #require(tape.gradient(of: watched))
      #expect(relativeDistance(found.elements, expectedInput) < 1e-4)
    }
    parameters.clearGradients()
  }

  /// Ten steps end within 1e-3 of the other program's.
  func steps(_ configuration: OptimizerConfiguration, clip: Double?, decays: (Parameter) -> Bool) throws {
    let source = ForeignSource(try golden.foreign("weight."), names: table)
    for parameter in parameters.all {
      try source.fill(parameter.value, name: parameter.name, initialiser: .constant(0))
      parameter.changed()
    }
    let tape = Tape(workspace, seed: 1)
    let losses = try golden.floats("steps.loss")
    var optimizer: Optimizer?
    for (step, rows) in try goldenBatches(golden).enumerated() {
      tape.begin(step: UInt64(step))
      let loss = try forward(rows, tape, nil).loss
      #expect(distance(loss.tensor.elements, [losses[step]]) < 1e-3)
      tape.backward(loss)
      let buffers = parameters.trainable.map { parameter in
        let gradient = parameter.gradient ?? Tensor(repeating: 0, parameter.shape)
        parameter.gradient = gradient
        return ParameterBuffer(
          name: parameter.name, values: parameter.value.pointer, gradients: gradient.pointer,
          count: parameter.value.count, group: decays(parameter) ? 0 : 1)
      }
      let made =
        try optimizer
        ?? Optimizer(
          configuration, parameters: buffers, groups: ParameterGroup.decayedAndUndecayed, pool: workspace.pool
        )
      optimizer = made
      let scale = clip.map { GradientNorm(of: buffers, pool: workspace.pool).scale(clippingTo: $0) }
      made.step(buffers, gradientScale: scale ?? 1)
      for parameter in parameters.all { parameter.changed() }
      parameters.clearGradients()
    }
    for parameter in parameters.all where !parameter.name.hasSuffix("attention.key.bias") {
      let wanted = try expected("trained.", parameter)
      #expect(distance(parameter.value.elements, wanted) < 1e-3, "\(parameter.name)")
    }
  }
}

extension Golden {
  /// The loss that the original was trained with: cross-entropy of several outputs, the squared error of one.
  func loss(_ output: Variable, _ chosen: [Int], _ tape: Tape) throws -> Variable {
    if output.tensor.shape.last > 1 {
      let labels = try integers("input.y")
      return tape.crossEntropy(
        output, labels: IndexTensor(chosen.map { Int32(labels[$0]) }, Shape(chosen.count)))
    }
    let targets = try floats("input.y")
    return tape.regressionLoss(
      output, targets: Tensor(chosen.map { targets[$0] }, Shape(chosen.count, 1)), .squared)
  }
}
