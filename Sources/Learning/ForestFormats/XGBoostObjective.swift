import Diagnostics
import Glibc
import Trees

/// What XGBoost's objectives do with margins and with the stored base score.
struct XGBoostObjective {
  /// The maker's name.
  let name: String
  /// What makes a prediction of a margin.
  let link: Forest.Link
  /// How the margin is hidden in the file's base score.
  let base: Base

  /// The inverse of the link that the file's base score went through.
  enum Base {
    case identity
    case logit
    case log
  }

  /// Finds an objective; an unknown name, a user's own objective, leaves margins as they are.
  init(_ name: String) {
    self.name = name
    switch name {
    case "binary:logistic", "reg:logistic": (link, base) = (.logistic, .logit)
    case "binary:logitraw": (link, base) = (.identity, .logit)
    case "binary:hinge": (link, base) = (.step, .identity)
    case "multi:softmax", "multi:softprob": (link, base) = (.softmax, .identity)
    case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft":
      (link, base) = (.exponential, .log)
    default: (link, base) = (.identity, .identity)
    }
  }

  /// XGBoost's `ProbToMargin` in its own arithmetic, `Float`.
  func margin(ofStored score: Float) -> Float {
    switch base {
    case .identity: return score
    case .log: return logf(score)
    case .logit:
      let bound: Float = 1e-6
      let probability = min(max(score, bound), 1 - bound)
      return -logf(1 / probability - 1)
    }
  }

  /// The score to store for a margin, or nil if no `Float` gives exactly it back.
  func stored(forMargin margin: Float) -> Float? {
    var guess: Float
    switch base {
    case .identity: return margin
    case .log: guess = Float(exp(Double(margin)))
    case .logit: guess = Float(1 / (1 + exp(-Double(margin))))
    }
    guard guess.isFinite, guess > 0 else { return nil }
    for _ in 0..<8 { guess = guess.nextDown }
    for _ in 0..<17 {
      if self.margin(ofStored: guess) == margin { return guess }
      guess = guess.nextUp
    }
    return nil
  }

  /// The objective that a forest is written with: its own one if XGBoost has it, else the plainest one of its link.
  static func forWriting(_ model: ForeignForest) throws(TernError) -> XGBoostObjective {
    let link = model.forest.header.link
    let own = XGBoostObjective(model.objective)
    if parameters[model.objective] != nil, own.link == link { return own }
    switch link {
    case .identity: return XGBoostObjective("reg:squarederror")
    case .logistic where model.forest.header.linkScale == 1: return XGBoostObjective("binary:logistic")
    case .softmax: return XGBoostObjective("multi:softprob")
    case .exponential: return XGBoostObjective("count:poisson")
    case .step: return XGBoostObjective("binary:hinge")
    default:
      throw TernError(
        .data, "XGBoost has no objective with this link", key: "link",
        found: "\(link.rawValue) with factor \(model.forest.header.linkScale)",
        expected: "identity, logistic with factor 1, softmax, exponential or step")
    }
  }

  /// The parameter object that goes with each objective that is written, with XGBoost's defaults.
  private static let parameters: [String: (key: String, members: [(String, String)])] = [
    "reg:squarederror": ("reg_loss_param", [("scale_pos_weight", "1")]),
    "binary:logistic": ("reg_loss_param", [("scale_pos_weight", "1")]),
    "binary:logitraw": ("reg_loss_param", [("scale_pos_weight", "1")]),
    "reg:logistic": ("reg_loss_param", [("scale_pos_weight", "1")]),
    "binary:hinge": ("", []),
    "count:poisson": ("poisson_regression_param", [("max_delta_step", "0.699999988")]),
    "reg:gamma": ("reg_loss_param", [("scale_pos_weight", "1")]),
    "reg:tweedie": ("tweedie_regression_param", [("tweedie_variance_power", "1.5")]),
    "multi:softprob": ("softmax_multiclass_param", []),
    "multi:softmax": ("softmax_multiclass_param", []),
  ]

  /// The `objective` object of a file.
  func document(outputs: Int) -> FormatOutput {
    var members: [(key: String, value: FormatOutput)] = [("name", .text(name))]
    if let (key, values) = XGBoostObjective.parameters[name], !key.isEmpty {
      let texts = key == "softmax_multiclass_param" ? [("num_class", "\(outputs)")] : values
      members.append((key, .object(texts.map { (key: $0, value: .text($1)) })))
    }
    return .object(members)
  }
}
