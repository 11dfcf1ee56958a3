import Foundation
import Tensors
import Testing

/// Kernels over batches of rows or sequences with their gradients: attention, batch normalisation, tokens, recurrence.
@Suite struct SequenceTests {
  /// `softmax(q·kᵀ/√(d/heads))·v` of (batch, queries, d) and (batch, keys, d), from their elements.
  static func attention(
    _ q: [Double], _ k: [Double], _ v: [Double], batch: Int, queries: Int, keys: Int, d: Int, heads: Int,
    causal: Bool
  ) -> [Double] {
    var result = [Double](repeating: 0, count: batch * queries * d)
    let width = d / heads
    for item in 0..<batch {
      for head in 0..<heads {
        for query in 0..<queries {
          let seen = causal ? max(query + 1 + keys - queries, 0) : keys
          let scores = (0..<seen).map { key in
            (0..<width).reduce(0.0) { sum, at in
              sum + q[(item * queries + query) * d + head * width + at]
                * k[(item * keys + key) * d + head * width + at]
            } / Double(width).squareRoot()
          }
          let powers = scores.map { exp($0 - (scores.max() ?? 0)) }
          let total = powers.reduce(0, +)
          for at in 0..<width {
            result[(item * queries + query) * d + head * width + at] = (0..<seen).reduce(0.0) {
              $0 + powers[$1] / total * v[(item * keys + $1) * d + head * width + at]
            }
          }
        }
      }
    }
    return result
  }

  static let attentions: [(Int, Int, Int, Int, Int)] = [
    (2, 3, 3, 4, 2), (1, 1, 1, 1, 1), (1, 1, 17, 6, 2), (2, 5, 5, 9, 1), (1, 2, 4, 34, 2), (0, 3, 3, 4, 2),
    (1, 9, 9, 8, 8), (2, 9, 9, 48, 3), (1, 3, 16, 32, 2), (1, 2, 32, 12, 3), (2, 2, 33, 6, 2),
  ]

  @Test(arguments: attentions)
  func attentionAndItsGradients(batch: Int, queries: Int, keys: Int, d: Int, heads: Int) {
    var dice = Dice(1)
    let space = workspace()
    let q = dice.tensor(Shape(batch, queries, d))
    let (k, v) = (dice.tensor(Shape(batch, keys, d)), dice.tensor(Shape(batch, keys, d)))
    let g = dice.tensor(q.shape)
    for causal in [false, true] {
      func twin(_ q: [Double], _ k: [Double], _ v: [Double]) -> [Double] {
        Self.attention(
          q, k, v, batch: batch, queries: queries, keys: keys, d: d, heads: heads, causal: causal)
      }
      let found = space.attention(query: q, key: k, value: v, heads: heads, causal: causal)
      expectClose(found.elements, twin(q.doubles, k.doubles, v.doubles), 2e-6, "causal \(causal)")
      let parts = space.attentionGradient(
        g, query: q, key: k, value: v, heads: heads, causal: causal, dropout: nil)
      let wanted = [
        slopes(g.doubles, at: q.doubles) { twin($0, k.doubles, v.doubles) },
        slopes(g.doubles, at: k.doubles) { twin(q.doubles, $0, v.doubles) },
        slopes(g.doubles, at: v.doubles) { twin(q.doubles, k.doubles, $0) },
      ]
      // Some tens of products and exponentials in single precision.
      for (part, wanted) in zip([parts.query, parts.key, parts.value], wanted) {
        expectClose(part.elements, wanted, 5e-6, "gradient, causal \(causal)")
      }
    }
  }

