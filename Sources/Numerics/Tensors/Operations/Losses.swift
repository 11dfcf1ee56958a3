import Glibc

/// A loss and its gradient with respect to the predictions, found in one pass.
public struct LossValue {
  /// The mean loss, a scalar.
  public let loss: Tensor
  /// Its gradient, of the predictions' shape.
  public let gradient: Tensor
}

/// A loss of each predicted number against its target.
public enum RegressionLoss: Sendable, Equatable {
  /// `(p - y)²`.
  case squared
  /// `|p - y|`.
  case absolute
  /// `½(p - y)²` up to a distance of delta, `delta·(|p - y| - delta/2)` beyond (Huber, 1964; PyTorch's form).
  case huber(delta: Float)
  /// `max(q·(y - p), (q - 1)·(y - p))` with a level q for each output (Koenker and Bassett, 1978).
  case quantile(levels: [Float])
}

extension Workspace {
  /// Cross-entropy of softmax(logits): logits (batch, classes), labels (batch) within 0..<classes.
  ///
  /// `Σ_i s_i·[(1 - ε)·w_y·(-ln p_y) + ε/C·Σ_c w_c·(-ln p_c)] / Σ_i s_i·w_y` with class weights w and sample weights s, as
  /// PyTorch normalises; `focus` γ > 0 multiplies the first term by (1 - p_y)^γ (Lin et al., "Focal Loss", 2017) and then asks
  /// for ε = 0 and divides by Σ s_i, as the weights balance the classes there.
  public func crossEntropy(
    _ logits: Tensor, labels: IndexTensor, smoothing: Double = 0, focus: Double = 0,
    classWeights: [Float]? = nil,
    sampleWeights: Tensor? = nil
  ) -> LossValue {
    let (batch, classes) = (logits.shape[0], logits.shape[1])
    require(
      logits.shape.rank == 2 && labels.count == batch && (classWeights?.count ?? classes) == classes
        && (sampleWeights?.count ?? batch) == batch,
      "crossEntropy: \(logits.shape) does not fit its labels or weights")
    require(focus == 0 || smoothing == 0, "crossEntropy: focus and smoothing exclude each other")
    let gradient = tensor(logits.shape)
    let (x, g, y, s) = (logits.pointer, gradient.pointer, labels.pointer, sampleWeights?.pointer)
    var (total, norm) = (0.0, 0.0)
    for row in 0..<batch {
      let label = Int(y[row])
      require(label >= 0 && label < classes, "crossEntropy: there is no class \(label) of \(classes)")
      let sample = s.map { Double($0[row]) } ?? 1
      let (z, d) = (x + row * classes, g + row * classes)
      var top = -Double.infinity
      for c in 0..<classes { top = max(top, Double(z[c])) }
      var sum = 0.0
      for c in 0..<classes { sum += exp(Double(z[c]) - top) }
      let logSum = top + log(sum)
      let weight = classWeights.map { Double($0[label]) } ?? 1
      let hard = -(Double(z[label]) - logSum)
      let missing = -expm1(-hard)
      // d(loss)/dz_c = Σ_k t_k·(p_c - [c = k]) with targets t that carry all weights.
      var main = sample * weight * (1 - smoothing)
      total += main * hard * (focus > 0 ? pow(missing, focus) : 1)
      if focus > 0 {
        let p = exp(-hard)
        let bend = missing > 0 ? focus * pow(missing, focus - 1) * p * hard : 0
        main *= pow(missing, focus) + bend
      }
      norm += focus > 0 ? sample : sample * weight
      var targets = main
      let soft = sample * smoothing / Double(classes)
      if soft > 0 {
        for c in 0..<classes {
          let weight = classWeights.map { Double($0[c]) } ?? 1
          total += soft * weight * (logSum - Double(z[c]))
          targets += soft * weight
        }
      }
      for c in 0..<classes {
        let p = exp(Double(z[c]) - logSum)
        let soft = soft > 0 ? soft * (classWeights.map { Double($0[c]) } ?? 1) : 0
        d[c] = Float(targets * p - soft - (c == label ? main : 0))
      }
    }
    return finish(total, norm, gradient)
  }

  /// Cross-entropy of σ(logits) against targets in 0…1 of the same shape, mean over all elements, rows weighted.
  public func binaryCrossEntropy(_ logits: Tensor, targets: Tensor, sampleWeights: Tensor? = nil) -> LossValue
  {
    eachElement(logits, targets, sampleWeights) { z, y, _ in
      let e = exp(-abs(z))
      let p = z >= 0 ? 1 / (1 + e) : e / (1 + e)
      return (max(z, 0) - z * y + log1p(e), p - y)
    }
  }

