import Compute

/// A tree of which every leaf has a test of its own, while it grows; what it needs is used again by the next one.
struct LeafGrowth {
  /// The best test of a leaf.
  struct Proposal {
    var leaf: Int
    var gain: Double
    var split: ObliviousSplit
    var test: LevelTest
  }

  /// The tests of the inner nodes, parents first, and the leaf that each has split.
  private var splits: [ObliviousSplit] = []
  private var splitLeaves: [Int] = []
  /// Level of each leaf.
  private(set) var depths: [Int] = []
  /// Leaves of the level in work, and those that have been made of them.
  private(set) var level: [Int] = []
  private var next: [Int] = []
  /// Proposals that wait; larger gains stand later, and of equal ones the leaf that was there first.
  private var proposals: [Proposal] = []
  var histograms = LeafHistograms()

  /// Number of leaves.
  var leafCount: Int { splits.count + 1 }

  /// The tests so far.
  var structure: TreeStructure {
    // Copies of their own, as long as they need to be: the arrays stay here.
    TreeStructure(splits: splits.map { $0 }, splitLeaves: splitLeaves.map { $0 })
  }

  /// Begins a tree.
  mutating func begin(outputs: Int, bins: Int) {
    splits.removeAll(keepingCapacity: true)
    splitLeaves.removeAll(keepingCapacity: true)
    depths.removeAll(keepingCapacity: true)
    depths.append(0)
    level.removeAll(keepingCapacity: true)
    level.append(0)
    next.removeAll(keepingCapacity: true)
    proposals.removeAll(keepingCapacity: true)
    histograms.begin(outputs: outputs, bins: bins)
  }

  /// Splits a leaf and returns the number of the new one.
  mutating func split(_ proposal: Proposal) -> Int {
    let leaf = proposal.leaf
    splits.append(proposal.split)
    splitLeaves.append(leaf)
    depths[leaf] += 1
    depths.append(depths[leaf])
    histograms.addLeaf()
    return depths.count - 1
  }

  /// Notes leaves of the next level.
  mutating func note(_ left: Int, _ right: Int) {
    next.append(left)
    next.append(right)
  }

  /// Goes on to the next level.
  mutating func descend() {
    swap(&level, &next)
    next.removeAll(keepingCapacity: true)
  }

  /// Adds a proposal that waits.
  mutating func add(_ proposal: Proposal) {
    var (low, high) = (0, proposals.count)
    while low < high {
      let middle = (low + high) / 2
      let other = proposals[middle]
      let isBetter =
        proposal.gain != other.gain ? proposal.gain > other.gain : proposal.leaf < other.leaf
      if isBetter { low = middle + 1 } else { high = middle }
    }
    proposals.insert(proposal, at: low)
  }

  /// Takes the best proposal.
  mutating func takeBest() -> Proposal? { proposals.popLast() }
}

/// Histograms of the leaves of a tree, used again from leaf to leaf and from tree to tree.
struct LeafHistograms {
  typealias Sums = UnsafeMutablePointer<SIMD2<Int64>>

  /// (outputs, bins) each.
  private var slots: [Storage<SIMD2<Int64>>] = []
  private var free: [Int] = []
  /// Slot of each leaf, -1 where none is kept.
  private var places: [Int] = []
  private var entries = 0

  /// Begins a tree of one leaf.
  mutating func begin(outputs: Int, bins: Int) {
    if entries != outputs * bins { slots = [] }
    entries = outputs * bins
    free.removeAll(keepingCapacity: true)
    for slot in slots.indices { free.append(slot) }
    places.removeAll(keepingCapacity: true)
    places.append(-1)
  }

  /// Notes a new last leaf.
  mutating func addLeaf() { places.append(-1) }

  /// The histogram of a leaf, (outputs, bins), if there is one.
  func sums(_ leaf: Int) -> Sums? { places[leaf] < 0 ? nil : slots[places[leaf]].pointer }

  /// Gives a leaf without a histogram one of arbitrary content.
  mutating func provide(_ leaf: Int) -> Sums {
    if free.isEmpty {
      free.append(slots.count)
      slots.append(Storage(entries, initial: .zero))
    }
    let slot = free.removeLast()
    places[leaf] = slot
    return slots[slot].pointer
  }

  /// Takes the histogram of a leaf back.
  mutating func release(_ leaf: Int) {
    if places[leaf] < 0 { return }
    free.append(places[leaf])
    places[leaf] = -1
  }

  /// Hands the histogram of a leaf to another one.
  mutating func move(_ leaf: Int, to other: Int) {
    places[other] = places[leaf]
    if other != leaf { places[leaf] = -1 }
  }
}
