import Glibc

/// Adam (Kingma & Ba 2015, algorithm 1) with weight decay in the gradient, or decoupled from it (Loshchilov & Hutter 2019).
///
/// m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², w ← w - lr / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε). The order of
/// operations is that of PyTorch.
struct Adam: UpdateRule {
  let beta1: Double
  let beta2: Double
  let eps: Double
  let isDecoupled: Bool

  var moments: [String] { ["exp_avg", "exp_avg_sq"] }

  func update(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, count: Int, _ step: StepNumbers
  ) {
    let scale = step.gradientScale
    let shrink = isDecoupled ? Float(1 - step.learningRate * step.decay) : 1
    let inGradient = isDecoupled ? 0 : Float(step.decay)
    let beta1 = step.momentum ?? beta1
    let toFirst = Float(1 - beta1)
    let keepSecond = Float(beta2)
    let toSecond = Float(1 - beta2)
    let length = Float(step.learningRate / (1 - pow(beta1, Double(step.number))))
    let correction = Float((1 - pow(beta2, Double(step.number))).squareRoot())
    let epsilon = Float(eps)
    for i in 0..<count {
      let weight = w[i] * shrink
      let slope = g[i] * scale + inGradient * weight
      let first = m[i] + toFirst * (slope - m[i])
      let second = v[i] * keepSecond + toSecond * slope * slope
      m[i] = first
      v[i] = second
      w[i] = weight - length * (first / (second.squareRoot() / correction + epsilon))
    }
  }
}
