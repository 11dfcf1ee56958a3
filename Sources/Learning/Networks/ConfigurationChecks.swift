import Diagnostics

/// Checks of configuration values that several networks make.
enum ConfigurationChecks {
  /// - Throws: `TernError` of kind `configuration` unless the value lies in the range.
  static func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(TernError) {
    guard range.contains(value) else {
      throw TernError(
        .configuration, "lies outside its range", key: key, found: "\(value)",
        expected: "\(range.lowerBound) ... \(range.upperBound)")
    }
  }

  /// - Throws: `TernError` of kind `configuration` unless the value is a number of the range.
  static func check(_ key: String, _ value: Float, _ range: ClosedRange<Float>) throws(TernError) {
    guard range.contains(value) else {
      throw TernError(
        .configuration, "lies outside its range", key: key, found: "\(value)",
        expected: "\(range.lowerBound) ... \(range.upperBound)")
    }
  }

  /// Checks a probability of dropping elements, below 1.
  static func checkDropout(_ key: String, _ value: Float) throws(TernError) {
    try check(key, value, 0...0.999)
  }
}

extension KeyedDecodingContainer {
  /// The value of a key, or a default where the key is absent.
  func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? fallback
  }
}

/// The most elements that one axis of a network may have; larger ones are typing errors.
let largestWidth = 65_536

/// The most categories that one column may have.
let largestVocabulary = 1 << 26
