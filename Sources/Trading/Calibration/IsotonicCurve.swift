import Diagnostics

/// A non-decreasing piecewise-linear map, the result of isotonic regression.
///
/// Between knots it interpolates linearly; outside them it holds the first or last value
/// (scikit-learn's `IsotonicRegression(out_of_bounds="clip")`).
public struct IsotonicCurve: Equatable, Sendable, ProbabilityMap {
  /// Inputs of the knots, strictly increasing.
  public let inputs: [Double]
  /// Outputs of the knots, non-decreasing, within [0, 1].
  public let outputs: [Double]

  /// Takes the knots.
  /// - Throws: `TernError` of kind `data` when they are empty, unequal in number, unordered or outside [0, 1].
  public init(inputs: [Double], outputs: [Double]) throws(TernError) {
    guard !inputs.isEmpty, inputs.count == outputs.count else {
      throw TernError(
        .data, "an isotonic curve needs as many outputs as inputs", key: "inputs, outputs",
        found: "\(inputs.count) and \(outputs.count)", expected: "the same number, at least 1")
    }
    for index in inputs.indices {
      let isOrdered =
        index == 0 || (inputs[index - 1] < inputs[index] && outputs[index - 1] <= outputs[index])
      guard inputs[index].isFinite, (0...1).contains(outputs[index]), isOrdered else {
        throw TernError(
          .data, "knot \(index) of an isotonic curve is out of order or range", key: "inputs, outputs",
          found: "\(inputs[index]) → \(outputs[index])",
          expected: "increasing inputs and non-decreasing outputs within [0, 1]")
      }
    }
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Maps one probability, by binary search over the knots.
  public func value(at probability: Double) -> Double {
    let last = inputs.count - 1
    // Written so that a NaN input, which compares false, comes out as NaN instead of indexing out of range.
    guard probability > inputs[0] else { return probability.isNaN ? probability : outputs[0] }
    guard probability < inputs[last] else { return outputs[last] }
    var low = 0
    var high = last
    while high - low > 1 {
      let middle = (low + high) / 2
      if inputs[middle] <= probability { low = middle } else { high = middle }
    }
    let fraction = (probability - inputs[low]) / (inputs[high] - inputs[low])
    let value = outputs[low] + fraction * (outputs[high] - outputs[low])
    return min(max(value, outputs[low]), outputs[high])
  }
}

extension IsotonicCurve: Codable {
  private enum CodingKeys: String, CodingKey { case inputs, outputs }

  /// Reads and checks the knots.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      inputs: container.decode([Double].self, forKey: .inputs),
      outputs: container.decode([Double].self, forKey: .outputs))
  }
}
