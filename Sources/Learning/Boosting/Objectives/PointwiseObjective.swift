import Compute
import Diagnostics
import Trees

/// A loss of one margin and one label. Eight rows are computed at a time.
protocol PointwiseLoss: Sendable {
  /// Its name in errors.
  static var name: String { get }
  /// Which labels it can use, in words.
  static var labelRule: String { get }
  /// What makes a prediction of a margin.
  var link: Forest.Link { get }
  /// Factor of the margin inside a logistic link.
  var linkScale: Double { get }
  /// Level of the quantile of residuals that leaves are re-fitted to.
  var leafLevel: Double? { get }
  /// Whether a label can be used.
  func canUse(_ label: Float) -> Bool
  /// The margin before the first tree.
  func base(_ rows: TrainingRows) -> Double
  /// Factor on a row's weight when leaves are re-fitted.
  func leafWeight(_ label: Float) -> Float
  /// Derivatives by the margin.
  func derivatives(margin: SIMD8<Float>, label: SIMD8<Float>) -> (
    gradient: SIMD8<Float>, hessian: SIMD8<Float>
  )
}

extension PointwiseLoss {
  static var labelRule: String { "a finite number" }
  var link: Forest.Link { .identity }
  var linkScale: Double { 1 }
  var leafLevel: Double? { nil }
  func canUse(_ label: Float) -> Bool { label.isFinite }
  func leafWeight(_ label: Float) -> Float { 1 }
}

/// An objective that is a sum over rows.
struct PointwiseObjective<Loss: PointwiseLoss>: TrainingObjective {
  let loss: Loss
  let rows: TrainingRows
  let leafRefit: LeafRefit?
  let outputs = 1
  var link: Forest.Link { loss.link }
  var linkScale: Double { loss.linkScale }

  /// Checks the labels.
  init(_ loss: Loss, rows: TrainingRows, style: BoostingConfiguration.Style) throws(TernError) {
    self.loss = loss
    self.rows = rows
    try rows.check(Loss.name, expected: Loss.labelRule, loss.canUse)
    leafRefit = loss.leafLevel.map { level in
      let isPlain = rows.all.weights == nil && rows.all.labels.allSatisfy { loss.leafWeight($0) == 1 }
      let weights = rows.all.labels.indices.map {
        Float(rows.all.weight($0)) * loss.leafWeight(rows.all.labels[$0])
      }
      return LeafRefit(level: level, style: style, labels: rows.all.labels, weights: isPlain ? nil : weights)
    }
  }

  var estimatedBase: [Double] { [loss.base(rows)] }

  func check(validation labels: [Float]) throws(TernError) {
    if let row = labels.firstIndex(where: { !loss.canUse($0) }) {
      throw TernError(
        .data, "\(Loss.name) cannot use the label of validation row \(row)", key: "label",
        found: "\(labels[row])", expected: Loss.labelRule)
    }
  }

  func derivatives(
    margins: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<SIMD2<Float>>, pool: ThreadPool
  ) {
    let margin = SharedPointer(margins)
    let output = SharedPointer(target)
    pool.parallelChunks(of: rows.all.count, chunk: 8192) { range, _ in
      rows.all.labels.withUnsafeBufferPointer { labels in
        if let weights = rows.all.weights {
          weights.withUnsafeBufferPointer { weights in
            fill(range, margin.pointer, labels, weights, output.pointer)
          }
        } else {
          fill(range, margin.pointer, labels, nil, output.pointer)
        }
      }
    }
  }

  /// The last rows of a range go through the same arithmetic, padded.
  @inline(__always)
  private func fill(
    _ range: Range<Int>, _ margins: UnsafeMutablePointer<Float>, _ labels: UnsafeBufferPointer<Float>,
    _ weights: UnsafeBufferPointer<Float>?, _ target: UnsafeMutablePointer<SIMD2<Float>>
  ) {
    var row = range.lowerBound
    while row < range.upperBound {
      let lanes = min(8, range.upperBound - row)
      var margin = SIMD8<Float>()
      var label = SIMD8<Float>(repeating: 1)
      for lane in 0..<lanes {
        margin[lane] = margins[row + lane]
        label[lane] = labels[row + lane]
      }
      var (gradient, hessian) = loss.derivatives(margin: margin, label: label)
      if let weights {
        var weight = SIMD8<Float>()
        for lane in 0..<lanes { weight[lane] = weights[row + lane] }
        gradient *= weight
        hessian *= weight
      }
      for lane in 0..<lanes { target[row + lane] = SIMD2(gradient[lane], hessian[lane]) }
      row += lanes
    }
  }
}

/// -1, 0 or 1.
@inline(__always)
func signs(_ x: SIMD8<Float>) -> SIMD8<Float> {
  SIMD8<Float>.zero.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
}

/// Absolute values.
@inline(__always)
func magnitudes(_ x: SIMD8<Float>) -> SIMD8<Float> { x.replacing(with: -x, where: x .< 0) }
