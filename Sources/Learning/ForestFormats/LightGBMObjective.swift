import Diagnostics
import Trees

/// The `objective=` line of a LightGBM model.
enum LightGBMObjective {
  /// The link of an objective, and the factor inside the logistic one.
  static func link(of text: String) -> (link: Forest.Link, scale: Double) {
    let words = text.split(separator: " ")
    func number(_ key: String) -> Double? {
      words.first { $0.hasPrefix(key + ":") }.flatMap { Double($0.dropFirst(key.count + 1)) }
    }
    let sigmoid = number("sigmoid") ?? 1
    switch words.first ?? "" {
    case "binary", "multiclassova": return (.logistic, sigmoid)
    case "cross_entropy": return (.logistic, 1)
    case "cross_entropy_lambda": return (.softplus, 1)
    case "multiclass": return (.softmax, 1)
    case "poisson", "gamma", "tweedie": return (.exponential, 1)
    default: return (words.dropFirst().contains("sqrt") ? .signedSquare : .identity, 1)
    }
  }

  /// The line for a forest: its own one if that has the forest's link, else the plainest objective of that link.
  static func text(for model: ForeignForest) throws(TernError) -> String {
    let header = model.forest.header
    let own = link(of: model.objective)
    let known = [
      "regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie",
      "binary",
      "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda", "lambdarank", "rank_xendcg",
    ]
    if known.contains(where: { model.objective.split(separator: " ").first ?? "" == $0 }),
      own.link == header.link, own.scale == header.linkScale
    {
      return model.objective
    }
    switch header.link {
    case .identity: return "regression"
    case .signedSquare: return "regression sqrt"
    case .logistic where header.outputs > 1:
      return "multiclassova num_class:\(header.outputs) sigmoid:\(short(header.linkScale))"
    case .logistic: return "binary sigmoid:\(short(header.linkScale))"
    case .softmax: return "multiclass num_class:\(header.outputs)"
    case .exponential: return "poisson"
    case .softplus: return "cross_entropy_lambda"
    case .step:
      throw TernError(
        .data, "LightGBM has no objective with this link", key: "link", found: header.link.rawValue,
        expected: "identity, signedSquare, logistic, softmax, exponential or softplus")
    }
  }

  private static func short(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
