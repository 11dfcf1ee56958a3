import Diagnostics

/// A column in a model's file: `kind` and `transform` with the numbers that they need. Of quantiles it says only how many
/// there are: the numbers themselves are a tensor, `TablePreparation.quantiles`.
///
///     {"kind": "numeric", "transform": "linear", "center": 3.1, "scale": 0.2, "fill": 0, "indicator": false}
///     {"kind": "numeric", "transform": "quantile", "quantiles": 1000, "fill": 0.1, "indicator": true}
///     {"kind": "categorical", "rows": [0, 1, 3], "cardinality": 4}
extension PreparedColumn: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case kind, transform, center, scale, quantiles, fill, indicator, rows, cardinality
  }

  private enum Kind: String, Codable { case numeric, categorical }
  private enum Transform: String, Codable { case identity, linear, quantile }

  /// Reads a column.
  /// - Throws: `TernError` of kind `data` for numbers that no fit can have made.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(Key.self)
    let values = try decoder.container(keyedBy: Key.self)
    let path = decoder.codingPath.map(\.stringValue)
    func check(_ holds: Bool, _ key: Key, _ expected: String) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .data, "the stored preparation is damaged", key: (path + [key.rawValue]).joined(separator: "."),
        expected: expected)
    }
    switch try values.decode(Kind.self, forKey: .kind) {
    case .numeric:
      let transform: NumericTransform
      switch try values.decode(Transform.self, forKey: .transform) {
      case .identity: transform = .identity
      case .linear:
        let center = try values.decode(Double.self, forKey: .center)
        let scale = try values.decode(Double.self, forKey: .scale)
        try check(center.isFinite, .center, "a finite number")
        try check(scale.isFinite && scale > 0, .scale, "a number above 0")
        transform = .linear(center: center, scale: scale)
      case .quantile:
        let count = try values.decode(Int.self, forKey: .quantiles)
        try check((1...Int(Int32.max)).contains(count), .quantiles, "a number of at least 1")
        transform = .quantile(QuantileTable(awaiting: count))
      }
      let fill = try values.decode(Float.self, forKey: .fill)
      try check(fill.isFinite, .fill, "a finite number")
      self = .numeric(
        PreparedNumber(
          transform: transform, fill: fill, hasIndicator: try values.decode(Bool.self, forKey: .indicator)))
    case .categorical:
      let rows = try values.decode([Int32].self, forKey: .rows)
      let cardinality = try values.decode(Int.self, forKey: .cardinality)
      try check((2...Int(Int32.max)).contains(cardinality), .cardinality, "at least 2")
      try check(
        rows.allSatisfy { $0 >= 0 && Int($0) < cardinality }, .rows, "numbers below \(cardinality)")
      self = .categorical(PreparedCategory(rows: rows, cardinality: cardinality))
    }
  }

  /// Writes a column.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch self {
    case .numeric(let number):
      try values.encode(Kind.numeric, forKey: .kind)
      switch number.transform {
      case .identity: try values.encode(Transform.identity, forKey: .transform)
      case .linear(let center, let scale):
        try values.encode(Transform.linear, forKey: .transform)
        try values.encode(center, forKey: .center)
        try values.encode(scale, forKey: .scale)
      case .quantile(let table):
        try values.encode(Transform.quantile, forKey: .transform)
        try values.encode(table.quantiles.count + table.awaited, forKey: .quantiles)
      }
      try values.encode(number.fill, forKey: .fill)
      try values.encode(number.hasIndicator, forKey: .indicator)
    case .categorical(let category):
      try values.encode(Kind.categorical, forKey: .kind)
      try values.encode(category.rows, forKey: .rows)
      try values.encode(category.cardinality, forKey: .cardinality)
    }
  }
}

extension TablePreparation: Codable {
  private enum Key: String, CodingKey, CaseIterable { case columns }

  /// Reads a preparation from a model's file; quantiles are still to come, see `filled(with:)`.
  /// - Throws: `TernError` of kind `data` for numbers that no fit can have made.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(Key.self)
    self.init(
      columns: try decoder.container(keyedBy: Key.self).decode([PreparedColumn].self, forKey: .columns))
  }

  /// Writes what a model's file holds.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(columns, forKey: .columns)
  }
}
