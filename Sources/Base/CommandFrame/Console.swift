import Diagnostics
import Files
import Glibc

/// The two channels of a command: one document or a text on standard output, everything else on standard error.
public enum Console {
  /// Writes a line to standard error.
  public static func log(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

  /// Writes one JSON document to standard output.
  /// - Throws: `TernError` of kind `internalFailure` when a number is not finite.
  public static func print(json value: some Encodable) throws(TernError) {
    write(try CanonicalJSON.encode(value, pretty: true) + [10], to: STDOUT_FILENO)
  }

  /// Writes a line of text to standard output.
  public static func print(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }

  /// Writes bytes as they are to standard output.
  public static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  /// Prints the document when `--json` was given, the text otherwise.
  public static func show(_ value: some Encodable, json: Bool, text: () -> String) throws(TernError) {
    if json { try print(json: value) } else { print(text()) }
  }

  /// Nobody can be told about a closed or full channel, so that a failing write ends quietly.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return
      }
    }
  }
}
