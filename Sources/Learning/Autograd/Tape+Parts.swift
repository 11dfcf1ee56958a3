public import Layers
public import Tensors

/// The gradients of parameters that some parts of a batch have added up.
final class PartGradients {
  /// By the parameters' positions.
  var all: [(parameter: Parameter, gradient: Tensor)?]

  /// Of the values that all parts read.
  private(set) var shared: [Tensor?] = []

  init(count: Int) { all = Array(repeating: nil, count: count) }

  /// Adds what one part says of the values that all read.
  func add(_ gradients: [Tensor?], _ workspace: Workspace) {
    if shared.isEmpty { shared = gradients.map { _ in nil } }
    for (index, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      if let present = shared[index] {
        let sum = workspace.tensor(gradient.shape)
        workspace.add(present, gradient, into: sum)
        shared[index] = sum
      } else {
        shared[index] = gradient
      }
    }
  }
}

/// Where a part's values are on its tape.
private struct PartPlaces {
  let input: Variable?
  let shared: [Variable]
  let output: Variable
}

extension Tape {
  /// Groups of parts that share a workspace and a sum of gradients. Their number is fixed, so that the order of all sums is.
  private static let groups = 8

  /// See `Backend`. Each part has a tape of its own; the way back adds the gradients of a group's parts in order, then those of the
  /// groups.
  public func inParts(
    _ x: Variable?, _ indices: IndexTensor?, shared: [Variable], size: Int, outputs: Int,
    parameters: Parameters, _ body: @escaping (Tape, Variable?, IndexTensor?, [Variable]) -> Variable
  ) -> Variable {
    let parts = BatchParts(x?.tensor, indices, size: size)
    guard parts.count > 1, isRecording, isTraining else { return body(self, x, indices, shared) }
    parameters.prepare(on: workspace.pool, withGradients: true)
    let groups = min(Tape.groups, parts.count)
    let members = (0..<groups).map { parts.count * $0 / groups..<parts.count * ($0 + 1) / groups }
    let workspaces = workspace.parts(groups)
    var tapes: [Tape] = []
    for group in 0..<groups {
      let sums = PartGradients(count: parameters.all.count)
      for part in members[group] { tapes.append(Tape(self, workspaces[group], part: part + 1, sums)) }
    }
    var places: [PartPlaces?] = Array(repeating: nil, count: parts.count)
    let result = workspace.tensor(Shape(parts.rows, outputs))
    let target = result.pointer
    places.withUnsafeMutableBufferPointer { places in
      nonisolated(unsafe) let places = places
      workspace.pool.parallelFor(count: groups) { group, _ in
        for part in members[group] {
          let (tape, range) = (tapes[part], parts[part])
          let own = parts.rows(x?.tensor, range, tape.workspace)
          let input = own.map { x?.node == nil ? tape.constant($0) : tape.watch($0) }
          let all = shared.map { $0.node == nil ? tape.constant($0.tensor) : tape.watch($0.tensor) }
          let output = body(tape, input, parts.rows(indices, range, tape.workspace), all)
          (target + range.lowerBound * outputs).update(
            from: output.tensor.pointer, count: range.count * outputs)
          places[part] = PartPlaces(input: input, shared: all, output: output)
        }
      }
    }
    operation += 1
    return record(result, needed: true) { gradient, tape in
      let input = x?.node == nil ? nil : x.map { tape.workspace.filled($0.tensor.shape) }
      tape.workspace.pool.parallelFor(count: groups) { group, _ in
        guard let sums = tapes[members[group].lowerBound].sums else { return }
        for part in members[group] {
          guard let place = places[part] else { continue }
          let range = parts[part]
          tapes[part].backward(
            place.output, gradient: tapes[part].workspace.slice(gradient, axis: 0, range))
          if let input, let watched = place.input, let own = tapes[part].gradient(of: watched) {
            let width = own.count / range.count
            (input.pointer + range.lowerBound * width).update(from: own.pointer, count: own.count)
          }
          sums.add(place.shared.map { tapes[part].gradient(of: $0) }, tapes[part].workspace)
          tapes[part].begin(step: 0)
        }
      }
      let sums = members.compactMap { tapes[$0.lowerBound].sums }
      tape.addUp(sums)
      for (index, value) in shared.enumerated() {
        let own = sums.compactMap { $0.shared.isEmpty ? nil : $0.shared[index] }
        if !own.isEmpty { tape.accumulate(tape.workspace.sum(of: own), into: value, isOwned: true) }
      }
      if let input, let x { tape.accumulate(input, into: x, isOwned: true) }
    }
  }

  /// Adds the groups' gradients in order to those of the parameters.
  private func addUp(_ sums: [PartGradients]) {
    let count = sums.first?.all.count ?? 0
    var totals: [(parameter: Parameter, parts: [Tensor])] = []
    for index in 0..<count {
      let parts = sums.compactMap { $0.all[index] }
      if let first = parts.first { totals.append((first.parameter, parts.map(\.gradient))) }
    }
    for total in totals { accumulate(workspace.sum(of: total.parts), into: total.parameter) }
  }
}
