import Compute
import Testing

@testable import Boosting

/// Where rows go, against naive twins.
@Suite("Rows of nodes and samples")
struct RowMovementTests {
  /// Both ways of splitting (one thread, several chunks) keep the order and the pairs of a stable filter.
  @Test(arguments: [1, 37, 4096, 4097, 20_000])
  func splitsAreStableFilters(count: Int) {
    var random = Philox(seed: 5)
    let words = Storage<UInt64>(count + 10, initial: 0)
    for row in 0..<count + 10 { words.pointer[row] = random.next() }
    var members = BinSet.zero
    for code in 0..<256 where random.integer(below: 2) == 0 { members.insert(code) }
    for test in [
      GrownTree.Test(shift: 24, bin: 99),
      GrownTree.Test(shift: 0, bin: 254, missingBin: 3, missingLeft: false),
      GrownTree.Test(shift: 56, bin: -1, missingBin: 200, missingLeft: true),
      GrownTree.Test(shift: 8, isCategorical: true, leftBins: members),
    ] {
      let partition = RowPartition(capacity: count + 5)
      let begin = 5
      for i in 0..<count {
        partition.rows(0)[begin + i] = Int32(i + 7)
        partition.values(0)[begin + i] = Int64(bitPattern: random.next())
      }
      let all = (0..<count).map { (partition.rows(0)[begin + $0], partition.values(0)[begin + $0]) }
      func goesLeft(_ row: Int32) -> Bool {
        test.goesLeft(Int((words.pointer[Int(row)] >> test.shift) & 255))
      }
      let expected = all.filter { goesLeft($0.0) } + all.filter { !goesLeft($0.0) }
      let left = partition.split(
        begin: begin, count: count, copy: 0, words: words.pointer, test: test, pool: ThreadPool(threads: 2))
      #expect(left == all.count { goesLeft($0.0) })
      #expect(
        (0..<count).allSatisfy {
          partition.rows(1)[begin + $0] == expected[$0].0 && partition.values(1)[begin + $0] == expected[$0].1
        })
    }
  }

  /// A row is kept if its number of the sequential generator says so.
  @Test(arguments: [1, 4095, 9001])
  func uniformSamplesFollowTheSequence(count: Int) throws {
    let configuration = try BoostingConfiguration(
      style: .lightgbm, parameters: ["bagging_fraction": "0.6", "bagging_freq": "1", "seed": "11"])
    let rows = (0..<Int32(count)).map { 2 * $0 }
    var sample = RowSample(
      configuration: configuration, rows: rows, labels: [Float](repeating: 0, count: 2 * count),
      pool: ThreadPool(threads: 2))
    let derivatives = Storage<SIMD2<Float>>(1, initial: .zero)
    sample.draw(step: 3, round: 3, derivatives: derivatives.pointer, outputs: 1, total: 2 * count)
    var random = RandomStream.rows.generator(seed: 11, step: 3)
    let isKept = rows.map { _ in Double(random.next32()) < 0.6 * 0x1p32 }
    #expect(sample.chosen == zip(rows, isKept).filter(\.1).map(\.0))
    #expect(sample.left == zip(rows, isKept).filter { !$0.1 }.map(\.0))
  }

  /// Rows outside the sample reach the leaves that a walk one by one reaches.
  @Test
  func walksReachTheLeavesOfTheTree() throws {
    var random = Philox(seed: 6)
    let rows = 3001
    let columns = (0..<11).map { _ in
      (0..<rows).map { _ in random.integer(below: 9) == 0 ? Float.nan : Float(random.normal()) }
    }
    let categories = (0..<rows).map { _ in Float(random.integer(below: 30)) }
    let labels = (0..<rows).map { row in
      (columns[0][row] > 0 ? 1 : 0) + (columns[10][row].isNaN ? 2 : 0) + Float(Int(categories[row]) % 5)
    }
    let table = TrainingTable(
      featureNames: (0..<12).map { "f\($0)" }, columns: columns + [categories], labels: labels,
      kinds: [ColumnKind](repeating: .numeric, count: 11) + [
        .categorical(vocabulary: (0..<30).map { "\($0)" })
      ])
    let configuration = try BoostingConfiguration(
      style: .lightgbm, parameters: ["num_leaves": "31", "cat_smooth": "1", "min_data_per_group": "5"])
    let pool = ThreadPool(threads: 2)
    let dataset = try BinnedDataset(table: table, configuration: configuration, pool: pool)
    let grower = TreeGrower(
      dataset: dataset, rows: 2000, outputs: 1, configuration: configuration, pool: pool)
    let derivatives = Storage<SIMD2<Float>>(rows, initial: .zero)
    for row in 0..<rows { derivatives.pointer[row] = SIMD2(-labels[row], 1) }
    let tree = try grower.grow(derivatives: derivatives.pointer, rows: Array(0..<2000), tree: 0)
    #expect(tree.leaves.count > 20)
    for count in [1, 2, 3, 4, 1001] {
      let outside = (0..<Int32(count)).map { $0 + 2000 }
      var found: [Int] = []
      BinnedWalk(tree, dataset: dataset).forEach(outside, count: count) { row, leaf in
        #expect(row == found.count + 2000)
        found.append(leaf)
      }
      #expect(found == outside.map { tree.leaf(of: Int($0), in: dataset) })
    }
  }
}
