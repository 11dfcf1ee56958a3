import Foundation

/// The columns of the golden file, by name; NaN where a cell is empty.
struct GoldenTable {
  private(set) var names: [String] = []
  private var columns: [String: [Double]] = [:]

  init() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/preprocessing.csv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    names = lines[0].split(separator: ",").map(String.init)
    for line in lines.dropFirst() {
      for (name, cell) in zip(names, line.split(separator: ",", omittingEmptySubsequences: false)) {
        columns[name, default: []].append(Double(cell) ?? .nan)
      }
    }
  }

  subscript(name: String) -> [Double] { columns[name] ?? [] }
}