  /// The way back reads what was kept, or computes it again: the same numbers, whatever is dropped.
  @Test(arguments: [
    (2, 9, 9, 48, 3), (1, 3, 16, 32, 2), (3, 1, 1, 16, 1), (0, 2, 2, 16, 1), (2, 4, 11, 90, 5),
  ])
  func keptProbabilitiesChangeNothing(batch: Int, queries: Int, keys: Int, d: Int, heads: Int) throws {
    var dice = Dice(9)
    let space = workspace()
    let q = dice.tensor(Shape(batch, queries, d))
    let (k, v) = (dice.tensor(Shape(batch, keys, d)), dice.tensor(Shape(batch, keys, d)))
    let g = dice.tensor(q.shape)
    for dropout in [nil, DropoutKey(rate: 0.4, seed: 3, step: 1, operation: 2)] {
      for causal in [false, true] where queries <= keys || !causal {
        func run(_ kept: Tensor?) -> [[Float]] {
          let result = space.attention(
            query: q, key: k, value: v, heads: heads, causal: causal, dropout: dropout, keeping: kept)
          let parts = space.attentionGradient(
            g, query: q, key: k, value: v, heads: heads, causal: causal, dropout: dropout, kept: kept)
          return [result, parts.query, parts.key, parts.value].map(\.elements)
        }
        let kept = try #require(space.attentionProbabilities(query: q, key: k, heads: heads))
        #expect(run(kept) == run(nil))
      }
    }
    let narrow = dice.tensor(Shape(1, queries, heads * 16 - heads))
    #expect(space.attentionProbabilities(query: narrow, key: narrow, heads: heads) == nil)
    let many = dice.tensor(Shape(1, 17, d))
    #expect(space.attentionProbabilities(query: q, key: many, heads: heads) == nil)
  }

  /// Near-equal chunks of rows as `torch.chunk` cuts them; a last chunk of one row joins the one before.
  static func chunks(_ rows: Int, _ size: Int?) -> [Range<Int>] {
    guard let size, size < rows else { return rows > 0 ? [0..<rows] : [] }
    let count = (rows + size - 1) / size
    let length = (rows + count - 1) / count
    var chunks = stride(from: 0, to: rows, by: length).map { $0..<min($0 + length, rows) }
    if length > 1, chunks.count > 1, chunks[chunks.count - 1].count == 1 {
      chunks.removeLast()
      chunks[chunks.count - 1] = chunks[chunks.count - 1].lowerBound..<rows
    }
    return chunks
  }

  @Test(arguments: [(7, 3, 3), (26, 5, 8), (4, 17, 4), (12, 33, 5), (9, 1, 100), (2, 2, 2)])
  func batchNormalisation(rows: Int, width: Int, virtual: Int) {
    var dice = Dice(2)
    let (space, epsilon) = (workspace(), 1e-5)
    let (x, g) = (dice.tensor(Shape(rows, width)), dice.tensor(Shape(rows, width)))
    let (weight, bias) = (dice.tensor(Shape(width)), dice.tensor(Shape(width)))
    for size in [nil, virtual] {
      let chunks = Self.chunks(rows, size)
      func moments(_ x: [Double], _ chunk: Range<Int>, _ column: Int) -> (mean: Double, variance: Double) {
        let values = chunk.map { x[$0 * width + column] }
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
      }
      func twin(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
        var result = x
        for chunk in chunks {
          for column in 0..<width {
            let (mean, variance) = moments(x, chunk, column)
            for row in chunk {
              result[row * width + column] =
                (x[row * width + column] - mean) / (variance + epsilon).squareRoot() * weight[column]
                + bias[column]
            }
          }
        }
        return result
      }
      let (found, statistics) = space.batchNormTraining(
        x, weight: weight, bias: bias, epsilon: Float(epsilon), virtualBatch: size)
      let what = "\(rows)×\(width) by \(size ?? rows)"
      // Two rows that lie close multiply rounding by what parts them.
      expectClose(found.elements, twin(x.doubles, weight.doubles, bias.doubles), 1e-4, what)
      let parts = space.batchNormGradient(g, x, weight: weight, statistics: statistics, virtualBatch: size)
      let wanted = [
        slopes(g.doubles, at: x.doubles) { twin($0, weight.doubles, bias.doubles) },
        slopes(g.doubles, at: weight.doubles) { twin(x.doubles, $0, bias.doubles) },
        slopes(g.doubles, at: bias.doubles) { twin(x.doubles, weight.doubles, $0) },
      ]
      for (part, wanted) in zip([parts.x, parts.weight, parts.bias], wanted) {
        expectClose(part.elements, wanted, 2e-4, "gradient of \(what)")
      }
      var (mean, variance) = (dice.tensor(Shape(width)).doubles, [Double](repeating: 0.7, count: width))
      let (runningMean, runningVariance) = (
        Tensor(mean.map { Float($0) }, Shape(width)), Tensor(repeating: 0.7, Shape(width))
      )
      space.updateRunning(
        mean: runningMean, variance: runningVariance, statistics: statistics, rows: rows, virtualBatch: size,
        momentum: 0.1)
      if chunks.allSatisfy({ $0.count > 1 }) {
        for chunk in chunks {
          for column in 0..<width {
            let own = moments(x.doubles, chunk, column)
            let count = Double(chunk.count)
            mean[column] = 0.9 * mean[column] + 0.1 * own.mean
            variance[column] = 0.9 * variance[column] + 0.1 * own.variance * count / (count - 1)
          }
        }
        expectClose(runningMean.elements, mean, 1e-6, "running mean of \(what)")
        expectClose(runningVariance.elements, variance, 1e-6, "running variance of \(what)")
      }
      let evaluated = space.batchNorm(
        x, weight: weight, bias: bias, mean: runningMean, variance: runningVariance, epsilon: Float(epsilon))
      let fixed = (0..<x.count).map { index -> Double in
        let column = index % width
        return (x.doubles[index] - runningMean.doubles[column])
          / (runningVariance.doubles[column] + epsilon).squareRoot() * weight.doubles[column]
          + bias.doubles[column]
      }
      expectClose(evaluated.elements, fixed, 1e-5, "evaluation of \(what)")
    }
  }

