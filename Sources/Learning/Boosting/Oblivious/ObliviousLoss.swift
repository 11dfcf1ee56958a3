import Glibc

/// The loss of CatBoost-style boosting on rows of one fold, in `Double`.
///
/// Derivatives are those of -loss: a positive one asks for a greater margin.
struct ObliviousLoss: Sendable {
  let kind: ObliviousConfiguration.Loss
  /// Number of margins of a row.
  let outputs: Int

  /// Numbers that a leaf's derivatives take: gradient and hessian, or K gradients and the lower half of a K × K
  /// hessian.
  var sumsPerLeaf: Int { outputs == 1 ? 2 : outputs + outputs * (outputs + 1) / 2 }

  /// Rows of one range: what they are, and where they stand.
  struct Rows {
    /// (rows).
    let labels: UnsafePointer<Float>
    /// (rows), or nil for ones.
    let weights: UnsafePointer<Float>?
    /// (outputs, stride).
    let margins: UnsafePointer<Double>
    /// Distance between two outputs of one row.
    let stride: Int
  }

  /// Writes the weighted gradients of a range, (outputs, stride), and returns Σ w loss.
  func gradients(_ rows: Rows, _ range: Range<Int>, into target: UnsafeMutablePointer<Float>) -> Double {
    var sum = 0.0
    var row = range.lowerBound
    while row < range.upperBound {
      // 800 factors of at most 2 stay below the largest number.
      let part = row..<min(row + 6400, range.upperBound)
      switch kind {
      case .rmse: sum += squared(rows, part) { target[$0] = Float($1) }
      case .logloss, .crossEntropy:
        sum += logistic(rows, part, offset: { _ in 0 }) { row, gradient, _ in target[row] = Float(gradient) }
      case .multiClass:
        sum += softmax(rows, part, offset: { _, _ in 0 }) { row, lanes, weight, p in
          for k in 0..<outputs {
            for lane in 0..<lanes {
              let isOwn = Int(rows.labels[row + lane]) == k ? 1.0 : 0.0
              target[k * rows.stride + row + lane] = Float((isOwn - p[k][lane]) * weight[lane])
            }
          }
        }
      }
      row = part.upperBound
    }
    return sum
  }

  /// Adds the derivatives of a range to the sums of its leaves, each row's margin moved by the value of its leaf.
  ///
  /// - Parameters:
  ///   - leaves: (rows), the leaf of each row.
  ///   - values: (outputs, leafCount), what is added to the margins.
  ///   - sums: (leafCount, sumsPerLeaf), receives Σ w g and Σ w h.
  /// - Returns: Σ w loss.
  func addDerivatives(
    _ rows: Rows, _ range: Range<Int>, leaves: UnsafePointer<UInt16>, values: UnsafePointer<Double>,
    leafCount: Int, to sums: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    var row = range.lowerBound
    while row < range.upperBound {
      let part = row..<min(row + 6400, range.upperBound)
      switch kind {
      case .rmse:
        for row in part {
          let leaf = Int(leaves[row])
          let weight = rows.weights.map { Double($0[row]) } ?? 1
          let residual = Double(rows.labels[row]) - rows.margins[row] - values[leaf]
          sums[2 * leaf] += residual * weight
          sums[2 * leaf + 1] += weight
          sum += residual * residual * weight
        }
      case .logloss, .crossEntropy:
        sum += logistic(rows, part, offset: { values[Int(leaves[$0])] }) { row, gradient, hessian in
          let own = sums + 2 * Int(leaves[row])
          own[0] += gradient
          own[1] += hessian
        }
      case .multiClass:
        sum += softmax(rows, part, offset: { values[$1 * leafCount + Int(leaves[$0])] }) {
          row, lanes, weight, p in
          for lane in 0..<lanes {
            let own = sums + sumsPerLeaf * Int(leaves[row + lane])
            let label = Int(rows.labels[row + lane])
            var at = outputs
            for k in 0..<outputs {
              let pk = p[k][lane]
              own[k] += ((k == label ? 1 : 0) - pk) * weight[lane]
              for j in 0..<k {
                own[at] -= pk * p[j][lane] * weight[lane]
                at += 1
              }
              own[at] += pk * (1 - pk) * weight[lane]
              at += 1
            }
          }
        }
      }
      row = part.upperBound
    }
    return sum
  }

  @inline(__always)
  private func squared(_ rows: Rows, _ range: Range<Int>, store: (Int, Double) -> Void) -> Double {
    var sum = 0.0
    for row in range {
      let weight = rows.weights.map { Double($0[row]) } ?? 1
      let residual = Double(rows.labels[row]) - rows.margins[row]
      store(row, residual * weight)
      sum += residual * residual * weight
    }
    return sum
  }

