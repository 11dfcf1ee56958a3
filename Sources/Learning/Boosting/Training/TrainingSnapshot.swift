import Diagnostics

/// The state of a training of one kind of trees between two rounds.
protocol TrainingSnapshot {
  associatedtype Configuration: Equatable

  /// The configuration, open parameters decided.
  var configuration: Configuration { get }
  /// What may be another when the training goes on: the number of threads, which never changes the result, and that of rounds.
  static var freeParameters: [WritableKeyPath<Configuration, Int>] { get }
}

extension NodewiseSnapshot: TrainingSnapshot {
  static var freeParameters: [WritableKeyPath<BoostingConfiguration, Int>] { [\.threads, \.numBoostRound] }
}

extension ObliviousSnapshot: TrainingSnapshot {
  static var freeParameters: [WritableKeyPath<ObliviousConfiguration, Int>] { [\.threadCount, \.iterations] }
}

extension BoostingSnapshot {
  private var content: any TrainingSnapshot {
    switch self {
    case .nodewise(let snapshot): snapshot
    case .oblivious(let snapshot): snapshot
    }
  }

  /// The state of one kind of trees, for a training of the same parameters.
  /// - Throws: `TernError(.configuration)` if it is of another kind or of other parameters.
  func state<State: TrainingSnapshot>(
    for configuration: State.Configuration, as kind: State.Type = State.self
  ) throws(TernError) -> State {
    guard let state = content as? State else {
      throw TernError(.configuration, "the interrupted training grew trees of another kind")
    }
    var theirs = state.configuration
    for path in State.freeParameters { theirs[keyPath: path] = configuration[keyPath: path] }
    guard theirs == configuration else {
      throw TernError(.configuration, "the interrupted training had other parameters")
    }
    return state
  }

  /// Margins of the training rows that go on from a stored state.
  /// - Throws: `TernError(.data)` if these are not as many finite numbers, or if something else shows that the rows are others.
  static func check<Margin: BinaryFloatingPoint>(
    _ margins: [Margin], expected: Int, isSameData: Bool
  ) throws(TernError) {
    guard isSameData, margins.count == expected, margins.allSatisfy(\.isFinite) else {
      throw TernError(
        .data, "the interrupted training had other data", found: "\(margins.count) margins",
        expected: "\(expected)")
    }
  }
}