  @Test(arguments: [(2, 3, 4), (0, 3, 4), (5, 1, 1), (3, 17, 33), (130, 2, 16)])
  func tokens(batch: Int, n: Int, d: Int) {
    var dice = Dice(3)
    let space = workspace()
    let (x, g) = (dice.tensor(Shape(batch, n)), dice.tensor(Shape(batch, n, d)))
    let (weight, bias) = (dice.tensor(Shape(n, d)), dice.tensor(Shape(n, d)))
    for given in [nil, bias] {
      let wanted = (0..<batch * n * d).map { index -> Double in
        let (token, at) = (index / d, index % (n * d))
        return x.doubles[token] * weight.doubles[at] + (given?.doubles[at] ?? 0)
      }
      expectClose(space.featureTokens(x, weight, given).elements, wanted, 1e-6, "\(batch)×\(n)×\(d)")
    }
    var (dx, dw, db) = (
      [Double](repeating: 0, count: batch * n), [Double](repeating: 0, count: n * d),
      [Double](repeating: 0, count: n * d)
    )
    for index in 0..<g.count {
      dx[index / d] += g.doubles[index] * weight.doubles[index % (n * d)]
      dw[index % (n * d)] += g.doubles[index] * x.doubles[index / d]
      db[index % (n * d)] += g.doubles[index]
    }
    let parts = space.featureTokensGradient(g, x, weight, needsInput: true)
    // Sums of up to 130 terms of size 1.
    expectClose(parts.x?.elements ?? [], dx, 1e-5, "x")
    expectClose(parts.weight.elements, dw, 1e-5, "weight")
    expectClose(parts.bias.elements, db, 1e-5, "bias")
    #expect(space.featureTokensGradient(g, x, weight, needsInput: false).x == nil)

    let first = dice.tensor(Shape(d))
    let longer = space.prepend(first, g)
    #expect(longer.shape == Shape(batch, n + 1, d))
    var moved: [Float] = []
    for item in 0..<batch {
      moved += first.elements
      moved += g.elements[item * n * d..<(item + 1) * n * d]
    }
    #expect(longer.elements == moved)
  }

