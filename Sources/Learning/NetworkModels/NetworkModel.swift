import Compute
import Diagnostics
import Layers
import Networks
import Preprocessing
import Tensors

/// A trained network with everything that turns a table's cells into predictions: a value that threads may share.
public struct NetworkModel: Sendable, Equatable {
  /// What becomes of the network's outputs.
  public enum Link: String, Codable, Sendable, CaseIterable {
    /// The number, scaled back to the target's units.
    case identity
    /// `1 / (1 + e^-margin)` of the only margin: the probability of the second class.
    case logistic
    /// `e^margin / Σ e^margin` of the margins of all classes.
    case softmax
    /// The first of two margins, the mean of a normal density, scaled back to the target's units; the other one is the
    /// logarithm of its variance.
    case gaussian
  }

  /// Everything that is not a tensor.
  public struct Header: Codable, Sendable, Equatable {
    /// The network and its shape.
    public var architecture: NetworkArchitecture
    /// Names of the input columns in order.
    public var featureNames: [String]
    /// How cells become what the network reads.
    public var preparation: TablePreparation
    /// How the target was scaled.
    public var target: TargetScaling
    /// Margins that the network gives for a row.
    public var outputs: Int
    /// What becomes of them.
    public var link: Link

    enum CodingKeys: String, CodingKey {
      case architecture, preparation, target, outputs, link
      case featureNames = "feature_names"
    }

    /// Gathers the parts.
    public init(
      architecture: NetworkArchitecture, featureNames: [String], preparation: TablePreparation,
      target: TargetScaling, outputs: Int, link: Link
    ) {
      self.architecture = architecture
      self.featureNames = featureNames
      self.preparation = preparation
      self.target = target
      self.outputs = outputs
      self.link = link
    }

    /// The columns that the network takes.
    public var inputs: TabularInputs {
      TabularInputs(numeric: preparation.numericWidth, cardinalities: preparation.cardinalities)
    }
  }

  /// Everything that is not a tensor.
  public let header: Header
  /// All parameters of the network, statistics included, in its order.
  public private(set) var weights: [ParameterValues]

  /// Puts a model together and checks that the parts belong together.
  /// - Throws: `TernError` of kind `data` naming what does not fit.
  public init(header: Header, weights: [ParameterValues]) throws(TernError) {
    guard header.preparation.columns.count == header.featureNames.count else {
      throw TernError(
        .data, "the preparation is of other columns", key: "preparation",
        found: "\(header.preparation.columns.count)", expected: "\(header.featureNames.count)")
    }
    guard header.preparation.isComplete else {
      throw TernError(.data, "the quantiles of the preparation are missing", key: "preparation")
    }
    guard header.link.fits(margins: header.outputs) else {
      throw TernError(
        .data, "the link does not fit the outputs", key: "link",
        found: "\(header.link.rawValue) of \(header.outputs)")
    }
    for weight in weights {
      guard weight.values.allSatisfy(\.isFinite) else {
        throw TernError(.data, "holds what is not a finite number", key: weight.name)
      }
      guard let shape = Shape(weight.shape), shape.count == weight.values.count else {
        throw TernError(
          .data, "the values do not fit the shape", key: weight.name, found: "\(weight.values.count)",
          expected: "\(weight.shape)")
      }
    }
    self.header = header
    self.weights = weights
    // Names and shapes are the network's own, and so is the order, whatever a file's was.
    self.weights = try network().parameters.values
  }

  /// The network itself, in memory of its own.
  /// - Throws: `TernError` of kind `data` when a weight is missing, superfluous or of another shape.
  public func network() throws(TernError) -> any TabularNetwork {
    var places: [String: Int] = [:]
    for (place, weight) in weights.enumerated() {
      guard places.updateValue(place, forKey: weight.name) == nil else {
        throw TernError(.data, "a tensor's name is taken twice", key: weight.name)
      }
    }
    let source = StoredSource(stored: weights.map { ($0.name, $0.shape) }) {
      (name, tensor) throws(TernError) in
      guard let place = places[name] else { throw TernError(.data, "is missing", key: name) }
      weights[place].values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        tensor.pointer.update(from: base, count: values.count)
      }
    }
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: header.outputs, ParameterScope(source, into: Parameters()))
    try source.requireAllUsed()
    return network
  }

  /// Predictions per row: one for each class of a softmax, else one.
  public var outputs: Int { header.predictions }

  /// Predicts every row of columns: probabilities, or numbers in the target's units.
  ///
  /// - Parameter columns: cells as a model's signature gives them. Shape: (feature, row).
  /// - Returns: row-major `(row, output)`.
  /// - Throws: `TernError` of kind `data` for another number of columns.
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    let predictor = try NetworkPredictor(self, pool: pool)
    return try predictor.predict(columns: columns)
  }
}