  /// A regression loss, mean over all elements, rows weighted: predictions and targets (batch, outputs).
  public func regressionLoss(
    _ predictions: Tensor, targets: Tensor, _ loss: RegressionLoss, sampleWeights: Tensor? = nil
  ) -> LossValue {
    switch loss {
    case .squared:
      return eachElement(predictions, targets, sampleWeights) { p, y, _ in ((p - y) * (p - y), 2 * (p - y)) }
    case .absolute:
      return eachElement(predictions, targets, sampleWeights) { p, y, _ in
        (abs(p - y), p > y ? 1 : p < y ? -1 : 0)
      }
    case .huber(let delta):
      let limit = Double(delta)
      return eachElement(predictions, targets, sampleWeights) { p, y, _ in
        let e = p - y
        if abs(e) <= limit { return (0.5 * e * e, e) }
        return (limit * (abs(e) - 0.5 * limit), e > 0 ? limit : -limit)
      }
    case .quantile(let levels):
      require(levels.count == predictions.shape.last, "quantile: one level for each output")
      return eachElement(predictions, targets, sampleWeights) { p, y, column in
        let q = Double(levels[column])
        return y > p ? (q * (y - p), -q) : y < p ? ((q - 1) * (y - p), 1 - q) : (0, 0)
      }
    }
  }

  /// `½(v + (y - m)²/e^v)` of a predicted mean m and logarithm of the variance v, the first and the second half of each row of
  /// predictions (batch, 2·outputs); targets (batch, outputs).
  public func gaussianLoss(_ predictions: Tensor, targets: Tensor, sampleWeights: Tensor? = nil) -> LossValue
  {
    let (batch, outputs) = (targets.shape.rows, targets.shape.last)
    require(
      predictions.shape.rows == batch && predictions.shape.last == 2 * outputs
        && (sampleWeights?.count ?? batch) == batch,
      "gaussianLoss: \(predictions.shape) does not fit \(targets.shape)")
    let gradient = tensor(predictions.shape)
    let (x, y, g, s) = (predictions.pointer, targets.pointer, gradient.pointer, sampleWeights?.pointer)
    var (total, norm) = (0.0, 0.0)
    for row in 0..<batch {
      let sample = s.map { Double($0[row]) } ?? 1
      norm += sample * Double(outputs)
      for j in 0..<outputs {
        let (mean, spread) = (row * 2 * outputs + j, (row * 2 + 1) * outputs + j)
        let error = Double(x[mean]) - Double(y[row * outputs + j])
        let precision = exp(-Double(x[spread]))
        total += sample * 0.5 * (Double(x[spread]) + error * error * precision)
        g[mean] = Float(sample * error * precision)
        g[spread] = Float(sample * 0.5 * (1 - error * error * precision))
      }
    }
    return finish(total, norm, gradient)
  }

  @inline(__always)
  private func eachElement(
    _ predictions: Tensor, _ targets: Tensor, _ weights: Tensor?,
    _ element: (_ prediction: Double, _ target: Double, _ column: Int) -> (loss: Double, slope: Double)
  ) -> LossValue {
    let (rows, width) = (predictions.shape.rows, predictions.shape.last)
    require(
      targets.count == predictions.count && (weights?.count ?? rows) == rows,
      "loss: \(predictions.shape) does not fit \(targets.shape)")
    let gradient = tensor(predictions.shape)
    let (x, y, g, s) = (predictions.pointer, targets.pointer, gradient.pointer, weights?.pointer)
    var (total, norm) = (0.0, 0.0)
    for row in 0..<rows {
      let sample = s.map { Double($0[row]) } ?? 1
      norm += sample * Double(width)
      for j in 0..<width {
        let index = row * width + j
        let (loss, slope) = element(Double(x[index]), Double(y[index]), j)
        total += sample * loss
        g[index] = Float(sample * slope)
      }
    }
    return finish(total, norm, gradient)
  }

  /// Divides by the sum of the weights; without any weight loss and gradient are zero.
  private func finish(_ total: Double, _ norm: Double, _ gradient: Tensor) -> LossValue {
    let factor = norm > 0 ? 1 / norm : 0
    let scale = Float(factor)
    for index in 0..<gradient.count { gradient.pointer[index] *= scale }
    return LossValue(loss: filled(Shape(), Float(total * factor)), gradient: gradient)
  }
}