  @Test(arguments: [(2, 3, 4, 5), (0, 3, 4, 5), (5, 1, 1, 1), (3, 5, 17, 33), (70, 2, 3, 16)])
  func mapsOfEachFeature(batch: Int, n: Int, inputs: Int, outputs: Int) {
    var dice = Dice(4)
    let space = workspace()
    let (x, g) = (dice.tensor(Shape(batch, n, inputs)), dice.tensor(Shape(batch, n, outputs)))
    let (weight, bias) = (dice.tensor(Shape(n, inputs, outputs)), dice.tensor(Shape(n, outputs)))
    var (y, dx) = ([Double](repeating: 0, count: g.count), [Double](repeating: 0, count: x.count))
    var dw = [Double](repeating: 0, count: weight.count)
    var db = [Double](repeating: 0, count: bias.count)
    for row in 0..<batch * n {
      let feature = row % n
      for output in 0..<outputs {
        let slope = g.doubles[row * outputs + output]
        y[row * outputs + output] += bias.doubles[feature * outputs + output]
        db[feature * outputs + output] += slope
        for input in 0..<inputs {
          let at = (feature * inputs + input) * outputs + output
          y[row * outputs + output] += x.doubles[row * inputs + input] * weight.doubles[at]
          dx[row * inputs + input] += slope * weight.doubles[at]
          dw[at] += slope * x.doubles[row * inputs + input]
        }
      }
    }
    expectClose(space.featureLinear(x, weight, bias).elements, y, 2e-6, "\(batch)×\(n)×\(inputs)×\(outputs)")
    let parts = space.featureLinearGradient(g, x, weight)
    // Sums of up to 70 terms of size 1.
    expectClose(parts.x.elements, dx, 5e-6, "x")
    expectClose(parts.weight.elements, dw, 5e-6, "weight")
    expectClose(parts.bias.elements, db, 5e-6, "bias")
  }

  /// The recurrence as it is written, from projected inputs (time, batch, 4·hidden): hidden states (time, batch, hidden).
  static func recurrence(
    _ projected: [Double], _ weight: [Double], _ h: [Double], _ c: [Double], time: Int, batch: Int,
    hidden: Int
  ) -> [Double] {
    var (h, c, result) = (h, c, [Double]())
    for step in 0..<time {
      let before = h
      for item in 0..<batch {
        for unit in 0..<hidden {
          let gates = (0..<4).map { gate in
            let row = gate * hidden + unit
            return (0..<hidden).reduce(projected[(step * batch + item) * 4 * hidden + row]) {
              $0 + before[item * hidden + $1] * weight[row * hidden + $1]
            }
          }
          let at = item * hidden + unit
          c[at] =
            RowKernelTests.sigmoid(gates[1]) * c[at] + RowKernelTests.sigmoid(gates[0]) * tanh(gates[2])
          h[at] = RowKernelTests.sigmoid(gates[3]) * tanh(c[at])
        }
      }
      result += h
    }
    return result
  }

  @Test(arguments: [(3, 2, 3), (1, 1, 1), (4, 3, 17), (0, 2, 3), (2, 0, 3)])
  func recurrentLayers(time: Int, batch: Int, hidden: Int) {
    var dice = Dice(5)
    let space = workspace()
    let projected = dice.tensor(Shape(time, batch, 4 * hidden))
    let weight = dice.tensor(Shape(4 * hidden, hidden))
    let (h, c) = (dice.tensor(Shape(batch, hidden)), dice.tensor(Shape(batch, hidden)))
    func twin(_ projected: [Double], _ weight: [Double], _ h: [Double], _ c: [Double]) -> [Double] {
      Self.recurrence(projected, weight, h, c, time: time, batch: batch, hidden: hidden)
    }
    let zero = h.doubles.map { _ in 0.0 }
    let packed = PackedMatrix(weight)
    expectClose(
      space.lstm(projected, recurrent: packed, hidden: nil, cell: nil).hidden.elements,
      twin(projected.doubles, weight.doubles, zero, zero), 5e-6, "from nothing")
    let states = space.lstm(projected, recurrent: packed, hidden: h, cell: c)
    expectClose(
      states.hidden.elements, twin(projected.doubles, weight.doubles, h.doubles, c.doubles), 5e-6, "states")
    let g = dice.tensor(states.hidden.shape)
    let parts = space.lstmGradient(g, states, recurrent: weight, cell: c)
    // Errors of each step are carried through the ones before it.
    expectClose(
      parts.projected.elements,
      slopes(g.doubles, at: projected.doubles) { twin($0, weight.doubles, h.doubles, c.doubles) }, 2e-5,
      "projected")
    expectClose(
      parts.hidden.elements,
      slopes(g.doubles, at: h.doubles) { twin(projected.doubles, weight.doubles, $0, c.doubles) }, 2e-5,
      "hidden")
    expectClose(
      parts.cell.elements,
      slopes(g.doubles, at: c.doubles) { twin(projected.doubles, weight.doubles, h.doubles, $0) }, 2e-5,
      "cell")
  }
}
