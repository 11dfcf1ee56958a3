import Diagnostics
import FoundationEssentials

/// JSON whose bytes depend on the values alone: keys sorted, no white space, shortest round-trip numbers.
///
/// Digests of configurations, schemas and stacks are taken over this form.
public enum CanonicalJSON {
  /// Encodes a value; `pretty` indents for people, with the same key order.
  /// - Throws: `TernError` of kind `internalFailure` when a number is not finite.
  public static func encode(_ value: some Encodable, pretty: Bool = false) throws(TernError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw TernError(.internalFailure, "a value cannot be written as JSON: \(error)")
    }
  }

  /// Decodes a value.
  /// - Throws: `TernError` of kind `data` naming the file and the key.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Collection<UInt8>, file: String? = nil
  ) throws(TernError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw TernError(.data, explanation(of: error), file: file, key: keyPath(of: error))
    } catch {
      throw TernError(.data, "\(error)", file: file)
    }
  }

  private static func context(of error: DecodingError) -> DecodingError.Context? {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      return context
    @unknown default: return nil
    }
  }

  private static func keyPath(of error: DecodingError) -> String? {
    var keys = context(of: error)?.codingPath.map(\.stringValue) ?? []
    if case .keyNotFound(let key, _) = error { keys.append(key.stringValue) }
    return keys.isEmpty ? nil : keys.joined(separator: ".")
  }

  private static func explanation(of error: DecodingError) -> String {
    if case .keyNotFound = error { return "is missing" }
    return context(of: error)?.debugDescription ?? "\(error)"
  }
}
