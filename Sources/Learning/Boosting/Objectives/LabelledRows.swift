/// What an objective or a metric knows of the rows besides predictions.
public struct LabelledRows: Sendable {
  /// (rows); number, 0 or 1, class number, or relevance grade.
  public let labels: [Float]
  /// (rows) of sample weights; nil weighs every row 1.
  public let weights: [Float]?
  /// The queries of a ranking task.
  public let queries: QueryGroups?

  /// Number of rows.
  public var count: Int { labels.count }

  /// Gathers labels with their weights and queries.
  public init(labels: [Float], weights: [Float]? = nil, queries: QueryGroups? = nil) {
    self.labels = labels
    self.weights = weights
    self.queries = queries
  }

  /// The weight of a row.
  @inline(__always)
  func weight(_ row: Int) -> Double { weights.map { Double($0[row]) } ?? 1 }
}

/// The rows of each query of a ranking task, every row in one query at most.
public struct QueryGroups: Sendable, Equatable {
  /// First entry of each query in `rows` and, last, their number: (queries + 1).
  public let offsets: [Int]
  /// Row numbers, query after query.
  public let rows: [Int32]

  /// Number of queries.
  public var count: Int { offsets.count - 1 }

  /// Groups rows by the query number beside each; the rows of a query stay in their order.
  ///
  /// - Parameters:
  ///   - queries: query number of each row; equal numbers lie together.
  ///   - selection: increasing row numbers to keep; nil keeps all.
  public init(queries: [Int32], selection: [Int32]? = nil) {
    var offsets: [Int] = []
    let rows = selection ?? (0..<Int32(queries.count)).map { $0 }
    for (place, row) in rows.enumerated()
    where place == 0 || queries[Int(row)] != queries[Int(rows[place - 1])] {
      offsets.append(place)
    }
    self.offsets = offsets + [rows.count]
    self.rows = rows
  }

  /// Query numbers of consecutive groups of the given sizes.
  public static func numbers(sizes: [Int]) -> [Int32] {
    sizes.enumerated().flatMap { [Int32](repeating: Int32($0.offset), count: $0.element) }
  }
}
