import Autograd
import Compute
import Diagnostics
import Foundation
import Layers
import NetworkFormats
import Networks
import Tensors

/// A golden file: what another program computed. `Golden/make.py` says what its tensors are.
struct Golden {
  enum Wrong: Error { case file(String) }

  let metadata: [String: String]
  private let entries: [String: (type: String, shape: [Int], range: Range<Int>)]
  private let data: Data
  /// Names of the tensors, sorted.
  let names: [String]

  /// Reads a safetensors file; it is our own, so only its form is believed in.
  init(_ name: String, file: String = #filePath) throws {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
    let bytes = try Data(contentsOf: folder.appendingPathComponent("\(name).safetensors"))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: bytes[8..<8 + length])
    guard var tensors = header as? [String: Any] else { throw Wrong.file(name) }
    metadata = tensors.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
    entries = try tensors.mapValues { value in
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int]
      else { throw Wrong.file(name) }
      return (type, shape, offsets[0]..<offsets[1])
    }
    data = Data(bytes.dropFirst(8 + length))
    names = entries.keys.sorted()
  }

  func contains(_ name: String) -> Bool { entries[name] != nil }

  func shape(_ name: String) throws -> [Int] {
    guard let entry = entries[name] else { throw Wrong.file(name) }
    return entry.shape
  }

  private func elements<Element>(_ name: String, _ type: String, _: Element.Type) throws -> [Element] {
    guard let entry = entries[name], entry.type == type else { throw Wrong.file(name) }
    return data[entry.range].withUnsafeBytes { bytes in
      (0..<entry.range.count / MemoryLayout<Element>.stride).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self)
      }
    }
  }

  func floats(_ name: String) throws -> [Float] { try elements(name, "F32", Float.self) }
  func integers(_ name: String) throws -> [Int] { try elements(name, "I64", Int64.self).map(Int.init) }

  func tensor(_ name: String) throws -> Tensor {
    guard let shape = Shape(try shape(name)) else { throw Wrong.file(name) }
    return Tensor(try floats(name), shape)
  }

  /// The tensors whose names begin with a word, without it.
  func foreign(_ prefix: String) throws -> [ForeignTensor] {
    try names.filter { $0.hasPrefix(prefix) }.map {
      ForeignTensor(name: String($0.dropFirst(prefix.count)), shape: try shape($0), values: try floats($0))
    }
  }

  /// A JSON object of the metadata.
  func object(_ key: String) throws -> [String: Any] {
    let text = Data((metadata[key] ?? "").utf8)
    guard let object = try JSONSerialization.jsonObject(with: text) as? [String: Any] else {
      throw Wrong.file(key)
    }
    return object
  }

  /// A configuration from the constructor's arguments, without those that describe the columns.
  func configuration<Value: Decodable>(_: Value.Type, without keys: [String]) throws -> Value {
    var object = try object("configuration")
    for key in keys + ["shared"] { object[key] = nil }
    for (key, value) in object where value is NSNull { object[key] = nil }
    return try JSONDecoder().decode(Value.self, from: JSONSerialization.data(withJSONObject: object))
  }
}

/// Tensors of one pool.
func workspace(threads: Int = 1) -> Workspace { Workspace(pool: ThreadPool(threads: threads)) }

/// The greatest distance of elements, relative to the largest of the second list where that is above 1.
func distance(_ a: [Float], _ b: [Float]) -> Float { relativeDistance(a, b, floor: 1) }

/// The greatest distance of elements, relative to the largest of the second list.
func relativeDistance(_ a: [Float], _ b: [Float], floor: Float = 1e-6) -> Float {
  guard a.count == b.count else { return .infinity }
  let scale = b.reduce(floor) { max($0, abs($1)) }
  return zip(a, b).reduce(0) { most, pair in
    let difference = abs(pair.0 - pair.1) / scale
    return difference.isNaN ? .infinity : max(most, difference)
  }
}

/// Rows of golden inputs as the networks take them.
struct GoldenRows {
  let numeric: [[Float]]
  let codes: [[Int32]]

  /// The inputs of an FT-Transformer.
  init(transformer golden: Golden) throws {
    numeric = golden.contains("input.x_cont") ? try GoldenRows.matrix(golden, "input.x_cont") : []
    if golden.contains("input.x_cat") {
      let (shape, all) = (try golden.shape("input.x_cat"), try golden.integers("input.x_cat"))
      codes = (0..<shape[0]).map { row in (0..<shape[1]).map { Int32(all[row * shape[1] + $0]) } }
    } else {
      codes = []
    }
  }

  /// The inputs of a TabNet, whose codes stand among the numbers.
  init(tabNet golden: Golden, codeColumns: [Int]) throws {
    let rows = try GoldenRows.matrix(golden, "input.x")
    numeric = rows.map { row in row.indices.filter { !codeColumns.contains($0) }.map { row[$0] } }
    codes = codeColumns.isEmpty ? [] : rows.map { row in codeColumns.map { Int32(row[$0]) } }
  }

  static func matrix(_ golden: Golden, _ name: String) throws -> [[Float]] {
    let (shape, all) = (try golden.shape(name), try golden.floats(name))
    return (0..<shape[0]).map { Array(all[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }

  func batch(_ rows: [Int]) -> TabularBatch {
    let numbers = numeric.isEmpty ? [] : rows.flatMap { numeric[$0] }
    let chosen = codes.isEmpty ? [] : rows.flatMap { codes[$0] }
    return TabularBatch(
      numeric: numbers.isEmpty ? nil : Tensor(numbers, Shape(rows.count, numbers.count / rows.count)),
      categories: chosen.isEmpty ? nil : IndexTensor(chosen, Shape(rows.count, chosen.count / rows.count)))
  }
}

/// The rows of each of the golden steps.
func goldenBatches(_ golden: Golden) throws -> [[Int]] {
  let (shape, all) = (try golden.shape("batches"), try golden.integers("batches"))
  return (0..<shape[0]).map { Array(all[$0 * shape[1]..<($0 + 1) * shape[1]]) }
}
