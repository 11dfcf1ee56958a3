/// What a model of a table is asked for.
public enum Task: String, Codable, CaseIterable, Sendable {
  /// One of two classes; the model gives the probability of the second in sorted order.
  case binary
  /// One of several classes; the model gives one probability per class.
  case multiclass
  /// A number.
  case regression
  /// A score that orders the rows of a query.
  case ranking

  /// Whether the target is one of several classes.
  public var hasClasses: Bool { self == .binary || self == .multiclass }
}
