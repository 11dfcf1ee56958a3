import Calibration
import Diagnostics

extension IsotonicCurve {
  /// Fits the non-decreasing map of least weighted squared error by pooling adjacent violators.
  ///
  /// Equal inputs are averaged first and interior knots of flat stretches dropped, as scikit-learn does; like there,
  /// inputs that differ by less than 1e-15 count as equal, because their order is only rounding. A pure block
  /// at either end would answer exactly 0 or 1 on the strength of a few rows, so that one surprise costs an infinite
  /// log loss and a position is sized on a certainty that nobody has. With `guardingTails`, every block's value is
  /// therefore held within [1/(n + 2), 1 − 1/(n + 2)], n being the block's effective number of rows (Laplace's rule
  /// of succession), and the blocks are pooled once more, which keeps the map monotone.
  ///
  /// Source: Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information", 1955;
  /// Zadrozny & Elkan, 2002.
  /// - Parameters:
  ///   - happened: whether the event happened in each row.
  ///   - probabilities: what the model said.
  ///   - weights: sample weights, or nil; rows of weight zero are ignored.
  ///   - guardingTails: whether to hold pure blocks off 0 and 1.
  /// - Throws: `TernError` of kind `data` for unequal lengths, inputs that are not finite, or unusable weights.
  public static func fit(
    happened: [Bool], probabilities: [Double], weights: [Double]? = nil, guardingTails: Bool = true
  ) throws(TernError) -> IsotonicCurve {
    guard happened.count == probabilities.count else {
      throw TernError(
        .data, "outcomes and probabilities differ in number", found: "\(happened.count) outcomes",
        expected: "\(probabilities.count)")
    }
    try MetricInput.checkWeights(weights, rows: happened.count)
    try MetricInput.checkFinite(probabilities, name: "probability")
    var blocks = pool(distinctInputs(happened, probabilities, weights))
    if guardingTails {
      for index in blocks.indices {
        let bound = 1 / (blocks[index].effectiveRows + 2)
        blocks[index].value = min(max(blocks[index].value, bound), 1 - bound)
      }
      blocks = pool(blocks)
    }
    var inputs: [Double] = []
    var outputs: [Double] = []
    for block in blocks {
      let value = min(max(block.value, 0), 1)
      inputs.append(block.lowest)
      outputs.append(value)
      if block.highest > block.lowest {
        inputs.append(block.highest)
        outputs.append(value)
      }
    }
    return try IsotonicCurve(inputs: inputs, outputs: outputs)
  }

  /// A stretch of inputs that share one output.
  private struct Block {
    var lowest: Double
    var highest: Double
    var value: Double
    var weight: Double
    var squares: Double

    var effectiveRows: Double { weight * weight / squares }

    mutating func absorb(_ next: Block) {
      value = (value * weight + next.value * next.weight) / (weight + next.weight)
      highest = next.highest
      weight += next.weight
      squares += next.squares
    }
  }

  /// The decimal resolution of doubles near one.
  private static let resolution = 1e-15

  private static func distinctInputs(
    _ happened: [Bool], _ probabilities: [Double], _ weights: [Double]?
  ) -> [Block] {
    let order = probabilities.indices
      .filter { (weights?[$0] ?? 1) > 0 }
      .sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var blocks: [Block] = []
    var hits = 0.0
    for row in order {
      let weight = weights?[row] ?? 1
      if let last = blocks.indices.last, probabilities[row] - blocks[last].lowest < resolution {
        blocks[last].weight += weight
        blocks[last].squares += weight * weight
      } else {
        hits = 0
        blocks.append(
          Block(
            lowest: probabilities[row], highest: probabilities[row], value: 0, weight: weight,
            squares: weight * weight))
      }
      if happened[row] { hits += weight }
      blocks[blocks.count - 1].value = hits / blocks[blocks.count - 1].weight
    }
    return blocks
  }

  /// Pools neighbours until values strictly increase.
  private static func pool(_ blocks: [Block]) -> [Block] {
    var pooled: [Block] = []
    for block in blocks {
      var current = block
      while let previous = pooled.last, previous.value >= current.value {
        pooled.removeLast()
        var merged = previous
        merged.absorb(current)
        current = merged
      }
      pooled.append(current)
    }
    return pooled
  }
}
