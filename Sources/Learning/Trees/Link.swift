import Compute
import Glibc

extension Forest.Link {
  /// Turns the margins of one row into predictions, in place.
  ///
  /// - Parameter scale: the factor of the margin inside the logistic link.
  public func apply(to margins: UnsafeMutablePointer<Float>, outputs: Int, scale: Double = 1) {
    switch self {
    case .identity: return
    case .logistic:
      for k in 0..<outputs { margins[k] = Float(1 / (1 + exp(-scale * Double(margins[k])))) }
    case .exponential:
      for k in 0..<outputs { margins[k] = Float(exp(Double(margins[k]))) }
    case .signedSquare:
      for k in 0..<outputs { margins[k] *= abs(margins[k]) }
    case .softplus:
      for k in 0..<outputs { margins[k] = Float(log1p(exp(Double(margins[k])))) }
    case .step:
      for k in 0..<outputs { margins[k] = margins[k] > 0 ? 1 : 0 }
    case .softmax:
      var largest = margins[0]
      for k in 1..<max(outputs, 1) where margins[k] > largest { largest = margins[k] }
      var sum = 0.0
      for k in 0..<outputs { sum += exp(Double(margins[k] - largest)) }
      for k in 0..<outputs { margins[k] = Float(exp(Double(margins[k] - largest)) / sum) }
    }
  }

  /// Turns row-major margins (rows, outputs) into predictions, in place.
  public func apply(to margins: inout [Float], outputs: Int, scale: Double = 1, pool: ThreadPool) {
    if self == .identity { return }
    let rows = margins.count / max(outputs, 1)
    margins.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let shared = SharedPointer(base)
      pool.parallelChunks(of: rows, chunk: 4096) { range, _ in
        for row in range { apply(to: shared.pointer + row * outputs, outputs: outputs, scale: scale) }
      }
    }
  }
}
