import Diagnostics
import Files
import Foundation
import Testing

func golden(_ name: String, file: String = #filePath) throws -> [UInt8] {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
  return try [UInt8](Data(contentsOf: folder.appendingPathComponent(name)))
}

func goldenPath(_ name: String, file: String = #filePath) -> String {
  URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden/\(name)").path
}

func temporaryPath(_ name: String) -> String { NSTemporaryDirectory() + "tern-\(UUID().uuidString)-\(name)" }

/// The bytes of a file with a header and `dataSize` zero bytes.
func file(_ header: String, dataSize: Int = 0) -> [UInt8] {
  let text = Array(header.utf8)
  return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    + [UInt8](repeating: 0, count: dataSize)
}

/// The error that `body` throws, nil when it does not throw one of ours.
func failure(_ body: () throws -> some Any) -> TernError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TernError
  }
}
