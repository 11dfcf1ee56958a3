extension Forest {
  /// How often, how strongly and over how much weight a feature splits.
  public struct Importance: Sendable, Equatable, Codable {
    /// The feature's name.
    public var feature: String
    /// Number of splits on it.
    public var splits: Int
    /// Sum of the loss reductions of those splits.
    public var gain: Double
    /// Sum of the hessians of the nodes that it splits.
    public var cover: Double
  }

  /// The raw features behind a tested one: itself, or those of a statistic's combination.
  public func rawFeatures(of feature: Int) -> [Int] {
    guard feature >= features, let statistics = nodeArrays.statistics else { return [feature] }
    let sources = statistics.tables[statistics.columns[feature - features].table].elements.map { element in
      switch element {
      case .category(let feature), .greater(let feature, _), .equals(let feature, _): feature
      }
    }
    return Set(sources).sorted()
  }

  /// Importance of every feature, in column order.
  public func importances() -> [Importance] {
    var result = header.featureNames.map { Importance(feature: $0, splits: 0, gain: 0, cover: 0) }
    for node in 0..<nodes where splitFeature[node] >= 0 {
      // A test of a derived number is one of every feature that the number comes from; they share its gain.
      let sources = rawFeatures(of: Int(splitFeature[node]))
      for feature in sources {
        result[feature].splits += 1
        result[feature].gain += Double(gain[node]) / Double(sources.count)
        result[feature].cover += Double(cover[node]) / Double(sources.count)
      }
    }
    return result
  }
}
