import Diagnostics
import Glibc

/// What decides the parameters that a configuration leaves open.
struct TrainingFacts: Sendable {
  var rows: Int
  var features: Int
  var hasValidation: Bool
  /// Whether rows start from a model or from margins of their own.
  var hasStart = false
}

extension ObliviousConfiguration {
  /// Below so many iterations CatBoost takes one step of leaf estimation on few features, and no combinations.
  private static let fewIterations = 200

  /// The configuration with every open parameter decided as CatBoost decides it.
  func resolved(for facts: TrainingFacts) -> ObliviousConfiguration {
    var result = self
    let isLogistic = lossFunction == .logloss || lossFunction == .crossEntropy
    result.bootstrapType = bootstrapType ?? (lossFunction == .multiClass ? .bayesian : .mvs)
    switch result.bootstrapType {
    case .mvs: result.subsample = subsample ?? (facts.rows < 100 ? 1 : 0.8)
    case .bernoulli: result.subsample = subsample ?? 0.66
    default: break
    }
    let method = leafEstimationMethod ?? .newton
    result.leafEstimationMethod = method
    if leafEstimationIterations == nil {
      switch (lossFunction, method) {
      case (.rmse, _): result.leafEstimationIterations = 1
      case (.multiClass, .newton): result.leafEstimationIterations = 1
      case (.multiClass, .gradient): result.leafEstimationIterations = 10
      case (_, .newton): result.leafEstimationIterations = 10
      case (_, .gradient): result.leafEstimationIterations = 40
      }
      if iterations < ObliviousConfiguration.fewIterations, facts.features < 20 {
        result.leafEstimationIterations = 1
      }
    }
    result.l2LeafReg = max(l2LeafReg ?? 3, 1e-20)
    result.boostFromAverage = boostFromAverage ?? (lossFunction == .rmse && !facts.hasStart)
    result.useBestModel = facts.hasValidation && (useBestModel ?? true)
    result.maxCtrComplexity =
      maxCtrComplexity ?? (iterations < ObliviousConfiguration.fewIterations ? 1 : 4)
    if learningRate == nil {
      let isFree = leafEstimationMethod == nil && leafEstimationIterations == nil && l2LeafReg == nil
      result.learningRate =
        isFree && !(isLogistic && lossFunction != .logloss)
        ? result.automaticLearningRate(rows: facts.rows) : 0.03
    }
    return result
  }

  /// min(½, exp(A ln n + B) · exp(C (ln iterations - ln 1000))) to six digits; A, B and C were fitted by CatBoost's
  /// authors.
  private func automaticLearningRate(rows: Int) -> Double {
    let best = useBestModel == true
    let average = boostFromAverage == true
    let (a, b, c): (Double, Double, Double)
    switch lossFunction {
    case .rmse:
      switch (best, average) {
      case (true, true): (a, b, c) = (0.157, -4.062, -0.61)
      case (false, true): (a, b, c) = (0.158, -4.287, -0.813)
      case (true, false): (a, b, c) = (0.189, -4.383, -0.623)
      case (false, false): (a, b, c) = (0.178, -4.473, -0.76)
      }
    case .multiClass: (a, b, c) = best ? (0.02, -2.364, -0.382) : (0.051, -2.889, -0.845)
    default:
      switch (best, average) {
      case (true, true): (a, b, c) = (0.246, -5.127, -0.451)
      case (false, true): (a, b, c) = (0.408, -7.299, -0.928)
      case (true, false): (a, b, c) = (0.247, -5.158, -0.435)
      case (false, false): (a, b, c) = (0.427, -7.525, -0.917)
      }
    }
    let rate = exp(a * log(Double(rows)) + b) * exp(c * (log(Double(iterations)) - log(1000)))
    return (min(rate, 0.5) * 1e6).rounded() / 1e6
  }
}
