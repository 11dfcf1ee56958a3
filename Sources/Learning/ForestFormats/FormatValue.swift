/// A number of a model file, rounded once from its text to either width.
struct FormatNumber: Sendable, Equatable {
  /// The nearest `Double`.
  var double: Double
  /// The nearest `Float`, which is not always the `Float` nearest to `double`.
  var float: Float

  /// A number given as a `Double`.
  init(_ double: Double) {
    self.double = double
    float = Float(double)
  }

  /// A number given as a `Float`.
  init(_ float: Float) {
    double = Double(float)
    self.float = float
  }

  /// Both roundings of one text.
  init(double: Double, float: Float) {
    self.double = double
    self.float = float
  }
}

/// A parsed JSON or UBJSON document.
indirect enum FormatValue: Sendable {
  case null
  case bool(Bool)
  case number(FormatNumber)
  case string(String)
  case array([FormatValue])
  /// An array that holds nothing but numbers.
  case numbers([FormatNumber])
  /// Members in file order.
  case object([(key: String, value: FormatValue)])

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value.double)"
    case .string(let value): "\"\(value.prefix(40))\""
    case .array(let values): "an array of \(values.count)"
    case .numbers(let values): values.isEmpty ? "an empty array" : "an array of \(values.count) numbers"
    case .object: "an object"
    }
  }
}

/// What is written: like `FormatValue`, with the element types that UBJSON tells apart.
indirect enum FormatOutput: Sendable {
  case text(String)
  case floats([Float])
  case doubles([Double])
  case integers([Int32])
  case longs([Int64])
  case bytes([UInt8])
  case signedBytes([Int8])
  case integer(Int64)
  case double(Double)
  case flag(Bool)
  case null
  case array([FormatOutput])
  case object([(key: String, value: FormatOutput)])
}
