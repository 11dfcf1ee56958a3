import Diagnostics
import Trees

/// Category sets and names in XGBoost's models.
enum XGBoostCategories {
  /// Codes are whole numbers that `Float` holds.
  private static let codeLimit = 1 << 24

  /// The members of each categorical node's set: those that go right.
  static func sets(of tree: Located, nodes count: Int) throws(TernError) -> [Int: [Int]] {
    guard let nodes = try tree.optional("categories_nodes")?.integers(), !nodes.isEmpty else { return [:] }
    let begins = try tree.member("categories_segments").integers(count: nodes.count, in: 0...Int(Int32.max))
    let sizes = try tree.member("categories_sizes").integers(count: nodes.count, in: 0...Int(Int32.max))
    let place = try tree.member("categories")
    let members = try place.integers(in: 0...codeLimit - 1)
    var result: [Int: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      guard node >= 0, node < count, begins[index] + sizes[index] <= members.count else {
        throw place.error(
          "a segment lies outside", found: "\(begins[index]) + \(sizes[index])",
          expected: "<= \(members.count)")
      }
      result[node] = Array(members[begins[index]..<begins[index] + sizes[index]])
    }
    return result
  }

  /// Names of the categories by code for each feature, which files of 3.1 and later carry in `cats`.
  static func read(_ model: Located, features: Int) throws(TernError) -> [[String]?] {
    var result = [[String]?](repeating: nil, count: features)
    guard let encodings = try model.optional("cats")?.optional("enc")?.elements() else { return result }
    guard encodings.count <= features else {
      throw try model.member("cats").error(
        "names categories of more features than there are", found: "\(encodings.count)",
        expected: "\(features)")
    }
    for (feature, encoding) in encodings.enumerated() {
      guard let values = try encoding.optional("values") else { continue }
      guard let offsets = try encoding.optional("offsets")?.integers(in: 0...Int(Int32.max)) else {
        // Numeric categories are listed by value.
        let numbers = try values.numbers()
        if !numbers.isEmpty { result[feature] = numbers.map { text($0.double) } }
        continue
      }
      let bytes = try values.integers(in: -128...255)
      guard let last = offsets.last, last > 0 else { continue }
      guard last <= bytes.count, offsets.first == 0,
        zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
      else {
        throw encoding.error("offsets do not fit the values", found: "\(last)", expected: "<= \(bytes.count)")
      }
      result[feature] = zip(offsets, offsets.dropFirst()).map { first, next in
        String(decoding: bytes[first..<next].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
      }
    }
    return result
  }

  private static func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// The `cats` object for names of categories, empty where no feature has any.
  static func document(_ categories: [[String]?]) -> FormatOutput {
    guard categories.contains(where: { $0 != nil }) else {
      return .object([
        ("enc", .array([])), ("feature_segments", .integers([])), ("sorted_idx", .integers([])),
      ])
    }
    var segments: [Int32] = [0]
    var sorted: [Int32] = []
    let encodings = categories.map { names -> FormatOutput in
      let names = names ?? []
      var offsets: [Int32] = names.isEmpty ? [] : [0]
      var bytes: [Int8] = []
      for name in names {
        bytes += name.utf8.map { Int8(bitPattern: $0) }
        offsets.append(Int32(truncatingIfNeeded: bytes.count))
      }
      sorted += names.indices.sorted {
        Array(names[$0].utf8).lexicographicallyPrecedes(Array(names[$1].utf8))
      }
      .map { Int32(truncatingIfNeeded: $0) }
      segments.append(Int32(truncatingIfNeeded: sorted.count))
      return .object([("offsets", .integers(offsets)), ("values", .signedBytes(bytes))])
    }
    return .object([
      ("enc", .array(encodings)), ("feature_segments", .integers(segments)),
      ("sorted_idx", .integers(sorted)),
    ])
  }
}
