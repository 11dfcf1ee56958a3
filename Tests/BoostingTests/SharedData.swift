import Boosting
import Foundation

/// Locates and reads the shared data sets, which are not part of the repository.
enum SharedData {
  static let folder: String = {
    if let given = ProcessInfo.processInfo.environment["TERN_SHARED_DATA"] { return given }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("../shared/data").path
  }()

  static var isPresent: Bool {
    FileManager.default.fileExists(atPath: folder + "/tabular/lightgbm_binary_train.tsv.gz")
  }

  /// The ranking example: svmlight rows with the sizes of their queries beside them.
  static func rankingTable(_ name: String, absent: Float) throws -> TrainingTable {
    let text = try uncompressed("lightgbm_rank_\(name).svm.gz")
    var labels: [Float] = []
    var columns = [[Float]](repeating: [], count: 301)
    for (row, line) in text.split(separator: "\n").enumerated() {
      let cells = line.split(separator: " ")
      labels.append(Float(cells[0]) ?? .nan)
      for feature in columns.indices { columns[feature].append(absent) }
      for cell in cells.dropFirst() {
        let parts = cell.split(separator: ":")
        columns[Int(parts[0]) ?? 0][row] = Float(parts[1]) ?? .nan
      }
    }
    let sizes = try String(
      contentsOfFile: folder + "/tabular/lightgbm_rank_\(name)_query.txt", encoding: .utf8)
    return TrainingTable(
      featureNames: columns.indices.map { "f\($0)" }, columns: columns, labels: labels,
      queries: QueryGroups.numbers(sizes: sizes.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }))
  }

  static func uncompressed(_ name: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", folder + "/tabular/" + name]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  /// A gzipped table without header whose first column is the label.
  static func labelledTable(_ name: String) throws -> TrainingTable {
    let text = try uncompressed(name)
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: "\t").map { Float($0) ?? .nan }
    }
    let features = (lines.first?.count ?? 1) - 1
    return TrainingTable(
      featureNames: (0..<features).map { "f\($0)" },
      columns: (0..<features).map { f in lines.map { $0[f + 1] } }, labels: lines.map { $0[0] })
  }
}
