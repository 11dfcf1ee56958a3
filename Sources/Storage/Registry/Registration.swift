import Artifacts
import Files

/// What an entry of the registry is.
public enum EntryKind: String, Codable, Sendable, CaseIterable {
  /// One trained model.
  case model
  /// Exact versions of all layers that are served together.
  case stack
}

/// A span of time, `start` included and `end` excluded, in milliseconds since the epoch.
public struct TimeSpan: Codable, Sendable, Equatable {
  /// The first millisecond.
  public var start: Int64
  /// The first millisecond after the span.
  public var end: Int64

  /// Describes a span.
  public init(start: Int64, end: Int64) {
    self.start = start
    self.end = end
  }

  /// Whether two spans share a millisecond.
  public func overlaps(_ other: TimeSpan) -> Bool { start < other.end && other.start < end }
}

/// A metric of a version.
public struct Metric: Codable, Sendable, Equatable {
  /// The rows it is taken over: `train`, `valid`, `test`, `walk-forward`.
  public var split: String
  /// Its name, such as `logloss`.
  public var name: String
  /// Its value.
  public var value: Double

  /// Describes a metric.
  public init(split: String, name: String, value: Double) {
    self.split = split
    self.name = name
    self.value = value
  }
}

/// A bound that a metric must keep before the version may be promoted.
public struct MetricGate: Codable, Sendable, Equatable {
  /// The rows it is taken over.
  public var split: String
  /// The metric's name.
  public var name: String
  /// The least value allowed, nil for none.
  public var atLeast: Double?
  /// The greatest value allowed, nil for none.
  public var atMost: Double?

  /// Describes a gate.
  public init(split: String, name: String, atLeast: Double? = nil, atMost: Double? = nil) {
    self.split = split
    self.name = name
    self.atLeast = atLeast
    self.atMost = atMost
  }
}

/// How a version was judged.
public struct EvaluationRecord: Codable, Sendable, Equatable {
  /// How rows were kept from training.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// The model itself was judged on a span that its training did not touch.
    case holdout
    /// Refits of the same configuration were each judged on the span after their training.
    case walkForward = "walk-forward"
  }

  /// Whether the rows were unseen in training, with purge and embargo kept.
  public var unseen: Bool
  /// How.
  public var method: Method
  /// The span judged.
  public var span: TimeSpan?
  /// The digest of the dataset judged on.
  public var dataset: Digest
  /// The verdict.
  public var passed: Bool
  /// Why it did not pass, or remarks.
  public var reasons: [String]

  /// Describes an evaluation.
  public init(
    unseen: Bool, method: Method, span: TimeSpan? = nil, dataset: Digest, passed: Bool, reasons: [String] = []
  ) {
    self.unseen = unseen
    self.method = method
    self.span = span
    self.dataset = dataset
    self.passed = passed
    self.reasons = reasons
  }
}

/// What to register. Equal content gives an equal manifest, hence the same version.
public struct Registration: Sendable {
  /// Where a file's bytes come from.
  public enum Source: Sendable, Equatable {
    /// A file, which is copied.
    case path(String)
    /// Bytes in memory.
    case bytes([UInt8])
  }

  /// The entry's name.
  public var name: String
  /// What the entry is.
  public var kind: EntryKind
  /// The files by role, such as `weights` or `calibration`.
  public var files: [String: Source]
  /// The digest of the feature schema.
  public var featureSchema: Digest?
  /// The resolved configuration.
  public var configuration: JSONValue?
  /// The digest of the training data.
  public var dataset: Digest?
  /// The revision of the code.
  public var codeRevision: String?
  /// The span of the training data.
  public var trainingSpan: TimeSpan?
  /// Registered versions this one builds on, by role: the layers of a stack, or what a model was fitted upon.
  public var parents: [String: String]
  /// The metrics.
  public var metrics: [Metric]
  /// The judgement, without which no promotion is possible.
  public var evaluation: EvaluationRecord?
  /// Bounds on metrics that promotion enforces.
  public var gates: [MetricGate]
  /// Tags; unlike all else they can change later and are no part of the digest.
  public var tags: [String]

  /// Gathers a registration; `parents` maps roles to references such as `regime@3`.
  public init(
    name: String, kind: EntryKind, files: [String: Source], featureSchema: Digest? = nil,
    configuration: JSONValue? = nil, dataset: Digest? = nil, codeRevision: String? = nil,
    trainingSpan: TimeSpan? = nil, parents: [String: String] = [:], metrics: [Metric] = [],
    evaluation: EvaluationRecord? = nil, gates: [MetricGate] = [], tags: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.files = files
    self.featureSchema = featureSchema
    self.configuration = configuration
    self.dataset = dataset
    self.codeRevision = codeRevision
    self.trainingSpan = trainingSpan
    self.parents = parents
    self.metrics = metrics
    self.evaluation = evaluation
    self.gates = gates
    self.tags = tags
  }
}
