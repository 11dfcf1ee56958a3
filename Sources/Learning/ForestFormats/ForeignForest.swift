import Trees

/// A forest with what another program's file says besides its trees.
public struct ForeignForest: Sendable {
  /// The trees.
  public var forest: Forest
  /// The objective by the maker's own name, `binary:logistic` or `regression`; empty where the file has none.
  public var objective: String
  /// For each feature the names of its categories by code, or nil for a numeric one and where the file has no names.
  public var categories: [[String]?]
  /// Names of the classes in the order of the outputs, or empty where the file has none.
  public var classes: [String]

  /// Gathers the parts; without `categories` no feature has names.
  public init(forest: Forest, objective: String = "", categories: [[String]?] = [], classes: [String] = []) {
    self.forest = forest
    self.objective = objective
    self.categories =
      categories.count == forest.features ? categories : [[String]?](repeating: nil, count: forest.features)
    self.classes = classes
  }
}
