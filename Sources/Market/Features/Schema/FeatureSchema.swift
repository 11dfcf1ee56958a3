import Diagnostics
import Files
import Market

/// The ordered columns of a feature matrix, for candles of one interval.
///
/// A model is bound to its schema by ``hash``: a changed name, order, formula or parameter is a different schema.
public struct FeatureSchema: Codable, Equatable, Sendable {
  /// Version of the catalogue's semantics; grows when the value of any feature changes.
  public let version: Int
  /// Length of the base candles.
  public let interval: Interval
  /// The columns in order.
  public let features: [FeatureDefinition]

  /// Gathers the parts.
  public init(version: Int, interval: Interval, features: [FeatureDefinition]) {
    self.version = version
    self.interval = interval
    self.features = features
  }

  /// Digest of the canonical JSON of the whole schema.
  public var hash: Digest {
    // Encoding fails on non-finite numbers only, and a schema holds integers and text.
    let bytes = (try? CanonicalJSON.encode(self)) ?? []
    return Digest(of: bytes)
  }

  /// Number of columns.
  public var count: Int { features.count }

  /// Column names in order.
  public var names: [String] { features.map(\.name) }

  /// Position of a column, or nil when there is none of that name.
  public func index(of name: String) -> Int? { features.firstIndex { $0.name == name } }

  /// Number of base bars to feed before a row so that every feature has its long-history value.
  public var lookback: Int { features.map(\.lookback).max() ?? 0 }

  /// Largest number of rows after a start or a gap in which some feature can be unknown.
  public var warmUp: Int { features.map(\.warmUp).max() ?? 0 }
}
