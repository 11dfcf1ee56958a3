import Artifacts
import Compute
import Datasets
import Diagnostics

/// The rows of a table that an explanation looks at: all of them, or a random sample in file order.
struct ExplainedTable: Sendable {
  let file: String
  let signature: ModelSignature
  /// Inputs of the chosen rows, (feature, row).
  let columns: [[Float]]
  /// The chosen rows' numbers in the file, from one.
  let rowNumbers: [Int]
  /// Targets of the chosen rows, if the table has them.
  let labels: [Float]?
  /// Inputs of the one row that is explained alone, (feature, 1), and its number.
  let single: [[Float]]
  let singleNumber: Int

  /// Reads the table of a request.
  ///
  /// A target that the request names must exist; without one the model's own is taken if the table has it.
  /// - Throws: `TernError(.data)` for a table that does not fit the model or is empty, `TernError(.usage)` for a row that
  ///   does not exist.
  init(_ request: TableExplanation.Request, signature: ModelSignature) throws(TernError) {
    let (path, target, limit, single, seed) = (
      request.data, request.target, request.rows, request.row, request.seed
    )
    var signature = signature
    if let target { signature.target = target }
    let table = try TableReader.read(path, options: signature.readerOptions)
    guard table.rowCount > 0 else { throw TernError(.data, "there is no row to explain", file: path) }
    if let single, !(1...table.rowCount).contains(single) {
      throw TernError(
        .usage, "there is no such row in \(path)", key: "--row", found: "\(single)",
        expected: "1 to \(table.rowCount)")
    }
    let all = try signature.inputs(of: table, file: path)
    var random = Philox(seed: seed)
    let isSample = limit > 0 && table.rowCount > limit
    let chosen =
      isSample ? random.sample(limit, of: table.rowCount).map { Int($0) } : Array(0..<table.rowCount)
    let hasTarget = target != nil || table[signature.target] != nil
    let labels = hasTarget ? try signature.labels(of: table, file: path) : nil
    let place = single.map { $0 - 1 } ?? chosen[0]
    file = path
    self.signature = signature
    columns = isSample ? all.map { column in chosen.map { column[$0] } } : all
    rowNumbers = chosen.map { $0 + 1 }
    self.labels = labels.map { labels in isSample ? chosen.map { labels[$0] } : labels }
    self.single = all.map { [$0[place]] }
    singleNumber = place + 1
  }

  /// At most `limit` of the chosen rows, evenly spread: their places.
  func spread(_ limit: Int) -> [Int] {
    let count = rowNumbers.count
    return count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// The inputs of some of the chosen rows, (feature, row).
  func columns(of places: [Int]) -> [[Float]] { columns.map { column in places.map { column[$0] } } }

  /// An input as the table has it: a number, a category's name, or nothing.
  func text(feature: Int, value: Float) -> String {
    guard !value.isNaN else { return "missing" }
    guard let vocabulary = signature.inputs[feature].vocabulary, let rank = Int(exactly: value),
      vocabulary.indices.contains(rank)
    else { return Int(exactly: value).map { "\($0)" } ?? "\(value)" }
    return vocabulary[rank]
  }
}