  /// Loss ln(1 + e^m) - y m, gradient y - p, hessian p (1 - p), eight rows at a time.
  ///
  /// The logarithms of unweighted rows are taken of a product of at most 800 factors 1 + e^-|m| of each lane.
  @inline(__always)
  private func logistic(
    _ rows: Rows, _ range: Range<Int>, offset: (Int) -> Double, store: (Int, Double, Double) -> Void
  ) -> Double {
    var product = SIMD8<Double>(repeating: 1)
    var linear = SIMD8<Double>.zero
    var logs = 0.0
    var row = range.lowerBound
    while row < range.upperBound {
      let lanes = min(8, range.upperBound - row)
      var margin = SIMD8<Double>.zero
      var label = SIMD8<Double>.zero
      // A padded lane adds ln 2 to the product and nothing else; its factor is taken back below.
      if lanes == 8 {
        for lane in 0..<8 {
          margin[lane] = rows.margins[row + lane] + offset(row + lane)
          label[lane] = Double(rows.labels[row + lane])
        }
      } else {
        for lane in 0..<lanes {
          margin[lane] = rows.margins[row + lane] + offset(row + lane)
          label[lane] = Double(rows.labels[row + lane])
        }
      }
      let isNegative = margin .< 0
      let size = margin.replacing(with: -margin, where: isNegative)
      let e = vectorExp(nonPositive: -size)
      let s = 1 / (1 + e)
      let p = s.replacing(with: e * s, where: isNegative)
      var gradient = label - p
      var hessian = p * (1 - p)
      let positive = margin.replacing(with: 0, where: isNegative)
      if let weights = rows.weights {
        var weight = SIMD8<Double>.zero
        for lane in 0..<lanes { weight[lane] = Double(weights[row + lane]) }
        for lane in 0..<lanes { logs += weight[lane] * log1p(e[lane]) }
        linear += (positive - label * margin) * weight
        gradient *= weight
        hessian *= weight
      } else {
        product *= 1 + e
        linear += positive - label * margin
        for lane in lanes..<8 { product[lane] *= 0.5 }
      }
      if lanes == 8 {
        for lane in 0..<8 { store(row + lane, gradient[lane], hessian[lane]) }
      } else {
        for lane in 0..<lanes { store(row + lane, gradient[lane], hessian[lane]) }
      }
      row += lanes
    }
    var sum = linear.sum() + logs
    for lane in 0..<8 { sum += log(product[lane]) }
    return sum
  }

  /// Loss ln Σ e^m_k - m_label; the probabilities of eight rows at a time.
  @inline(__always)
  private func softmax(
    _ rows: Rows, _ range: Range<Int>, offset: (Int, Int) -> Double,
    store: (_ row: Int, _ lanes: Int, _ weight: SIMD8<Double>, _ p: UnsafeMutablePointer<SIMD8<Double>>) ->
      Void
  ) -> Double {
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: outputs) { buffer in
      guard let p = buffer.baseAddress else { return 0 }
      var loss = 0.0
      var row = range.lowerBound
      while row < range.upperBound {
        let lanes = min(8, range.upperBound - row)
        var largest = SIMD8<Double>(repeating: -.infinity)
        for k in 0..<outputs {
          let margins = rows.margins + k * rows.stride + row
          var margin = SIMD8<Double>.zero
          if lanes == 8 {
            for lane in 0..<8 { margin[lane] = margins[lane] + offset(row + lane, k) }
          } else {
            for lane in 0..<lanes { margin[lane] = margins[lane] + offset(row + lane, k) }
          }
          p[k] = margin
          largest = largest.replacing(with: margin, where: margin .> largest)
        }
        var own = SIMD8<Double>.zero
        for lane in 0..<lanes { own[lane] = p[Int(rows.labels[row + lane])][lane] - largest[lane] }
        var sum = SIMD8<Double>.zero
        for k in 0..<outputs {
          p[k] = vectorExp(nonPositive: p[k] - largest)
          sum += p[k]
        }
        for k in 0..<outputs { p[k] /= sum }
        var weight = SIMD8<Double>(repeating: 1)
        if let weights = rows.weights {
          for lane in 0..<lanes { weight[lane] = Double(weights[row + lane]) }
        }
        for lane in 0..<lanes { loss += (log(sum[lane]) - own[lane]) * weight[lane] }
        store(row, lanes, weight, p)
        row += lanes
      }
      return loss
    }
  }
}
