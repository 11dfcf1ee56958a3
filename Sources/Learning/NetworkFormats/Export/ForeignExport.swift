public import Diagnostics
import Layers
public import Networks
import Tensors

/// A network's tensors under the names of the program that it was written after, as its `load_state_dict` takes them.
public enum ForeignExport {
  /// How the program names a network's tensors.
  /// - Throws: `TernError` of kind `data` for a network that no other program has.
  public static func names(of network: any TabularNetwork) throws(TernError) -> NameTable {
    switch network {
    case is TabNet: return .tabNet
    case is FTTransformer: return .ftTransformer
    default: throw TernError(.data, "no other program has such a network", key: type(of: network).name)
    }
  }

  /// All tensors, one for each name of the program's state, those that several places share under each of their names.
  /// - Throws: `TernError` of kind `data` for a parameter that the program does not have.
  public static func tensors(of network: any TabularNetwork) throws(TernError) -> [ForeignTensor] {
    let table = try names(of: network)
    var tensors: [ForeignTensor] = []
    for parameter in network.parameters.all {
      tensors += try table.tensors(of: parameter, parts: network.inputs.cardinalities)
    }
    if let network = network as? TabNet { tensors += sharedTensors(of: network, tensors) }
    return tensors
  }

  /// The other names of the matrices that steps share, and the normalisation of the input that stands in the original and is
  /// never used.
  private static func sharedTensors(of network: TabNet, _ tensors: [ForeignTensor]) -> [ForeignTensor] {
    let first = "tabnet.encoder.initial_splitter"
    let users = [first] + (0..<network.configuration.steps).map { "tabnet.encoder.feat_transformers.\($0)" }
    var result: [ForeignTensor] = []
    for tensor in tensors {
      let pattern = "\(first).shared.shared_layers.*.weight"
      if let number = NameRule.numbers(of: tensor.name, as: pattern)?.first {
        for user in users {
          for name in ["shared_layers.\(number).weight", "glu_layers.\(number).fc.weight"]
          where "\(user).shared.\(name)" != tensor.name {
            result.append(
              ForeignTensor(name: "\(user).shared.\(name)", shape: tensor.shape, values: tensor.values))
          }
        }
      }
      if let part = NameRule.part(of: tensor.name, behind: "tabnet.encoder.initial_bn.") {
        let isOne = part == "weight" || part == "running_var"
        result.append(
          ForeignTensor(
            name: "tabnet.initial_bn.\(part)", shape: tensor.shape,
            values: Array(repeating: isOne ? 1 : 0, count: tensor.values.count)))
      }
    }
    return result
  }
}

extension NameRule {
  /// What follows a prefix of a name; nil for a name without it.
  fileprivate static func part(of name: String, behind prefix: String) -> String? {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
  }
}

extension NameTable {
  /// A parameter as the program stores it.
  /// - Parameter parts: rows of each of the tensors that lie one behind the other in a joined one.
  fileprivate func tensors(of parameter: Parameter, parts: [Int]) throws(TernError) -> [ForeignTensor] {
    for rule in rules {
      guard let numbers = NameRule.numbers(of: parameter.name, as: rule.own) else { continue }
      let (shape, values) = (parameter.shape.list, parameter.value.elements)
      guard rule.isJoined else {
        return [ForeignTensor(name: NameRule.name(rule.foreign[0], numbers), shape: shape, values: values)]
      }
      let width = parameter.shape.after(0)
      var start = 0
      return parts.enumerated().map { part, rows in
        defer { start += rows * width }
        return ForeignTensor(
          name: NameRule.name(rule.foreign[0], numbers + ["\(part)"]), shape: [rows] + shape.dropFirst(),
          values: Array(values[start..<start + rows * width]))
      }
    }
    throw TernError(.data, "\(program) has no such parameter", key: parameter.name)
  }
}
