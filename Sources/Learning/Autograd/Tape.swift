public import Layers
public import Tensors

/// A value on a tape: its elements and, when anything is derived with respect to it, its place.
public struct Variable {
  /// The elements.
  public let tensor: Tensor
  /// The place on the tape; nil for data.
  let node: Int?
}

/// The backend that remembers: each operation adds how its gradient goes back to its operands, and `backward` walks the
/// operations in reverse.
///
/// A tape serves one step: `begin`, a forward pass, `backward`. An entry keeps only the tensors that its way back reads, and
/// lets go of them as soon as it has been walked, so memory shrinks while gradients appear. Gradients of parameters add up in
/// `Parameter.gradient` over as many passes as wanted.
///
/// A tape that does not train computes what `Eager` does, dropout left out and running statistics used and left alone, and
/// derives with respect to what is watched only: parameters are data to it, and threads may share them.
public final class Tape: Backend {
  /// How a gradient goes back through one operation.
  typealias Pullback = (_ gradient: Tensor, _ tape: Tape) -> Void

  /// The gradient that has reached a place so far; a shared tensor may not be written into.
  struct Arrived {
    var tensor: Tensor
    var isOwned: Bool
  }

  /// The memory and threads it computes with.
  public let workspace: Workspace
  /// Always true.
  public var computes: Bool { true }
  /// Whether operations are remembered: false only while a checkpointed block runs for the first time.
  public var records: Bool { isRecording }
  /// Whether parameters have gradients, elements are dropped and batches are normalised by their own statistics.
  public let isTraining: Bool
  /// What the network reads in place of the vectors (…, d) of an embedding: a point between them and others that is watched, for
  /// example. It is called once for each embedding of a pass; only a tape that does not train asks it.
  public var embedded: ((_ vectors: Tensor) -> Variable)?
  private let seed: UInt64
  private var step: UInt64 = 0
  /// Number of the part of a batch that the tape is for, 0 for a whole batch.
  private let part: UInt32
  /// Where gradients of parameters add up; nil for the parameters themselves.
  let sums: PartGradients?
  var operation: UInt32 = 0
  var isRecording = true
  /// Whether a checkpointed block is running again.
  var isRecomputing = false
  var pullbacks: [Pullback?] = []
  var arrived: [Arrived?] = []
  private var watched: [Int: Tensor] = [:]

  /// A tape whose dropout follows a seed.
  public init(_ workspace: Workspace, seed: UInt64) {
    self.workspace = workspace
    self.seed = seed
    isTraining = true
    part = 0
    sums = nil
  }

  /// A tape that trains or that does not.
  public init(_ workspace: Workspace, training: Bool) {
    self.workspace = workspace
    seed = 0
    isTraining = training
    part = 0
    sums = nil
  }

  /// A tape for a part of the batch that another one is at.
  init(_ whole: Tape, _ workspace: Workspace, part: Int, _ sums: PartGradients) {
    self.workspace = workspace
    isTraining = whole.isTraining
    seed = whole.seed
    step = whole.step
    operation = whole.operation
    isRecomputing = whole.isRecomputing
    self.part = UInt32(truncatingIfNeeded: part)
    self.sums = sums
  }

  /// Forgets everything and begins a step; the same seed and step drop the same elements.
  public func begin(step: UInt64) {
    self.step = step
    operation = 0
    isRecording = true
    pullbacks.removeAll(keepingCapacity: true)
    arrived.removeAll(keepingCapacity: true)
    watched.removeAll(keepingCapacity: true)
  }

  /// Data: nothing is derived with respect to it.
  public func constant(_ tensor: Tensor) -> Variable { Variable(tensor: tensor, node: nil) }

  /// A tensor whose gradient `gradient(of:)` gives after the backward pass: an input to attribute to, for example.
  public func watch(_ tensor: Tensor) -> Variable {
    let node = pullbacks.count
    pullbacks.append({ gradient, tape in tape.watched[node] = gradient })
    arrived.append(nil)
    return Variable(tensor: tensor, node: node)
  }

  /// The gradient of a watched tensor after `backward`; nil when the loss does not depend on it.
  public func gradient(of variable: Variable) -> Tensor? { variable.node.flatMap { watched[$0] } }

  /// The elements of a value.
  public func tensor(_ value: Variable) -> Tensor { value.tensor }

