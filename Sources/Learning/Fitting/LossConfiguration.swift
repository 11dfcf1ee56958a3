import Diagnostics

/// What training makes small, named as in the field.
public struct LossConfiguration: Codable, Sendable, Equatable {
  /// The losses.
  public enum Name: String, Codable, Sendable, CaseIterable {
    /// Of the softmax of several margins, or of the logistic function of one.
    case crossEntropy = "cross-entropy"
    /// Cross-entropy that looks away from what is certain already (Lin et al., "Focal Loss", 2017).
    case focal
    /// Mean squared error.
    case mse
    /// Mean absolute error.
    case mae
    /// Squared near the target, absolute far from it (Huber, 1964).
    case huber
    /// The pinball loss of a quantile (Koenker and Bassett, 1978).
    case quantile
    /// The negative logarithm of a normal density whose mean and log-variance the network gives.
    case gaussian

    /// Whether the targets are classes.
    public var isOfClasses: Bool { self == .crossEntropy || self == .focal }
  }

  /// The loss.
  public var name: Name
  /// Share of the label that is spread over all classes, in [0, 1); of cross-entropy. Default 0.
  public var labelSmoothing = 0.0
  /// How far focal looks away from certain rows, γ. Default 2.
  public var focalGamma = 2.0
  /// Distance at which huber becomes absolute. Default 1.
  public var delta = 1.0
  /// The level of quantile, in (0, 1). Default 0.5.
  public var quantile = 0.5

  /// The defaults of a loss.
  public init(_ name: Name) { self.name = name }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name
    case labelSmoothing = "label_smoothing"
    case focalGamma = "focal_gamma"
    case delta, quantile
  }

  /// Reads a loss; keys that are absent take the defaults.
  /// - Throws: `TernError` of kind `configuration` for a key that the loss does not know and a value out of range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try values.decode(Name.self, forKey: .name))
    try decoder.rejectUnknownKeys(LossConfiguration.keys(of: name).map(\.rawValue))
    labelSmoothing = try values.decodeIfPresent(Double.self, forKey: .labelSmoothing) ?? labelSmoothing
    focalGamma = try values.decodeIfPresent(Double.self, forKey: .focalGamma) ?? focalGamma
    delta = try values.decodeIfPresent(Double.self, forKey: .delta) ?? delta
    quantile = try values.decodeIfPresent(Double.self, forKey: .quantile) ?? quantile
    try validate(prefix: decoder.codingPath.map(\.stringValue))
  }

  /// Writes the keys that the loss knows.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    for key in LossConfiguration.keys(of: name) {
      switch key {
      case .name: try values.encode(name, forKey: key)
      case .labelSmoothing: try values.encode(labelSmoothing, forKey: key)
      case .focalGamma: try values.encode(focalGamma, forKey: key)
      case .delta: try values.encode(delta, forKey: key)
      case .quantile: try values.encode(quantile, forKey: key)
      }
    }
  }

  static func keys(of loss: Name) -> [CodingKeys] {
    switch loss {
    case .crossEntropy: [.name, .labelSmoothing]
    case .focal: [.name, .focalGamma]
    case .huber: [.name, .delta]
    case .quantile: [.name, .quantile]
    case .mse, .mae, .gaussian: [.name]
    }
  }

  /// Holds every number against its range.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(prefix: [String] = []) throws(TernError) {
    func check(_ holds: Bool, _ key: CodingKeys, _ found: Double, _ expected: String) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .configuration, "is out of range", key: (prefix + [key.rawValue]).joined(separator: "."),
        found: "\(found)", expected: expected)
    }
    try check(
      labelSmoothing >= 0 && labelSmoothing < 1, .labelSmoothing, labelSmoothing, "a number in [0, 1)")
    try check(focalGamma.isFinite && focalGamma >= 0, .focalGamma, focalGamma, "a number of at least 0")
    try check(delta.isFinite && delta > 0, .delta, delta, "a number above 0")
    try check(quantile > 0 && quantile < 1, .quantile, quantile, "a number in (0, 1)")
  }
}
