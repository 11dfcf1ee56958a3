import Foundation

/// Reads the reference values that Golden/generate.py wrote.
enum GoldenFile {
  static func read<Value: Decodable>(_ type: Value.Type, _ name: String, path: String = #filePath) throws
    -> Value
  {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("Golden")
    return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }
}

/// Two sums of a few hundred doubles in different order agree to about n·ε ≈ 1e-13; 1e-12 leaves room for libm.
let rounding = 1e-12

func close(_ a: Double?, _ b: Double?, within tolerance: Double = rounding) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return abs(a - b) <= tolerance * max(1, abs(b))
}

func close(_ a: [Double?], _ b: [Double?], within tolerance: Double = rounding) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { close($0, $1, within: tolerance) }
}

func close(_ a: [Double], _ b: [Double], within tolerance: Double = rounding) -> Bool {
  close(a.map(Optional.some), b.map(Optional.some), within: tolerance)
}
