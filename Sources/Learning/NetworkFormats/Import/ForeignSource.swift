public import Diagnostics
public import Layers
public import Tensors

/// Parameters from the tensors of another program.
public final class ForeignSource: ParameterSource {
  private let table: NameTable
  private let tensors: [ForeignTensor]
  private let positions: [String: Int]
  private var used: [Bool]

  /// A source of tensors that are named as a table says.
  public init(_ tensors: [ForeignTensor], names table: NameTable) {
    self.tensors = tensors
    self.table = table
    positions = Dictionary(
      tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    used = tensors.map { _ in false }
  }

  /// Writes a parameter's values.
  /// - Throws: `TernError` of kind `data` when the tensor is absent or has another shape.
  public func fill(_ tensor: Tensor, name: String, initialiser: Initialiser) throws(TernError) {
    let parts = try parts(of: name)
    let width = tensor.shape.last
    let isSame = parts.count == 1 && tensors[parts[0]].shape == tensor.shape.list
    let joined = parts.map { tensors[$0].shape }
    guard isSame || (tensor.shape.rank == 2 && joined.allSatisfy { $0.count == 2 && $0[1] == width }),
      parts.reduce(0, { $0 + tensors[$1].values.count }) == tensor.count
    else {
      throw TernError(
        .data, "the stored tensor has another shape", key: tensors[parts[0]].name,
        found: joined.map { "\($0)" }.joined(separator: ", "), expected: "\(tensor.shape.list)")
    }
    var position = 0
    for part in parts {
      used[part] = true
      for value in tensors[part].values {
        tensor.pointer[position] = value
        position += 1
      }
    }
  }

  /// The positions of the tensors that make up a parameter.
  private func parts(of name: String) throws(TernError) -> [Int] {
    for rule in table.rules {
      guard let numbers = NameRule.numbers(of: name, as: rule.own) else { continue }
      if rule.isJoined {
        var found: [Int] = []
        while let next = positions[NameRule.name(rule.foreign[0], numbers + ["\(found.count)"])] {
          found.append(next)
        }
        if !found.isEmpty { return found }
      }
      for foreign in rule.foreign {
        if let position = positions[NameRule.name(foreign, numbers)] { return [position] }
      }
      let wanted = NameRule.name(rule.foreign[0], numbers)
      let hint = nearestName(to: wanted, among: tensors.map(\.name)).map { "; the nearest is \($0)" } ?? ""
      throw TernError(.data, "no tensor of this name is stored\(hint)", key: wanted)
    }
    throw TernError(.data, "\(table.program) has no such parameter", key: name)
  }

  /// Refuses tensors that the network has no place for, other than second names of tensors that were read.
  /// - Throws: `TernError` of kind `data` naming the first one.
  public func requireAllUsed() throws(TernError) {
    for (tensor, isUsed) in zip(tensors, used) where !isUsed {
      guard !table.ignored.contains(where: { NameRule.numbers(of: tensor.name, as: $0) != nil }) else {
        continue
      }
      throw TernError(.data, "the network has no such parameter", key: tensor.name)
    }
  }
}
