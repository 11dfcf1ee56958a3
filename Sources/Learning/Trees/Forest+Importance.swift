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

  /// Importance of every feature, in column order.
  public func importances() -> [Importance] {
    var result = header.featureNames.map { Importance(feature: $0, splits: 0, gain: 0, cover: 0) }
    for node in 0..<nodes where splitFeature[node] >= 0 {
      let feature = Int(splitFeature[node])
      result[feature].splits += 1
      result[feature].gain += Double(gain[node])
      result[feature].cover += Double(cover[node])
    }
    return result
  }
}
