public import Tensors

extension Tape {
  /// Mean cross-entropy of softmax(logits); see `Workspace.crossEntropy`.
  public func crossEntropy(
    _ logits: Variable, labels: IndexTensor, smoothing: Double = 0, classWeights: [Float]? = nil,
    sampleWeights: Tensor? = nil
  ) -> Variable {
    loss(
      workspace.crossEntropy(
        logits.tensor, labels: labels, smoothing: smoothing, classWeights: classWeights,
        sampleWeights: sampleWeights), of: logits)
  }

  /// Focal loss of softmax(logits): cross-entropy times (1 - p)^γ of the label's probability p.
  public func focalLoss(
    _ logits: Variable, labels: IndexTensor, focus: Double = 2, classWeights: [Float]? = nil,
    sampleWeights: Tensor? = nil
  ) -> Variable {
    loss(
      workspace.crossEntropy(
        logits.tensor, labels: labels, focus: focus, classWeights: classWeights, sampleWeights: sampleWeights),
      of: logits)
  }

  /// Mean cross-entropy of σ(logits) against targets in 0…1.
  public func binaryCrossEntropy(_ logits: Variable, targets: Tensor, sampleWeights: Tensor? = nil)
    -> Variable
  {
    loss(
      workspace.binaryCrossEntropy(logits.tensor, targets: targets, sampleWeights: sampleWeights), of: logits)
  }

  /// Mean regression loss; see `RegressionLoss`.
  public func regressionLoss(
    _ predictions: Variable, targets: Tensor, _ kind: RegressionLoss, sampleWeights: Tensor? = nil
  ) -> Variable {
    loss(
      workspace.regressionLoss(predictions.tensor, targets: targets, kind, sampleWeights: sampleWeights),
      of: predictions)
  }

  /// Mean negative logarithm of a normal density; see `Workspace.gaussianLoss`.
  public func gaussianLoss(_ predictions: Variable, targets: Tensor, sampleWeights: Tensor? = nil) -> Variable
  {
    loss(
      workspace.gaussianLoss(predictions.tensor, targets: targets, sampleWeights: sampleWeights),
      of: predictions)
  }

  private func loss(_ value: LossValue, of predictions: Variable) -> Variable {
    let slopes = value.gradient
    return record(value.loss, needed: predictions.node != nil) { gradient, tape in
      let factor = gradient.scalar
      let result = factor == 1 ? slopes : tape.workspace.affine(slopes, factor: factor, offset: 0)
      tape.accumulate(result, into: predictions, isOwned: true)
    }
  }
}
