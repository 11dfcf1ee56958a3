import Explanations

/// Where on the way from the baseline to a row gradients are taken, and what they weigh.
public enum PathRule: String, Codable, Sendable, CaseIterable {
  /// At k/m for k = 1 … m, all alike: equation 3 of the paper.
  case riemann
  /// At the points of Gauss and Legendre, which need far fewer steps where the network is smooth.
  case gaussLegendre = "gauss-legendre"

  /// Places α in 0…1 and weights of sum 1.
  func points(steps: Int) -> (places: [Double], weights: [Double]) {
    switch self {
    case .riemann:
      return (
        (1...steps).map { Double($0) / Double(steps) }, Array(repeating: 1 / Double(steps), count: steps)
      )
    case .gaussLegendre:
      let quadrature = GaussLegendre(points: steps)
      return (quadrature.nodes, quadrature.weights)
    }
  }
}
