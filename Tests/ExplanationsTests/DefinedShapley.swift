import Trees

/// Shapley values by their definition, over all subsets of the features.
struct DefinedShapley {
  let features: Int
  /// Worth of every subset of the features, as bits.
  let worths: [Double]

  /// - Parameter worth: what the features whose bits are set are worth together.
  init(features: Int, worth: (Int) -> Double) {
    self.features = features
    worths = (0..<1 << features).map(worth)
  }

  /// Σ_T |T|!·(M−|T|−1)!/M!·(w(T ∪ j) − w(T)).
  func value(_ feature: Int) -> Double {
    let bit = 1 << feature
    return worths.indices.filter { $0 & bit == 0 }.reduce(0) { sum, subset in
      let size = subset.nonzeroBitCount
      return sum + weight(size, features - size - 1) * (worths[subset | bit] - worths[subset])
    }
  }

  /// Σ_T |T|!·(M−|T|−2)!/(M−1)!·(w(T ∪ ij) − w(T ∪ i) − w(T ∪ j) + w(T)).
  func interaction(_ first: Int, _ second: Int) -> Double {
    let (i, j) = (1 << first, 1 << second)
    return worths.indices.filter { $0 & (i | j) == 0 }.reduce(0) { sum, subset in
      let size = subset.nonzeroBitCount
      let change = worths[subset | i | j] - worths[subset | i] - worths[subset | j] + worths[subset]
      return sum + weight(size, features - size - 2) * change
    }
  }

  /// a!·b!/(a + b + 1)!.
  private func weight(_ a: Int, _ b: Int) -> Double {
    var result = 1 / Double(a + b + 1)
    for k in 0..<b { result *= Double(k + 1) / Double(a + k + 1) }
    return result
  }

  /// Expectation of an output's margin when a row's features are known for the set bits only and the others follow the
  /// covers; a node without any sends half each way.
  static func pathDependent(_ forest: Forest, output: Int, row: [Float], known: Int) -> Double {
    func expectation(_ start: Int, _ node: Int) -> Double {
      let feature = Int(forest.splitFeature[node])
      guard feature >= 0 else { return forest.leafValue(node) }
      let left = start + Int(forest.leftChild[node])
      let right = start + Int(forest.rightChild[node])
      if known & 1 << feature != 0 {
        let goesLeft = RandomForests.goesLeft(forest, node, row[feature])
        return expectation(start, goesLeft ? left : right)
      }
      let (a, b) = (Double(forest.cover[left]), Double(forest.cover[right]))
      let share = a + b > 0 ? a / (a + b) : 0.5
      return share * expectation(start, left) + (1 - share) * expectation(start, right)
    }
    var sum = 0.0
    for tree in stride(from: output, to: forest.trees, by: forest.outputs) {
      let start = Int(forest.treeOffsets[tree])
      sum += expectation(start, start)
    }
    let rounds = forest.header.averages ? Double(forest.rounds) : 1
    return forest.header.baseMargins[output] + forest.header.scale * sum / rounds
  }
}
