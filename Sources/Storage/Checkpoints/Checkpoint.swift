import Artifacts
import Diagnostics
import Files

/// Everything needed to use a trained model or to go on training it.
///
/// The order of tensors and series means nothing: they are kept sorted by name.
public struct Checkpoint: Sendable, Equatable {
  /// The model family, such as `xgboost` or `patchtst`.
  public var model: String
  /// Weights by dotted name, sorted.
  public let weights: [NamedTensor]
  /// The optimiser's state by dotted name, sorted.
  public let optimizer: [NamedTensor]
  /// The random generators' state by dotted name, sorted.
  public let random: [NamedTensor]
  /// The resolved configuration, a JSON document.
  public var configuration: String
  /// The feature schema, a JSON document.
  public var featureSchema: String?
  /// The metrics history, sorted by split and name.
  public let metrics: [MetricSeries]
  /// Where it comes from.
  public var provenance: Provenance

  /// Gathers a checkpoint.
  public init(
    model: String, weights: [NamedTensor], configuration: String, featureSchema: String? = nil,
    metrics: [MetricSeries] = [], provenance: Provenance, optimizer: [NamedTensor] = [],
    random: [NamedTensor] = []
  ) {
    self.model = model
    self.weights = weights.sorted { precedes($0.name, $1.name) }
    self.optimizer = optimizer.sorted { precedes($0.name, $1.name) }
    self.random = random.sorted { precedes($0.name, $1.name) }
    self.configuration = configuration
    self.featureSchema = featureSchema
    self.metrics = metrics.sorted { a, b in
      a.split != b.split ? precedes(a.split, b.split) : precedes(a.name, b.name)
    }
    self.provenance = provenance
  }

  /// The weight of this name, nil when there is none.
  public func weight(_ name: String) -> NamedTensor? { weights.first { $0.name == name } }

  /// The tensors with the group of the file that each set lives in.
  var tensorGroups: [(group: String, tensors: [NamedTensor])] {
    [("weights", weights), ("optimizer", optimizer), ("random", random)]
  }

  /// Checks what the types leave open: names, and that the documents are JSON.
  /// - Throws: `TernError` of kind `data` naming the key.
  func validate() throws(TernError) {
    for (group, tensors) in tensorGroups {
      var previous: String?
      for tensor in tensors {
        try Self.check(name: tensor.name, within: group)
        guard tensor.name != previous else {
          throw TernError(.data, "a tensor's name is taken twice", key: "\(group)/\(tensor.name)")
        }
        previous = tensor.name
      }
    }
    var previous: MetricSeries?
    for series in metrics {
      try Self.check(name: series.split, within: "metrics")
      try Self.check(name: series.name, within: "metrics/\(series.split)")
      guard previous?.split != series.split || previous?.name != series.name else {
        throw TernError(.data, "a metric appears twice", key: "metrics/\(series.split)/\(series.name)")
      }
      previous = series
    }
    for (key, text) in [("configuration", configuration), ("feature_schema", featureSchema ?? "{}")] {
      do throws(TernError) {
        _ = try CanonicalJSON.decode(JSONValue.self, from: Array(text.utf8))
      } catch {
        throw TernError(.data, "is not a JSON document", key: key, found: error.message)
      }
    }
    guard !model.isEmpty, !model.utf8.contains(0) else {
      throw TernError(.data, "the model is not named", key: "model", found: model)
    }
  }

  private static func check(name: String, within group: String) throws(TernError) {
    let isForbidden =
      name.isEmpty || name == "." || name == ".." || name.utf8.contains { $0 == 47 || $0 == 0 }
    guard !isForbidden else {
      throw TernError(
        .data, "cannot be a name in a checkpoint", key: group, found: name, expected: "no slash and no NUL")
    }
  }
}

/// The order of HDF5 and of digests: by bytes, not by language.
func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
