import Foundation

/// The columns of a golden file, by name.
struct GoldenTable {
  private var columns: [String: [Double]] = [:]

  init(_ name: String) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Golden/\(name)")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    for line in lines.dropFirst() {
      for (name, cell) in zip(names, line.split(separator: ",")) {
        columns[name, default: []].append(Double(cell) ?? .nan)
      }
    }
  }

  subscript(name: String) -> [Double] { columns[name] ?? [] }
}
