/// How a parameter's name here becomes the names that another program may have given it.
///
/// A pattern is a dotted name in which `*` stands for a number; the numbers carry over in their order.
struct NameRule {
  /// The name here.
  let own: String
  /// The names there, all of which mean the same tensor; the first that is present is read.
  let foreign: [String]
  /// Whether a last `*` of the foreign name counts tensors that lie one behind the other in ours.
  let isJoined: Bool

  /// A tensor that is one tensor there.
  init(_ own: String, _ foreign: String...) {
    self.own = own
    self.foreign = foreign
    isJoined = false
  }

  /// A tensor that is several there, one behind the other along the first axis.
  init(_ own: String, joining foreign: String) {
    self.own = own
    self.foreign = [foreign]
    isJoined = true
  }

  /// The rules of `weight` and `bias`.
  static func map(_ own: String, _ foreign: String) -> [NameRule] {
    ["weight", "bias"].map { NameRule("\(own).\($0)", "\(foreign).\($0)") }
  }

  /// The rules of a batch normalisation.
  static func batchNorm(_ own: String, _ foreign: String) -> [NameRule] {
    map(own, foreign) + [
      NameRule("\(own).mean", "\(foreign).running_mean"),
      NameRule("\(own).variance", "\(foreign).running_var"),
    ]
  }

  /// The numbers of a name that has the form of a pattern; nil when it has another.
  static func numbers(of name: String, as pattern: String) -> [String]? {
    let (parts, wanted) = (name.split(separator: "."), pattern.split(separator: "."))
    guard parts.count == wanted.count else { return nil }
    var numbers: [String] = []
    for (part, want) in zip(parts, wanted) {
      if want == "*" {
        guard part.allSatisfy(\.isNumber) else { return nil }
        numbers.append(String(part))
      } else if part != want {
        return nil
      }
    }
    return numbers
  }

  /// A pattern with numbers in place of its first marks.
  static func name(_ pattern: String, _ numbers: [String]) -> String {
    var rest = numbers[...]
    return pattern.split(separator: ".").map { part in
      part == "*" ? rest.popFirst() ?? "*" : String(part)
    }.joined(separator: ".")
  }
}

/// How another program names the tensors of a network.
public struct NameTable: Sendable {
  /// The program, for messages.
  public let program: String
  let rules: [NameRule]
  /// Patterns of tensors that mean nothing here.
  let ignored: [String]
}

extension NameRule: Sendable {}
