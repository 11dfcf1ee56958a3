import Compute
import Diagnostics
import NetworkModels
import Trees

/// A trained model of any kind, as prediction needs it: a value that threads may share.
public indirect enum RowModel: Sendable {
  /// Trees.
  case forest(Forest)
  /// A network.
  case network(NetworkModel)
  /// Several models of the same inputs and classes, their probabilities blended.
  case blend([RowModel], Blend)

  /// Names of the inputs, in order.
  public var featureNames: [String] {
    switch self {
    case .forest(let forest): forest.header.featureNames
    case .network(let model): model.header.featureNames
    case .blend(let members, _): members.first?.featureNames ?? []
    }
  }

  /// Predictions per row.
  public var outputs: Int {
    switch self {
    case .forest(let forest): forest.outputs
    case .network(let model): model.outputs
    case .blend(let members, _): members.first?.outputs ?? 0
    }
  }

  /// Whether the predictions of a row are the probabilities of classes that exclude one another.
  public var isSoftmax: Bool {
    switch self {
    case .forest(let forest): forest.header.link == .softmax
    case .network(let model): model.header.link == .softmax
    case .blend(let members, _): members.allSatisfy(\.isSoftmax)
    }
  }

  /// Checks that the members of a blend belong together.
  /// - Throws: `TernError` of kind `data`.
  public func validate() throws(TernError) {
    guard case .blend(let members, let blend) = self else { return }
    try blend.validate(members: members.count, classes: outputs)
    for (place, member) in members.enumerated() {
      if case .blend = member {
        throw TernError(.data, "a blend is no member of a blend", key: "members.\(place)")
      }
      guard member.isSoftmax, member.outputs == outputs, member.featureNames == featureNames else {
        throw TernError(
          .data, "the member gives no probabilities of the same classes from the same inputs",
          key: "members.\(place)", found: "\(member.outputs) outputs of \(member.featureNames.count) inputs",
          expected: "softmax of \(outputs) from \(featureNames.count) inputs")
      }
    }
  }

  /// Predicts every row of columns: probabilities, or numbers in the target's units.
  /// - Parameter columns: shape (feature, row).
  /// - Returns: row-major `(row, output)`.
  /// - Throws: `TernError` of kind `data` for another number of columns.
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    switch self {
    case .forest(let forest): return try forest.predict(columns: columns, pool: pool)
    case .network(let model): return try model.predict(columns: columns, pool: pool)
    case .blend(let members, let blend):
      let parts = try members.map { member throws(TernError) in
        try member.predict(columns: columns, pool: pool)
      }
      let classes = outputs
      var row = [Float](repeating: 0, count: members.count * classes)
      var result = [Float](repeating: 0, count: parts[0].count)
      result.withUnsafeMutableBufferPointer { result in
        for start in stride(from: 0, to: result.count, by: classes) {
          for (k, part) in parts.enumerated() {
            for c in 0..<classes { row[k * classes + c] = part[start + c] }
          }
          if let base = result.baseAddress { blend.apply(row, classes: classes, into: base + start) }
        }
      }
      return result
    }
  }
}
