import Compute
import Trees

/// The trees of a training with dropout (Rashmi & Gilad-Bachrach, "DART", AISTATS 2015) and their weights.
///
/// XGBoost drops single trees, LightGBM whole rounds; what is dropped together is a unit. The base score is not part of
/// a tree here and is never dropped.
struct TreeDropout {
  private let configuration: BoostingConfiguration
  /// Trees of one unit, and of one round.
  private let unitTrees: Int
  private let roundTrees: Int
  /// All trees as they were grown.
  private(set) var trees: [GrownTree] = []
  /// Factor on the values of each unit's trees.
  private(set) var weights: [Double] = []
  /// How readily LightGBM drops a round.
  private var likelihoods: [Double] = []
  /// Units left out of the round under way.
  private(set) var dropped: [Int] = []

  init(configuration: BoostingConfiguration, roundTrees: Int) {
    self.configuration = configuration
    self.roundTrees = roundTrees
    unitTrees = configuration.style == .xgboost ? 1 : roundTrees
  }

  /// The trees of a unit.
  func trees(of unit: Int) -> Range<Int> { unit * unitTrees..<(unit + 1) * unitTrees }

  /// The weight of a tree.
  func weight(ofTree tree: Int) -> Double { weights[tree / unitTrees] }

  /// Chooses what the round leaves out.
  mutating func draw(round: Int) {
    let growth = configuration.growth
    var random = RandomStream.dropout.generator(seed: configuration.seed, step: round)
    dropped = []
    if random.uniform() < growth.skipDrop || weights.isEmpty { return }
    switch configuration.style {
    case .xgboost: drawXGBoost(growth, &random)
    case .lightgbm: drawLightGBM(growth, &random)
    }
  }

  private mutating func drawXGBoost(_ growth: GrowthConfiguration, _ random: inout Philox) {
    let isWeighted = growth.dropSampling == .weighted
    let sum = weights.reduce(0, +)
    for unit in weights.indices {
      let rate =
        isWeighted ? growth.dropRate * Double(weights.count) * weights[unit] / sum : growth.dropRate
      if random.uniform() < rate { dropped.append(unit) }
    }
    guard growth.oneDrop, dropped.isEmpty else { return }
    guard isWeighted else {
      dropped = [random.integer(below: weights.count)]
      return
    }
    var place = random.uniform() * sum
    let unit = weights.firstIndex { weight in
      place -= weight
      return place < 0
    }
    dropped = [unit ?? weights.count - 1]
  }

  private mutating func drawLightGBM(_ growth: GrowthConfiguration, _ random: inout Philox) {
    let count = Double(weights.count)
    var rate = growth.dropRate
    let sum = likelihoods.reduce(0, +)
    if growth.maxDrop > 0 {
      rate = min(rate, Double(growth.maxDrop) / (growth.uniformDrop ? count : sum * sum / count))
    }
    for unit in weights.indices {
      let own = growth.uniformDrop ? rate : rate * likelihoods[unit] * count / sum
      if random.uniform() < own { dropped.append(unit) }
      if growth.maxDrop > 0, dropped.count >= growth.maxDrop { return }
    }
  }

  /// The learning rate of the round's trees.
  var learningRate: Double {
    let rate = configuration.learningRate
    if configuration.style == .xgboost { return rate / Double(configuration.growth.numParallelTree) }
    let k = Double(dropped.count)
    if configuration.growth.xgboostDartMode { return dropped.isEmpty ? rate : rate / (rate + k) }
    return rate / (1 + k)
  }

  /// Adds the round's trees and gives what was dropped its new weights.
  mutating func add(_ new: [GrownTree]) {
    let k = Double(dropped.count)
    let rate = configuration.learningRate
    var own = 1.0
    var factor = 1.0
    switch configuration.style {
    case .xgboost:
      let share = rate / Double(roundTrees)
      if dropped.isEmpty { break }
      switch configuration.growth.dropNormalisation {
      case .tree:
        factor = k / (k + share)
        own = 1 / (k + share)
      case .forest:
        factor = 1 / (1 + share)
        own = factor
      }
    case .lightgbm: factor = configuration.growth.xgboostDartMode ? k / (k + rate) : k / (k + 1)
    }
    for unit in dropped {
      weights[unit] *= factor
      likelihoods[unit] *= factor
    }
    let rateOfRound = learningRate
    trees += new
    for _ in 0..<(new.count / unitTrees) {
      weights.append(own)
      likelihoods.append(rateOfRound)
    }
  }

  /// The nodes of a tree with its weight in their values.
  func nodes(ofTree tree: Int) -> [TreeNode] {
    let weight = Float(weight(ofTree: tree))
    return trees[tree].nodes.map { node in
      var node = node
      node.value *= weight
      return node
    }
  }
}