  /// Walks back from a value of one element, which is what all gradients are of.
  ///
  /// - Parameter scale: the gradient of the value itself; 1/n when n batches of one step add up.
  public func backward(_ loss: Variable, scale: Float = 1) {
    precondition(loss.tensor.count == 1, "only a single number has gradients")
    guard let last = loss.node else { return }
    accumulate(workspace.filled(loss.tensor.shape, scale), into: loss, isOwned: true)
    walk(from: last)
  }

  /// Walks back with a given gradient of a value.
  public func backward(_ value: Variable, gradient: Tensor) {
    precondition(value.tensor.shape == gradient.shape, "a gradient has the shape of its value")
    guard let last = value.node else { return }
    accumulate(gradient, into: value, isOwned: false)
    walk(from: last)
  }

  /// Walks the operations back in reverse order, those that no gradient reached left out.
  func walk(from last: Int, to first: Int = 0) {
    for node in stride(from: last, through: first, by: -1) {
      guard let pullback = pullbacks[node] else { continue }
      pullbacks[node] = nil
      guard let gradient = arrived[node]?.tensor else { continue }
      arrived[node] = nil
      pullback(gradient, self)
    }
  }

  // What operations use

  /// Whether an operation of parameters and a value has a way back.
  func needs(_ x: Variable) -> Bool { isTraining || x.node != nil }

  /// Adds an operation: `result` with the way back, or plain data when no operand needs a gradient.
  func record(_ result: Tensor, needed: Bool, _ pullback: @escaping Pullback) -> Variable {
    guard needed, isRecording else { return Variable(tensor: result, node: nil) }
    pullbacks.append(pullback)
    arrived.append(nil)
    return Variable(tensor: result, node: pullbacks.count - 1)
  }

  /// Adds a gradient to what has reached an operand. A tensor that is owned may be written into from here on.
  func accumulate(_ gradient: Tensor, into variable: Variable, isOwned: Bool) {
    guard let node = variable.node else { return }
    guard let present = arrived[node] else {
      arrived[node] = Arrived(tensor: gradient, isOwned: isOwned)
      return
    }
    let target =
      present.isOwned ? present.tensor : isOwned ? gradient : workspace.tensor(gradient.shape)
    workspace.add(present.tensor, gradient, into: target)
    arrived[node] = Arrived(tensor: target, isOwned: true)
  }

  /// Gives away the gradient that has reached a value so far, to whoever accumulates a sum with it.
  func takeGradient(of variable: Variable) -> Tensor? {
    guard let node = variable.node, let present = arrived[node] else { return nil }
    arrived[node] = nil
    return present.tensor
  }

  /// Adds the gradient of a part of an axis.
  func accumulatePart(_ gradient: Tensor, of shape: Shape, axis: Int, at offset: Int, into variable: Variable)
  {
    guard let node = variable.node else { return }
    guard let present = arrived[node] else {
      let whole = workspace.filled(shape)
      workspace.place(gradient, axis: axis, at: offset, in: whole)
      arrived[node] = Arrived(tensor: whole, isOwned: true)
      return
    }
    let target =
      present.isOwned ? present.tensor : workspace.affine(present.tensor, factor: 1, offset: 0)
    workspace.addPart(gradient, axis: axis, at: offset, to: target)
    arrived[node] = Arrived(tensor: target, isOwned: true)
  }

  /// Adds a gradient to a parameter's. The tensor belongs to the parameter from here on.
  func accumulate(_ gradient: Tensor, into parameter: Parameter) {
    guard parameter.isTrainable, isTraining else { return }
    if let present = self.gradient(of: parameter) {
      workspace.add(present, gradient, into: present)
    } else if let sums {
      sums.all[parameter.index] = (parameter, gradient)
    } else {
      parameter.gradient = gradient
    }
  }

  /// What has reached a parameter so far.
  func gradient(of parameter: Parameter) -> Tensor? {
    sums.map { $0.all[parameter.index]?.gradient } ?? parameter.gradient
  }

  /// The key of the next dropout; every call counts, so that a recomputed block finds its keys again.
  func nextDropout(_ rate: Float) -> DropoutKey? {
    defer { operation += 1 }
    guard rate > 0, isTraining else { return nil }
    return DropoutKey(rate: rate, seed: seed, step: step, operation: operation, part: part)
  }
}
