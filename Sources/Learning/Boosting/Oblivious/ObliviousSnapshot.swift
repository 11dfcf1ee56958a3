import Diagnostics
import Trees

/// The state of a CatBoost-style training between two rounds.
///
/// All sampling draws from generators that are pure functions of the seed and the round, and target statistics follow
/// from the permutations, so trees and margins are the whole state. Margins of every fold are kept because sums of
/// leaf values repeat bit by bit only in the order in which they were formed, and because the models of Ordered
/// boosting are in no tree.
public struct ObliviousSnapshot: Sendable, Equatable {
  /// The configuration, open parameters decided.
  public var configuration: ObliviousConfiguration
  /// Metrics per round, training rows first.
  public var history: [BoostingResult.Series]
  /// Of the rows that are trained on and evaluated, their order and their labels.
  public var fingerprint: UInt64
  /// One tree for each round.
  var trees: [ObliviousTree]
  /// Statistics that are no longer penalised.
  var used: [StatisticFeature]
  /// (folds)(segments)(outputs, tail), one after another, the fold of the final leaf values last.
  var margins: [Double]
  /// (outputs, validation rows); empty without validation rows.
  var validMargins: [Double]

  /// Rounds done.
  public var round: Int { trees.count }

  init(
    configuration: ObliviousConfiguration, history: [BoostingResult.Series], fingerprint: UInt64,
    trees: [ObliviousTree], used: [StatisticFeature], margins: [Double], validMargins: [Double]
  ) {
    self.configuration = configuration
    self.history = history
    self.fingerprint = fingerprint
    self.trees = trees
    self.used = used
    self.margins = margins
    self.validMargins = validMargins
  }

  /// The arrays that a file keeps beside configuration and history: those of the trees.
  public func treeTensors() -> [(name: String, values: ForestTensor)] {
    ObliviousTreeTensors.make(of: trees, used: used)
  }

  /// The arrays that a file keeps beside configuration and history: those of the margins.
  public func stateTensors() -> [(name: String, values: ForestTensor)] {
    [("margins", .float64(margins)), ("valid_margins", .float64(validMargins))].filter { $0.values.count > 0 }
  }

  /// Puts a stored snapshot together again.
  /// - Throws: `TernError(.data)` for an array that is absent or does not fit the others.
  public init(
    configuration: ObliviousConfiguration, history: [BoostingResult.Series], fingerprint: UInt64,
    tensors: [String: ForestTensor]
  ) throws(TernError) {
    guard case .float64(let margins)? = tensors["margins"] else {
      throw TernError(.data, "holds no margins", key: "margins")
    }
    var validMargins: [Double] = []
    if case .float64(let values)? = tensors["valid_margins"] { validMargins = values }
    let (trees, used) = try ObliviousTreeTensors.trees(
      tensors, areSymmetric: configuration.growPolicy == .symmetricTree)
    self.init(
      configuration: configuration, history: history, fingerprint: fingerprint, trees: trees, used: used,
      margins: margins, validMargins: validMargins)
  }
}
