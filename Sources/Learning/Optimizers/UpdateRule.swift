/// How an optimiser moves weights: the same few operations on every element.
protocol UpdateRule: Sendable {
  /// Names of the running values that it keeps for each element.
  var moments: [String] { get }

  /// Moves consecutive elements one step.
  /// - Parameters:
  ///   - w: weights, updated in place.
  ///   - g: their gradients.
  ///   - m, v: the first and the second running value; unused where the rule keeps fewer.
  func update(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, count: Int, _ step: StepNumbers)
}

/// What a step's elements share.
struct StepNumbers {
  /// The number of this step, counted from one.
  let number: Int
  /// Learning rate of the group.
  let learningRate: Double
  /// Momentum in place of the rule's own; nil where that stays.
  let momentum: Double?
  /// Weight decay of the group.
  let decay: Double
  /// Factor on the gradients, from clipping.
  let gradientScale: Float
}

extension OptimizerConfiguration {
  /// The rule.
  /// - Parameter cyclesMomentum: whether steps bring a momentum.
  func rule(cyclesMomentum: Bool) -> any UpdateRule {
    switch name {
    case .adamw: Adam(beta1: betas[0], beta2: betas[1], eps: eps, isDecoupled: true)
    case .adam: Adam(beta1: betas[0], beta2: betas[1], eps: eps, isDecoupled: false)
    case .sgd:
      MomentumDescent(momentum: momentum, isNesterov: nesterov, keepsVelocity: momentum > 0 || cyclesMomentum)
    case .lion: Lion(beta1: betas[0], beta2: betas[1])
    }
  }
}
