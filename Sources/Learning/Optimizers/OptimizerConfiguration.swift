import Diagnostics

/// The update rule and its numbers, named as in the field.
public struct OptimizerConfiguration: Codable, Sendable, Equatable {
  /// The update rules.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
    case adamw
    /// Adam (Kingma & Ba 2015); weight decay is added to the gradient.
    case adam
    /// Stochastic gradient descent, with momentum where that is not zero.
    case sgd
    /// Evolved sign momentum (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023).
    case lion
  }

  /// The update rule. Default adamw.
  public var name: Rule
  /// Learning rate, before any schedule. Default 1e-3, of lion 1e-4.
  public var lr: Double
  /// Decay rates of the first and the second moment; of lion those of the update and of the momentum. Default 0.9 and 0.999,
  /// of lion 0.9 and 0.99.
  public var betas: [Double]
  /// Added to the square root of the second moment. Default 1e-8.
  public var eps: Double
  /// Weight decay: decoupled (adamw, lion: w ← (1 - lr · decay) w) or added to the gradient (adam, sgd: g + decay · w).
  /// Default 0.01 for adamw, else 0.
  public var weightDecay: Double
  /// Momentum of sgd. Default 0.
  public var momentum: Double
  /// Whether sgd looks ahead along its momentum (Nesterov). Default false.
  public var nesterov: Bool

  /// The defaults of a rule.
  public init(_ name: Rule = .adamw) {
    self.name = name
    lr = name == .lion ? 1e-4 : 1e-3
    betas = name == .lion ? [0.9, 0.99] : [0.9, 0.999]
    eps = 1e-8
    weightDecay = name == .adamw ? 0.01 : 0
    momentum = 0
    nesterov = false
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, lr, betas, eps
    case weightDecay = "weight_decay"
    case momentum, nesterov
  }

  /// Reads a configuration; keys that are absent take the rule's defaults.
  /// - Throws: `TernError` of kind `configuration` for a key that the rule does not know and a value out of range.
  public init(from decoder: any Decoder) throws {
    try self.init(from: decoder, over: OptimizerConfiguration())
  }

  /// Reads a configuration over the defaults of a network, which are those of another rule no more.
  /// - Throws: `TernError` of kind `configuration` for a key that the rule does not know and a value out of range.
  public init(from decoder: any Decoder, over defaults: OptimizerConfiguration) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let rule = try values.decodeIfPresent(Rule.self, forKey: .name) ?? defaults.name
    self = rule == defaults.name ? defaults : OptimizerConfiguration(rule)
    try decoder.rejectUnknownKeys(OptimizerConfiguration.keys(of: name).map(\.rawValue))
    lr = try values.decodeIfPresent(Double.self, forKey: .lr) ?? lr
    betas = try values.decodeIfPresent([Double].self, forKey: .betas) ?? betas
    eps = try values.decodeIfPresent(Double.self, forKey: .eps) ?? eps
    weightDecay = try values.decodeIfPresent(Double.self, forKey: .weightDecay) ?? weightDecay
    momentum = try values.decodeIfPresent(Double.self, forKey: .momentum) ?? momentum
    nesterov = try values.decodeIfPresent(Bool.self, forKey: .nesterov) ?? nesterov
    try validate(prefix: decoder.codingPath.map(\.stringValue))
  }

  /// Writes the keys that the rule knows.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    for key in OptimizerConfiguration.keys(of: name) {
      switch key {
      case .name: try values.encode(name, forKey: key)
      case .lr: try values.encode(lr, forKey: key)
      case .betas: try values.encode(betas, forKey: key)
      case .eps: try values.encode(eps, forKey: key)
      case .weightDecay: try values.encode(weightDecay, forKey: key)
      case .momentum: try values.encode(momentum, forKey: key)
      case .nesterov: try values.encode(nesterov, forKey: key)
      }
    }
  }

  static func keys(of rule: Rule) -> [CodingKeys] {
    switch rule {
    case .adamw, .adam: [.name, .lr, .betas, .eps, .weightDecay]
    case .sgd: [.name, .lr, .momentum, .weightDecay, .nesterov]
    case .lion: [.name, .lr, .betas, .weightDecay]
    }
  }

  /// Holds every number against its range.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(prefix: [String] = []) throws(TernError) {
    func check(_ holds: Bool, _ key: CodingKeys, _ found: String, _ expected: String) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .configuration, "is out of range", key: (prefix + [key.rawValue]).joined(separator: "."),
        found: found,
        expected: expected)
    }
    try check(lr.isFinite && lr >= 0, .lr, "\(lr)", "a number of at least 0")
    try check(
      betas.count == 2 && betas.allSatisfy { $0 >= 0 && $0 < 1 }, .betas, "\(betas)", "two numbers in [0, 1)")
    try check(eps.isFinite && eps > 0, .eps, "\(eps)", "a number above 0")
    try check(
      weightDecay.isFinite && weightDecay >= 0, .weightDecay, "\(weightDecay)", "a number of at least 0")
    try check(momentum >= 0 && momentum < 1, .momentum, "\(momentum)", "a number in [0, 1)")
    try check(!nesterov || momentum > 0, .nesterov, "true without momentum", "a momentum above 0")
  }
}
