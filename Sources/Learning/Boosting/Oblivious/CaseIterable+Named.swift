import Diagnostics

extension CaseIterable where Self: RawRepresentable<String> {
  /// The value of a name, letters of either case.
  /// - Throws: `TernError(.configuration)` with the nearest known name for an unknown one.
  init(named text: String, key: String) throws(TernError) {
    if let found = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) {
      self = found
      return
    }
    let names = Self.allCases.map(\.rawValue)
    let near = nearestName(to: text, among: names)
    throw TernError(
      .configuration, "unknown value" + (near.map { ", did you mean \($0)?" } ?? ""), key: key, found: text,
      expected: names.joined(separator: ", "))
  }
}
