extension Forest {
  /// What makes a probability or a prediction of a margin.
  public enum Link: String, Codable, Sendable {
    /// The margin is the prediction.
    case identity
    /// 1 / (1 + exp(-s · margin)) for each output, s being `Header.linkScale`.
    case logistic
    /// exp(margin_k) / Σ exp(margin_j).
    case softmax
    /// exp(margin): Poisson, gamma, Tweedie, Cox.
    case exponential
    /// sign(margin) · margin²: LightGBM's `regression sqrt`.
    case signedSquare
    /// log(1 + exp(margin)): LightGBM's `cross_entropy_lambda`.
    case softplus
    /// 1 where the margin is positive, else 0: XGBoost's `binary:hinge`.
    case step
  }

  /// The arithmetic of leaf values and margins.
  public enum Precision: String, Codable, Sendable {
    /// `Float`, as XGBoost.
    case float
    /// `Double`, as LightGBM and CatBoost.
    case double
  }

  /// Everything of a forest that is not an array of its nodes.
  public struct Header: Sendable, Equatable {
    /// The layout that this code writes; it reads 1 as well.
    public static let currentVersion = 2

    /// Layout version of the arrays: 1 for plain forests only, or 2.
    public var version: Int
    /// The transformation of margins.
    public var link: Link
    /// Number of margins per row: the number of classes for softmax, else mostly 1.
    public var outputs: Int
    /// One name per feature, in column order.
    public var featureNames: [String]
    /// Margin of each output before the first tree.
    public var baseScores: [Float]
    /// The arithmetic of leaf values and margins.
    public var precision: Precision = .float
    /// What is added to `baseScores` where `Float` does not hold the base exactly, or empty: (outputs).
    public var biases: [Double] = []
    /// Factor of the sum of leaf values; other than 1 only in `Double`.
    public var scale: Double = 1
    /// Whether the sum of leaf values is divided by the number of rounds; only in `Double`.
    public var averages = false
    /// Factor of the margin inside the logistic link.
    public var linkScale: Double = 1

    /// Creates a header.
    public init(
      link: Link, outputs: Int, featureNames: [String], baseScores: [Float],
      version: Int = Header.currentVersion
    ) {
      self.version = version
      self.link = link
      self.outputs = outputs
      self.featureNames = featureNames
      self.baseScores = baseScores
    }

    /// Margins before the first tree, as exactly as they are known: (outputs).
    public var baseMargins: [Double] {
      baseScores.indices.map { Double(baseScores[$0]) + (biases.isEmpty ? 0 : biases[$0]) }
    }

    /// Whether sums are those of a plain forest.
    var isPlain: Bool { precision == .float }

    /// Whether version 1 knew everything that is in here.
    var isVersion1: Bool {
      switch link {
      case .identity, .logistic: precision == .float && linkScale == 1 && outputs == 1
      case .softmax: precision == .float && linkScale == 1
      default: false
      }
    }
  }
}

extension Forest.Header: Codable {
  private enum CodingKeys: String, CodingKey {
    case version, link, outputs, featureNames, baseScores, precision, biases, scale, averages, linkScale
  }

  /// Reads a header of either version.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      link: try container.decode(Forest.Link.self, forKey: .link),
      outputs: try container.decode(Int.self, forKey: .outputs),
      featureNames: try container.decode([String].self, forKey: .featureNames),
      baseScores: try container.decode([Float].self, forKey: .baseScores),
      version: try container.decode(Int.self, forKey: .version))
    precision = try container.decodeIfPresent(Forest.Precision.self, forKey: .precision) ?? .float
    biases = try container.decodeIfPresent([Double].self, forKey: .biases) ?? []
    scale = try container.decodeIfPresent(Double.self, forKey: .scale) ?? 1
    averages = try container.decodeIfPresent(Bool.self, forKey: .averages) ?? false
    linkScale = try container.decodeIfPresent(Double.self, forKey: .linkScale) ?? 1
  }

  /// Writes what differs from the defaults of a plain forest, and everything that version 1 has.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(link, forKey: .link)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(featureNames, forKey: .featureNames)
    try container.encode(baseScores, forKey: .baseScores)
    if precision != .float { try container.encode(precision, forKey: .precision) }
    if !biases.isEmpty { try container.encode(biases, forKey: .biases) }
    if scale != 1 { try container.encode(scale, forKey: .scale) }
    if averages { try container.encode(averages, forKey: .averages) }
    if linkScale != 1 { try container.encode(linkScale, forKey: .linkScale) }
  }
}
