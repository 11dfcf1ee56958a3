import Glibc

/// The quadrature of Gauss and Legendre on [0, 1]: Σ weights[i]·p(nodes[i]) is the integral of p, exactly, for every
/// polynomial of degree 2·points − 1 or less.
package struct GaussLegendre: Sendable {
  /// Places in 0…1, from above.
  package let nodes: [Double]
  /// Weights of sum 1.
  package let weights: [Double]

  /// Finds the roots of the Legendre polynomial by Newton's method from Tricomi's first guess.
  package init(points: Int) {
    precondition(points > 0, "a quadrature needs a point")
    var nodes = [Double](repeating: 0.5, count: points)
    var weights = [Double](repeating: 1, count: points)
    for i in 0..<(points + 1) / 2 {
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(points) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (previous, value) = (1.0, x)
        for k in 2..<max(points + 1, 2) {
          let next = (Double(2 * k - 1) * x * value - Double(k - 1) * previous) / Double(k)
          (previous, value) = (value, next)
        }
        slope = points == 1 ? 1 : Double(points) * (x * value - previous) / (x * x - 1)
        let step = value / slope
        x -= step
        if abs(step) < 1e-16 { break }
      }
      let weight = 1 / ((1 - x * x) * slope * slope)
      nodes[i] = (1 - x) / 2
      nodes[points - 1 - i] = (1 + x) / 2
      weights[i] = weight
      weights[points - 1 - i] = weight
    }
    self.nodes = nodes
    self.weights = weights
  }
}
