/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form).
///
/// g ← g + decay · w, b ← μ b + g, w ← w - lr · b, or with Nesterov's look ahead w ← w - lr · (g + μ b).
struct MomentumDescent: UpdateRule {
  let momentum: Double
  let isNesterov: Bool
  /// Whether there is a momentum, be it this one or one that steps bring.
  let keepsVelocity: Bool

  var moments: [String] { keepsVelocity ? ["momentum_buffer"] : [] }

  func update(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, count: Int, _ step: StepNumbers
  ) {
    let scale = step.gradientScale
    let decay = Float(step.decay)
    let rate = Float(step.learningRate)
    let mu = Float(step.momentum ?? momentum)
    if !keepsVelocity {
      for i in 0..<count { w[i] -= rate * (g[i] * scale + decay * w[i]) }
    } else if isNesterov {
      for i in 0..<count {
        let slope = g[i] * scale + decay * w[i]
        let velocity = m[i] * mu + slope
        m[i] = velocity
        w[i] -= rate * (slope + mu * velocity)
      }
    } else {
      for i in 0..<count {
        let velocity = m[i] * mu + (g[i] * scale + decay * w[i])
        m[i] = velocity
        w[i] -= rate * velocity
      }
    }
  }
}
