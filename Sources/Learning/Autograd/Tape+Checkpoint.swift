import Tensors

extension Tape {
  /// Runs a block without remembering its inside. On the way back the block runs again on the end of the tape, with the keys
  /// of dropout that it had before, and is walked at once; so its tensors live only while it is being walked.
  public func checkpoint(_ x: Variable, _ block: @escaping (Variable) -> Variable) -> Variable {
    guard isRecording else { return block(x) }
    let first = operation
    isRecording = false
    let result = block(Variable(tensor: x.tensor, node: nil))
    isRecording = true
    return record(result.tensor, needed: needs(x)) { gradient, tape in
      tape.recompute(x, block, from: first, gradient)
    }
  }

  private func recompute(
    _ x: Variable, _ block: (Variable) -> Variable, from first: UInt32, _ gradient: Tensor
  ) {
    let (next, wasRecomputing, end) = (operation, isRecomputing, pullbacks.count)
    operation = first
    isRecomputing = true
    pullbacks.append({ gradient, tape in tape.accumulate(gradient, into: x, isOwned: false) })
    arrived.append(nil)
    let result = block(Variable(tensor: x.tensor, node: end))
    operation = next
    isRecomputing = wasRecomputing
    if let last = result.node {
      accumulate(gradient, into: result, isOwned: false)
      walk(from: last, to: end)
    }
    pullbacks.removeSubrange(end...)
    arrived.removeSubrange(end...)
  }
}
