import Diagnostics

/// Which numbers stand for the categories of a column or a combination: CatBoost's description of a `ctr`.
public struct StatisticDescription: Codable, Sendable, Equatable {
  /// What is counted.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Rows whose target is above a border, of all rows of the category; a number for each border.
    case borders = "Borders"
    /// Rows whose target is in a class, of all rows of the category; a number for each class.
    case buckets = "Buckets"
    /// The mean class, as a share of the greatest.
    case mean = "BinarizedTargetMeanValue"
    /// Rows of the category, of those of the most frequent one.
    case counter = "Counter"
  }

  /// How the borders of a target that is a number are chosen.
  public enum TargetBorderType: Codable, Sendable, Hashable {
    /// The least Σ count log count.
    case minEntropy
    /// As borders of features.
    case features(ObliviousConfiguration.BorderType)
  }

  /// What is counted.
  public var kind: Kind
  /// What is added to the numerator, a number for each; 1 is added to the denominator. Defaults 0, ½ and 1, and 0 of
  /// Counter.
  public var priors: [Float]
  /// Number of equally distant borders on the number, 1 ... 255. Default 15.
  public var borderCount = 15
  /// Number of borders on the target of a regression, nil for `ctr_target_border_count`. Default nil.
  public var targetBorderCount: Int?
  /// How these are chosen. Default MinEntropy.
  public var targetBorderType: TargetBorderType = .minEntropy

  /// A kind with its defaults.
  public init(_ kind: Kind) {
    self.kind = kind
    priors = kind == .counter ? [0] : [0, 0.5, 1]
  }

  /// What CatBoost takes by itself.
  public static let defaults = [StatisticDescription(.borders), StatisticDescription(.counter)]
}

extension StatisticDescription {
  private static let keys = [
    "CtrBorderCount", "CtrBorderType", "TargetBorderCount", "TargetBorderType", "Prior", "PriorEstimation",
  ]

  /// Reads descriptions as CatBoost writes them, one or several:
  ///
  ///     Type[:CtrBorderCount=n][:CtrBorderType=Uniform][:TargetBorderCount=n][:TargetBorderType=t][:Prior=a[/1]]…
  /// - Throws: `TernError(.configuration)` for what is unknown (with the nearest known name) or out of range.
  static func list(_ key: String, _ text: String) throws(TernError) -> [StatisticDescription] {
    let items = parts(text)
    guard !items.isEmpty else {
      throw TernError(
        .configuration, "names no kind of statistic", key: key, found: text,
        expected: Kind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return try items.map { item throws(TernError) in try StatisticDescription(key, item[...]) }
  }

  /// Reads `column:description`, one or several; all descriptions of a column are used.
  static func listByColumn(_ key: String, _ text: String) throws(TernError) -> [Int: [StatisticDescription]] {
    var result: [Int: [StatisticDescription]] = [:]
    for item in parts(text) {
      let pieces = item.split(separator: ":", maxSplits: 1)
      guard pieces.count == 2, let column = Int(pieces[0]), column >= 0 else {
        throw TernError(
          .configuration, "names no column", key: key, found: item,
          expected: "a column's number: a description")
      }
      result[column, default: []].append(try StatisticDescription(key, pieces[1]))
    }
    return result
  }

  private static func parts(_ text: String) -> [String] {
    text.split(whereSeparator: { ",[]'\" ".contains($0) }).map(String.init)
  }

  private init(_ key: String, _ text: Substring) throws(TernError) {
    var pieces = text.split(separator: ":").map(String.init)[...]
    self.init(try Kind(named: pieces.popFirst() ?? "", key: key))
    var given: [Float] = []
    for piece in pieces {
      let sides = piece.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, StatisticDescription.keys.contains(sides[0]) else {
        let near = nearestName(to: sides.first ?? piece, among: StatisticDescription.keys)
        throw TernError(
          .configuration, "unknown part of a statistic" + (near.map { ", did you mean \($0)?" } ?? ""),
          key: key, found: piece, expected: StatisticDescription.keys.joined(separator: ", "))
      }
      switch sides[0] {
      case "CtrBorderCount": borderCount = try StatisticDescription.count(key, sides)
      case "TargetBorderCount": targetBorderCount = try StatisticDescription.count(key, sides)
      case "TargetBorderType": targetBorderType = try TargetBorderType(named: sides[1], key: key)
      case "Prior": given.append(try StatisticDescription.prior(key, sides[1]))
      default:
        let only = sides[0] == "CtrBorderType" ? "Uniform" : "No"
        guard sides[1] == only else {
          throw TernError(
            .configuration, "is not known", key: key, found: piece, expected: "\(sides[0])=\(only)")
        }
      }
    }
    if !given.isEmpty { priors = given }
  }

  private static func count(_ key: String, _ sides: [String]) throws(TernError) -> Int {
    guard let count = Int(sides[1]), 1...255 ~= count else {
      throw TernError(
        .configuration, "out of range", key: key, found: "\(sides[0])=\(sides[1])", expected: "1 ... 255")
    }
    return count
  }

  /// A numerator, and perhaps the denominator, which is 1.
  private static func prior(_ key: String, _ text: String) throws(TernError) -> Float {
    let sides = text.split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count <= 2, let value = Float(sides[0]), value.isFinite, abs(value) <= 1e6,
      sides.count == 1 || Float(sides[1]) == 1
    else {
      throw TernError(
        .configuration, "is no prior", key: key, found: "Prior=\(text)", expected: "a number, or a number/1")
    }
    return value
  }
}

extension StatisticDescription.TargetBorderType: CaseIterable, RawRepresentable {
  /// All there are.
  public static let allCases = [.minEntropy] + ObliviousConfiguration.BorderType.allCases.map(Self.features)

  /// CatBoost's name.
  public var rawValue: String {
    switch self {
    case .minEntropy: "MinEntropy"
    case .features(let type): type.rawValue
    }
  }

  /// The type of one of CatBoost's names.
  public init?(rawValue: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = found
  }
}
