import Diagnostics

/// Which source column feeds which Tern column, written `open_time=ts,open=o,close=c`.
public struct ColumnMapping: Codable, Equatable, Sendable {
  /// Pairs of Tern column and source column, in the order given.
  public struct Pair: Codable, Equatable, Sendable {
    /// The Tern column, such as `open_time`.
    public var column: String
    /// The name in the file's header.
    public var source: String
  }

  /// The pairs.
  public private(set) var pairs: [Pair] = []

  /// The empty mapping: the known layouts apply.
  public init() {}

  /// The Tern columns that a mapping may name.
  public static let columns = [
    "open_time", "open", "high", "low", "close", "volume", "close_time", "count", "taker_buy_volume",
    "funding_time", "funding_rate", "time", "price", "bid_price", "bid_quantity", "ask_price", "ask_quantity",
  ]

  /// Reads the written form.
  /// - Throws: `TernError` of kind `usage` for an unknown or repeated column or a missing `=`.
  public init(_ text: String) throws(TernError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw TernError(
          .usage, "is not a column mapping", found: "\"\(part)\"",
          expected: "column=source, such as open_time=ts")
      }
      let column = String(sides[0])
      guard ColumnMapping.columns.contains(column) else {
        let near = nearestName(to: column, among: ColumnMapping.columns)
        throw TernError(
          .usage, "is not a column that can be mapped" + (near.map { "; did you mean \"\($0)\"?" } ?? ""),
          key: column,
          expected: "one of \(ColumnMapping.columns.joined(separator: ", "))")
      }
      guard source(of: column) == nil else { throw TernError(.usage, "is mapped twice", key: column) }
      pairs.append(Pair(column: column, source: String(sides[1])))
    }
  }

  /// Whether no column is mapped.
  public var isEmpty: Bool { pairs.isEmpty }

  /// The source of a Tern column.
  public func source(of column: String) -> String? { pairs.first { $0.column == column }?.source }
}
