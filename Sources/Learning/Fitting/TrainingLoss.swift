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
  var hasLabels: Bool { configuration.name.isOfClasses && outputs > 1 }

  func callAsFunction(_ prediction: Variable, _ batch: Batch, on tape: Tape) -> Variable {
    let smoothing = configuration.labelSmoothing
    switch (configuration.name, batch.labels) {
    case (.crossEntropy, let labels?):
      return tape.crossEntropy(
        prediction, labels: labels, smoothing: smoothing, classWeights: classWeights,
        sampleWeights: batch.weights)
    case (.focal, let labels?):
      return tape.focalLoss(
        prediction, labels: labels, focus: configuration.focalGamma, classWeights: classWeights,
        sampleWeights: batch.weights)
    case (.focal, nil): preconditionFailure("focal loss takes a margin for each class")
    case (.crossEntropy, nil):
      return tape.binaryCrossEntropy(
        tape.reshape(prediction, Shape(batch.count)), targets: smoothed(batch.targets),
        sampleWeights: binaryWeights(batch))
    case (.gaussian, _):
      return tape.gaussianLoss(prediction, targets: batch.targets, sampleWeights: batch.weights)
    default:
      return tape.regressionLoss(
        prediction, targets: batch.targets.reshaped(Shape(batch.count, 1)), regression,
        sampleWeights: batch.weights)
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
