import Autograd
import Diagnostics
import Tensors

/// The loss of a batch on a tape, and of any predictions without one.
struct TrainingLoss {
  let configuration: LossConfiguration
  /// Margins of a row.
  let outputs: Int
  /// Weight of each class; nil counts all alike.
  let classWeights: [Float]?

  /// Whether the batches need class numbers.
  var hasLabels: Bool { configuration.name == .focal || configuration.name.isOfClasses && outputs > 1 }

  func callAsFunction(_ prediction: Variable, _ batch: Batch, on tape: Tape) -> Variable {
    let smoothing = configuration.labelSmoothing
    switch (configuration.name, batch.labels) {
    case (.crossEntropy, let labels?):
      return tape.crossEntropy(
        prediction, labels: labels, smoothing: smoothing, classWeights: classWeights,
        sampleWeights: batch.weights)
    case (.focal, let labels?):
      return tape.focalLoss(
        outputs > 1 ? prediction : margins(ofBoth: prediction, batch, on: tape), labels: labels,
        focus: configuration.focalGamma, classWeights: classWeights,
        sampleWeights: batch.weights)
    case (.focal, nil): preconditionFailure("focal loss takes class numbers")
    case (.crossEntropy, nil):
      return tape.binaryCrossEntropy(
        prediction, targets: smoothed(column(batch)), sampleWeights: binaryWeights(batch))
    case (.gaussian, _):
      return tape.gaussianLoss(prediction, targets: column(batch), sampleWeights: batch.weights)
    default:
      return tape.regressionLoss(
        prediction, targets: column(batch), regression, sampleWeights: batch.weights)
    }
  }

  private var regression: RegressionLoss {
    switch configuration.name {
    case .mae: .absolute
    case .huber: .huber(delta: Float(configuration.delta))
    case .quantile: .quantile(levels: [Float(configuration.quantile)])
    default: .squared
    }
  }

  /// The targets as the only column of a matrix: losses weigh rows of matrices.
  private func column(_ batch: Batch) -> Tensor { batch.targets.reshaped(Shape(batch.count, 1)) }

  /// The margin of one class against the other, as margins of two classes.
  private func margins(ofBoth prediction: Variable, _ batch: Batch, on tape: Tape) -> Variable {
    tape.concatenate(tape.constant(Tensor(repeating: 0, Shape(batch.count, 1))), prediction, axis: 1)
  }

  /// Half of the spread share goes to the other class.
  private func smoothed(_ targets: Tensor) -> Tensor {
    let share = Float(configuration.labelSmoothing)
    guard share > 0 else { return targets }
    return Tensor(targets.elements.map { $0 * (1 - share) + share / 2 }, targets.shape)
  }

  private func binaryWeights(_ batch: Batch) -> Tensor? {
    guard let classWeights else { return batch.weights }
    let ofRows = batch.weights?.elements ?? [Float](repeating: 1, count: batch.count)
    return Tensor(
      zip(ofRows, batch.targets.elements).map { $0 * classWeights[$1 > 0.5 ? 1 : 0] }, Shape(batch.count))
  }
}
