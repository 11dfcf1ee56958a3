import Compute
import Diagnostics
import Foundation
import Testing
import Trees

@testable import ForestFormats

/// The golden files of real programs; `Golden/make_golden.py` made them and names versions.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Golden")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// Lines of numbers.
  static func numbers(_ name: String) throws -> [[Double]] {
    String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").map { Double($0) ?? .nan }
    }
  }

  /// The golden rows, column-major, only the first `features` columns.
  static func columns(_ features: Int) throws -> [[Float]] {
    let rows = try numbers("rows.txt")
    return (0..<features).map { feature in rows.map { Float($0[feature]) } }
  }

  static func read(_ name: String, _ format: ForestFormat) throws -> ForeignForest {
    try format.read(try bytes(name), file: name)
  }

  /// The greatest difference of margins.
  static func difference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }

  /// 1 ordinarily; 50 times as much where every mutation is wanted.
  static var isFull: Bool { ProcessInfo.processInfo.environment["TERN_PROOF"] == "full" }
}
