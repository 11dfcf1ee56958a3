import Artifacts
import Diagnostics

/// What is wrong with a request whatever the model is.
enum ExplanationChecks {
  /// Refuses numbers that mean nothing.
  /// - Throws: `TernError` of kind `usage`.
  static func check(_ request: TableExplanation.Request) throws(TernError) {
    for (name, value) in [
      ("--rows", request.rows), ("--background", request.background), ("--top", request.top),
    ] where value < 0 {
      throw TernError(.usage, "cannot be negative", key: name, found: "\(value)", expected: "0 or more")
    }
    guard request.repeats > 0 else {
      throw TernError(
        .usage, "needs a shuffle", key: "--repeats", found: "\(request.repeats)", expected: "1 or more")
    }
  }

  /// The place of the class to look at; nil where none is named.
  /// - Throws: `TernError` of kind `usage` for a name that is no class.
  static func classIndex(_ name: String?, _ signature: ModelSignature) throws(TernError) -> Int? {
    guard let name else { return nil }
    guard signature.task == .multiclass else {
      throw TernError(
        .usage, "only a multiclass model has a class to choose", key: "--class", found: "\"\(name)\"",
        expected: "no class for a \(signature.task.rawValue) model")
    }
    guard let index = signature.classes.firstIndex(of: name) else {
      let near = nearestName(to: name, among: signature.classes).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a class of the model\(near)", key: "--class", found: "\"\(name)\"",
        expected: "one of \(signature.classes.prefix(20).joined(separator: ", "))")
    }
    return index
  }
}
