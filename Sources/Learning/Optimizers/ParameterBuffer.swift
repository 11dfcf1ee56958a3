/// A trained parameter as an optimiser sees it: a name, contiguous weights, and their gradients of the same length.
///
/// The memory belongs to the caller and must stay where it is for the length of a call; between calls it may move, because
/// moments are kept by position and name, not by address.
public struct ParameterBuffer {
  /// Dotted name, as in checkpoints.
  public let name: String
  /// The weights, updated in place.
  public let values: UnsafeMutablePointer<Float>
  /// The loss's derivatives in them; nil where the loss does not depend on them, and a step leaves them as they are.
  public let gradients: UnsafePointer<Float>?
  /// Number of elements.
  public let count: Int
  /// Position of its group in the optimiser's list.
  public let group: Int

  /// Describes a parameter.
  public init(
    name: String, values: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>?, count: Int,
    group: Int = 0
  ) {
    self.name = name
    self.values = values
    self.gradients = gradients
    self.count = count
    self.group = group
  }
}

/// Parameters that share a learning rate and a decay, such as "no decay on biases and norms".
public struct ParameterGroup: Sendable, Equatable {
  /// What its members have in common, for messages.
  public var name: String
  /// Factor on the learning rate. Default 1.
  public var learningRateFactor: Double
  /// Weight decay of the members; nil takes the configuration's.
  public var weightDecay: Double?

  /// Describes a group.
  public init(name: String, learningRateFactor: Double = 1, weightDecay: Double? = nil) {
    self.name = name
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }

  /// Everything in one group that decays, and one that does not: positions 0 and 1.
  public static let decayedAndUndecayed = [
    ParameterGroup(name: "decayed"), ParameterGroup(name: "undecayed", weightDecay: 0),
  ]
}

/// Consecutive elements of one parameter: the unit of work of a thread. No sum runs over slices out of order, so that the
/// slicing decides results and the number of threads does not.
struct ParameterSlice {
  static let size = 8192

  let parameter: Int
  /// First element within the parameter.
  let start: Int
  /// First element within the concatenation of all parameters.
  let position: Int
  let count: Int

  static func slices(of counts: [Int]) -> [ParameterSlice] {
    var slices: [ParameterSlice] = []
    var position = 0
    for (parameter, total) in counts.enumerated() {
      for start in stride(from: 0, to: total, by: size) {
        let count = min(size, total - start)
        slices.append(ParameterSlice(parameter: parameter, start: start, position: position, count: count))
        position += count
      }
    }
    return slices
  }
}
