import Glibc

extension NetworkModel.Link {
  /// Whether a network of so many margins can have it.
  func fits(margins: Int) -> Bool {
    switch self {
    case .identity, .logistic: margins == 1
    case .gaussian: margins == 2
    case .softmax: margins > 1
    }
  }
}

extension NetworkModel.Header {
  /// Predictions per row: one for each class of a softmax, else one.
  public var predictions: Int { link == .softmax ? outputs : 1 }

  /// The predictions of margins. Shape of both: row-major `(row, output)`.
  public func predictions(of margins: [Float]) -> [Float] {
    var margins = margins
    var result: [Float] = []
    result.reserveCapacity(margins.count / outputs * predictions)
    margins.withUnsafeMutableBufferPointer { margins in
      guard let base = margins.baseAddress else { return }
      appendPredictions(of: base, rows: margins.count / outputs, to: &result)
    }
    return result
  }

  /// Appends the predictions of rows, whose margins are overwritten.
  func appendPredictions(of margins: UnsafeMutablePointer<Float>, rows: Int, to result: inout [Float]) {
    for row in 0..<rows {
      let own = margins + row * outputs
      link(own)
      result.append(contentsOf: UnsafeBufferPointer(start: own, count: predictions))
    }
  }

  /// Turns the margins of a row into its predictions, in the first places of the margins.
  func link(_ margins: UnsafeMutablePointer<Float>) {
    switch link {
    case .identity, .gaussian: margins[0] = target.restored(margins[0])
    case .logistic: margins[0] = Float(1 / (1 + exp(-Double(margins[0]))))
    case .softmax:
      var top = margins[0]
      for output in 1..<outputs { top = max(top, margins[output]) }
      var sum = 0.0
      for output in 0..<outputs { sum += exp(Double(margins[output] - top)) }
      for output in 0..<outputs { margins[output] = Float(exp(Double(margins[output] - top)) / sum) }
    }
  }
}
