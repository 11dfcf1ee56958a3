import Compute
import Diagnostics

/// Moves weights along their gradients, keeping what the rule remembers of earlier steps.
///
/// Every element is updated by itself, so the result is the same on any number of threads.
public final class Optimizer {
  /// The rule and its numbers.
  public let configuration: OptimizerConfiguration
  /// The groups that parameters may belong to.
  public let groups: [ParameterGroup]
  /// Steps made so far.
  public private(set) var stepCount = 0

  private let cyclesMomentum: Bool
  private let rule: any UpdateRule
  private let names: [String]
  private let counts: [Int]
  private let members: [Int]
  private let slices: [ParameterSlice]
  private let pool: ThreadPool
  /// One block for each moment, of all parameters behind one another.
  private let moments: [MomentStorage]

  /// An optimiser for parameters of these names, sizes and groups, in this order.
  /// - Parameter cyclesMomentum: whether steps say which momentum they have; sgd then remembers its velocity in any case.
  /// - Throws: `TernError` of kind `configuration` when a number is out of range.
  public init(
    _ configuration: OptimizerConfiguration, parameters: [ParameterBuffer],
    groups: [ParameterGroup] = [ParameterGroup(name: "all")], cyclesMomentum: Bool = false, pool: ThreadPool
  ) throws(TernError) {
    try configuration.validate()
    precondition(
      parameters.allSatisfy { groups.indices.contains($0.group) },
      "a parameter names a group that does not exist")
    self.configuration = configuration
    self.groups = groups
    self.pool = pool
    self.cyclesMomentum = cyclesMomentum
    rule = configuration.rule(cyclesMomentum: cyclesMomentum)
    names = parameters.map(\.name)
    counts = parameters.map(\.count)
    members = parameters.map(\.group)
    slices = ParameterSlice.slices(of: counts)
    let total = counts.reduce(0, +)
    moments = rule.moments.map { _ in MomentStorage(count: total) }
  }

  /// Makes one step.
  /// - Parameters:
  ///   - parameters: the same as at the start, with this step's gradients.
  ///   - learningRate: as a schedule has it; the configuration's by default.
  ///   - momentum: as a schedule has it, in place of sgd's momentum or the first of the betas; the configuration's by default.
  ///   - gradientScale: factor on all gradients, from `GradientNorm.scale(clippingTo:)`.
  public func step(
    _ parameters: [ParameterBuffer], learningRate: Double? = nil, momentum: Double? = nil,
    gradientScale: Float = 1
  ) {
    check(parameters)
    precondition(momentum == nil || cyclesMomentum, "the optimiser was made for a momentum of its own")
    stepCount += 1
    let numbers = groups.map {
      StepNumbers(
        number: stepCount, learningRate: (learningRate ?? configuration.lr) * $0.learningRateFactor,
        momentum: momentum, decay: $0.weightDecay ?? configuration.weightDecay, gradientScale: gradientScale)
    }
    let first = moments.first?.pointer
    let second = moments.last?.pointer
    pool.parallelFor(count: slices.count) { item, _ in
      let slice = slices[item]
      let parameter = parameters[slice.parameter]
      guard let gradients = parameter.gradients else { return }
      let w = parameter.values + slice.start
      rule.update(
        w, gradients + slice.start, first.map { $0 + slice.position } ?? w,
        second.map { $0 + slice.position } ?? w, count: slice.count, numbers[parameter.group])
    }
  }

  private func check(_ parameters: [ParameterBuffer]) {
    precondition(parameters.count == names.count, "the optimiser was made for another number of parameters")
    for (index, parameter) in parameters.enumerated() {
      precondition(
        parameter.count == counts[index] && parameter.group == members[index],
        "the optimiser was made for another size or group of a parameter")
    }
  }

  /// Everything that the next step depends on besides weights and gradients, for a checkpoint.
  public var state: OptimizerState {
    var tensors: [OptimizerState.Moment] = []
    for (kind, all) in zip(rule.moments, moments) {
      var position = 0
      for (name, count) in zip(names, counts) {
        tensors.append(
          OptimizerState.Moment(
            parameter: name, kind: kind, values: all.values(position..<position + count)))
        position += count
      }
    }
    return OptimizerState(rule: configuration.name, stepCount: stepCount, moments: tensors)
  }

  /// Goes on from a state.
  /// - Throws: `TernError` of kind `data` when it belongs to another rule or to other parameters; nothing is changed then.
  public func restore(_ state: OptimizerState) throws(TernError) {
    guard state.rule == configuration.name else {
      throw TernError(
        .data, "the optimiser's state belongs to another rule", key: "optimizer", found: state.rule.rawValue,
        expected: configuration.name.rawValue)
    }
    guard state.stepCount >= 0 else {
      throw TernError(.data, "is negative", key: "optimizer.step", found: "\(state.stepCount)")
    }
    var restored: [[Float]] = []
    var index = 0
    for kind in rule.moments {
      var all: [Float] = []
      for (name, count) in zip(names, counts) {
        guard index < state.moments.count, state.moments[index].parameter == name,
          state.moments[index].kind == kind, state.moments[index].values.count == count
        else {
          throw TernError(
            .data, "the optimiser's state does not fit the model", key: "\(name).\(kind)",
            found: index < state.moments.count
              ? "\(state.moments[index].key), \(state.moments[index].values.count) numbers" : "nothing",
            expected: "\(count) numbers")
        }
        all += state.moments[index].values
        index += 1
      }
      restored.append(all)
    }
    guard index == state.moments.count else {
      throw TernError(
        .data, "the optimiser's state has more parameters than the model", key: state.moments[index].key)
    }
    for (block, values) in zip(moments, restored) { block.assign(values) }
    stepCount = state.stepCount
  }
}
