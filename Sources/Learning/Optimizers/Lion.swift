/// Lion (Chen et al. 2023, algorithm 2): steps of one size in the direction of the sign.
///
/// w ← (1 - lr · decay) w - lr · sign(β₁ m + (1 - β₁) g), m ← β₂ m + (1 - β₂) g.
struct Lion: UpdateRule {
  let beta1: Double
  let beta2: Double

  var moments: [String] { ["exp_avg"] }

  func update(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, count: Int, _ step: StepNumbers
  ) {
    let scale = step.gradientScale
    let shrink = Float(1 - step.learningRate * step.decay)
    let rate = Float(step.learningRate)
    let beta1 = step.momentum ?? beta1
    let keep1 = Float(beta1)
    let keep2 = Float(beta2)
    let new1 = Float(1 - beta1)
    let new2 = Float(1 - beta2)
    for i in 0..<count {
      let slope = g[i] * scale
      let direction = m[i] * keep1 + slope * new1
      // A gradient that is no number leaves none, as it does in the other rules.
      let move = direction > 0 ? rate : direction < 0 ? -rate : direction
      w[i] = w[i] * shrink - move
      m[i] = m[i] * keep2 + slope * new2
    }
  }
}
