import Compute
import Diagnostics
import Glibc
import Testing

@testable import Boosting

/// What the statistics of categories are made of, against naive twins.
@Suite("Parts of statistics of categories")
struct StatisticPartsTests {
  /// Columns of few and of many categories with missing values, and a number.
  private static func table(rows: Int, categories: [Int]) -> TrainingTable {
    var random = Philox(seed: 21)
    var columns = categories.map { count in
      (0..<rows).map { _ in random.uniform() < 0.04 ? Float.nan : Float(random.integer(below: count)) }
    }
    columns.append((0..<rows).map { _ in Float(random.normal()) })
    let labels = (0..<rows).map { row -> Float in
      let odd = columns[0][row].isNaN ? false : Int(columns[0][row]) % 2 == 1
      return Float(random.normal()) + (odd ? columns[categories.count][row] : 0.5)
    }
    return TrainingTable(
      featureNames: columns.indices.map { "f\($0)" }, columns: columns, labels: labels,
      kinds: categories.map { .categorical(vocabulary: (0..<$0).map { "v\($0)" }) } + [.numeric])
  }

  private static func dataset(_ table: TrainingTable) throws -> ObliviousDataset {
    try ObliviousDataset(table: table, configuration: ObliviousConfiguration(), pool: ThreadPool(threads: 1))
  }

  /// 300 × 300 pairs of 2,000 rows do not fit the table of all pairs and are looked up by their hash.
  @Test(arguments: [[7, 12, 3], [300, 300, 250]])
  func combinationsAreNumberedAsTheyOccur(categories: [Int]) throws {
    let table = StatisticPartsTests.table(rows: 2000, categories: categories)
    let dataset = try StatisticPartsTests.dataset(table)
    let tests = [3, 60].map { ObliviousSplit(source: .feature(0), bin: $0, isEquality: false) }
    let scratch = CategoryIndex.Scratch()
    let index = CategoryIndex(rows: table.rows)
    index.assign(tests: tests, dataset: dataset, scratch: scratch)
    for column in categories.indices {
      index.assign(index, column: column, dataset: dataset, scratch: scratch)
    }
    var numbers: [[Int]: Int32] = [:]
    var totals: [Int32] = []
    for row in 0..<table.rows {
      let codes = categories.indices.map { table.columns[$0][row] }
      let id: Int32
      if codes.contains(where: \.isNaN) {
        id = -1
      } else {
        let borders = tests.map { dataset.features[0].borders[$0.bin] }
        let key = codes.map { Int($0) } + borders.map { table.columns[categories.count][row] > $0 ? 1 : 0 }
        id = numbers[key] ?? Int32(numbers.count)
        numbers[key] = id
        if totals.count == Int(id) { totals.append(0) }
        totals[Int(id)] += 1
      }
      #expect(index.ids.pointer[row] == id)
    }
    #expect(index.count.trained == numbers.count && index.largestTotal == totals.max())
    #expect(index.count.counted == numbers.count)
    #expect(totals.indices.allSatisfy { index.totals.pointer[$0] == totals[$0] })
  }

  /// One test more than those of another index, whichever it is, gives what all tests together give.
  @Test
  func testsAreAddedInAnyOrder() throws {
    let table = StatisticPartsTests.table(rows: 2000, categories: [5])
    let dataset = try StatisticPartsTests.dataset(table)
    let tests = [3, 60, 20, 41].map { ObliviousSplit(source: .feature(0), bin: $0, isEquality: false) }
    let scratch = CategoryIndex.Scratch()
    func index(_ fill: (CategoryIndex) -> Void) -> CategoryIndex {
      let made = CategoryIndex(rows: table.rows)
      fill(made)
      return made
    }
    let wanted = index { $0.assign(tests: tests, dataset: dataset, scratch: scratch) }
    for place in tests.indices {
      var others = tests
      let last = others.remove(at: place)
      let base = index { $0.assign(tests: others.reversed(), dataset: dataset, scratch: scratch) }
      let found = index { $0.assign(base, test: last, dataset: dataset, scratch: scratch) }
      #expect((0..<table.rows).allSatisfy { found.ids.pointer[$0] == wanted.ids.pointer[$0] })
      #expect(found.count.trained == wanted.count.trained && found.largestTotal == wanted.largestTotal)
      #expect((0..<wanted.count.trained).allSatisfy { found.totals.pointer[$0] == wanted.totals.pointer[$0] })
    }
  }

  /// Leaves of a permutation, some levels of which were decided in the order of the table, are those of all tests row by row.
  @Test
  func levelsThatAreKnownByRowGiveTheSameLeaves() throws {
    var random = Philox(seed: 8)
    let table = StatisticPartsTests.table(rows: 3000, categories: [40])
    let dataset = try StatisticPartsTests.dataset(table)
    let bins = Storage<UInt8>(table.rows, initial: 0)
    for row in 0..<table.rows { bins.pointer[row] = UInt8(random.integer(below: 15)) }
    let feature = { LevelTest(feature: 0, bin: $0, isEquality: false, of: dataset) }
    let tests = [feature(30), LevelTest(bins, bin: 6), feature(90), LevelTest(bins, bin: 9)]
    var rows = Array(0..<Int32(table.rows))
    random.shuffle(&rows)
    let (known, found, wanted) = (
      Storage<UInt16>(table.rows, initial: 0), Storage<UInt16>(table.rows, initial: 9),
      Storage<UInt16>(table.rows, initial: 9)
    )
    for level in [0, 2] { tests[level].mark(0..<table.rows, bit: 1 << UInt16(level), in: known.pointer) }
    rows.withUnsafeBufferPointer { rows in
      LevelTest.mark(tests, rows, 100..<2500, in: wanted.pointer)
      LevelTest.mark(
        [(1, tests[1]), (3, tests[3])], rows, 100..<2500, known: known.pointer, in: found.pointer)
    }
    #expect((0..<table.rows).allSatisfy { found.pointer[$0] == wanted.pointer[$0] })
    #expect(Set((100..<2500).map { wanted.pointer[$0] }).count > 8 && wanted.pointer[0] == 9)
  }

  /// Rows that are counted only have the numbers that follow those of training, and leave these as they are.
  @Test(arguments: [[7, 12, 3], [300, 300, 250]])
  func otherRowsComeAfterThoseOfTraining(categories: [Int]) throws {
    let whole = StatisticPartsTests.table(rows: 3000, categories: categories)
    let table = try whole.selecting(rows: Array(0..<Int32(2000)))
    let dataset = try StatisticPartsTests.dataset(table)
    let others = ObliviousDataset(
      rowsOf: try whole.selecting(rows: Array(Int32(2000)..<3000)), as: dataset, pool: ThreadPool(threads: 1))
    let all = ObliviousDataset(rowsOf: whole, as: dataset, pool: ThreadPool(threads: 1))
    let tests = [3, 60].map { ObliviousSplit(source: .feature(0), bin: $0, isEquality: false) }
    let scratch = CategoryIndex.Scratch()
    let (alone, both) = (CategoryIndex(rows: 2000), CategoryIndex(rows: 2000, others: 1000))
    let joined = CategoryIndex(rows: 3000)
    alone.assign(tests: tests, dataset: dataset, scratch: scratch)
    both.assign(tests: tests, dataset: dataset, others: others, scratch: scratch)
    joined.assign(tests: tests, dataset: all, scratch: scratch)
    for column in categories.indices {
      alone.assign(alone, column: column, dataset: dataset, scratch: scratch)
      both.assign(both, column: column, dataset: dataset, others: others, scratch: scratch)
      joined.assign(joined, column: column, dataset: all, scratch: scratch)
    }
    #expect(both.count.trained == alone.count.trained && both.count.counted == joined.count.counted)
    #expect(both.count.counted > both.count.trained)
    #expect((0..<2000).allSatisfy { both.ids.pointer[$0] == alone.ids.pointer[$0] })
    #expect((0..<3000).allSatisfy { both.ids.pointer[$0] == joined.ids.pointer[$0] })
    #expect((0..<joined.count.counted).allSatisfy { both.totals.pointer[$0] == joined.totals.pointer[$0] })
    #expect(both.largestTotal == joined.largestTotal)
  }

  /// Every bin by its definition, from the rows before it one by one.
  @Test(
    arguments: [
      "Borders,Counter", "Buckets:Prior=0.3,BinarizedTargetMeanValue,Counter:Prior=0.5/1",
      "Borders:Prior=-1:Prior=3:CtrBorderCount=40,Counter:CtrBorderCount=200",
    ], [2, 4])
  func binsFollowTheRowsBefore(descriptions: String, classes: Int) throws {
    let table = StatisticPartsTests.table(rows: 2500, categories: [40])
    let dataset = try StatisticPartsTests.dataset(table)
    var random = Philox(seed: 4)
    var order = Array(0..<Int32(table.rows))
    random.shuffle(&order)
    let target = TargetClasses(
      rows: (0..<table.rows).map { _ in UInt8(random.integer(below: classes)) }, count: classes)
    let features = StatisticFeature.all(
      of: CategoryProjection(columns: [0]), try StatisticDescription.list("simple_ctr", descriptions)
    ) { _ in (0, classes) }
    let index = CategoryIndex(rows: table.rows)
    index.assign(column: 0, dataset: dataset, scratch: CategoryIndex.Scratch())
    let layout = StatisticLayout(features)
    let filler = StatisticFiller(rows: table.rows)
    filler.prepareSpare(layout)
    // What an earlier call left must not matter.
    for _ in 0..<2 { filler.fill(filler.spare, layout, index, order: order, targets: [target]) }
    for (number, feature) in features.enumerated() {
      var before: [Int32: [Int]] = [:]
      var sums: [Int32: Float] = [:]
      var wrong = 0
      for row in order.map(Int.init) {
        let id = index.ids.pointer[row]
        let own = id >= 0 ? before[id] ?? [] : []
        let (good, total): (Float, Int32)
        switch feature.kind {
        case .borders(let border): (good, total) = (Float(own.count { $0 > border }), Int32(own.count))
        case .buckets(let one): (good, total) = (Float(own.count { $0 == one }), Int32(own.count))
        case .mean: (good, total) = (id >= 0 ? sums[id] ?? 0 : 0, Int32(own.count))
        case .counter:
          (good, total) = (id >= 0 ? Float(index.totals.pointer[Int(id)]) : 0, index.largestTotal)
        }
        let wanted = Int(feature.binning.bin(good: good, total: total))
        let test = { (bin: Int) in
          LevelTest(
            filler.spare[number / layout.width], place: number % layout.width, bin: bin, isEquality: true)
        }
        if test(wanted).side(row) != 1 { wrong += 1 }
        if id >= 0 {
          before[id, default: []].append(Int(target.rows[row]))
          sums[id, default: 0] += Float(target.rows[row]) / Float(classes - 1)
        }
      }
      #expect(wrong == 0, "\(feature.kind)")
    }
  }

  /// Few rows are summed one way, many another.
  @Test(arguments: [1, 200, 3000])
  func narrowSumsAgreeWithNaiveOnes(count: Int) {
    var random = Philox(seed: 6)
    let words = (0..<4000).map { _ in UInt16(truncatingIfNeeded: random.next32()) }
    let rows = (0..<count).map { _ in Int32(random.integer(below: words.count)) }
    let pairs = rows.map { _ in
      SIMD2(Int64(random.integer(below: 1 << 18)) - (1 << 17), Int64(random.integer(below: 1 << 17)))
    }
    var naive = [SIMD2<Int64>](repeating: .zero, count: 64)
    for (row, pair) in zip(rows, pairs) {
      for place in 0..<4 { naive[16 * place + Int(words[Int(row)] >> UInt16(4 * place)) & 15] &+= pair }
    }
    let packed = pairs.map { $0.x << 32 + $0.y }
    for isWide in [true, false] {
      let scratch = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
      NarrowKernel.add(
        words: words, rows: rows, values: packed, count: count, isWide: isWide, scratch: scratch.pointer)
      NarrowKernel.finish(count: count, isWide: isWide, scratch: scratch.pointer)
      let sums = UnsafeRawPointer(scratch.pointer).assumingMemoryBound(to: Int64.self)
      for entry in 0..<64 {
        let sum =
          isWide
          ? scratch.pointer[entry] : SIMD2(sums[entry] >> 32, sums[entry] & 0xFFFF_FFFF)
        #expect(sum == naive[entry])
      }
      let used = isWide ? 128 : 64
      #expect((used..<2 * scratch.count).allSatisfy { sums[$0] == 0 })
    }
  }

  /// Whatever is kept or computed again, the trees are the same; and no more is kept than may be.
  @Test(arguments: [[:], ["boosting_type": "Ordered"], ["simple_ctr": "Borders:CtrBorderCount=40"]])
  func roomForStatisticsDoesNotMatter(parameters: [String: String]) throws {
    var table = StatisticPartsTests.table(rows: 1200, categories: [9, 30, 5, 14])
    table.labels = table.labels.map { $0 > 0.4 ? 1 : 0 }
    func session(_ limit: String) throws -> ObliviousSession {
      let configuration = try ObliviousConfiguration(
        parameters: [
          "loss_function": "Logloss", "iterations": "12", "depth": "4", "max_ctr_complexity": "3",
          "learning_rate": "0.2", "used_ram_limit": limit,
        ].merging(parameters) { $1 })
      return try ObliviousSession(
        configuration: configuration, train: table, valid: nil, pool: ThreadPool(threads: 2))
    }
    let (roomy, tight, none) = (try session(""), try session("160kb"), try session("0"))
    for _ in 0..<12 {
      for session in [roomy, tight, none] { #expect(try session.boost()) }
      #expect(tight.catalogue.budget.bytes <= 160 << 10)
    }
    #expect(roomy.catalogue.budget.bytes > 200 << 10)
    #expect(try roomy.forest() == tight.forest())
    #expect(try roomy.forest() == none.forest())
    #expect(
      roomy.trees.contains { tree in
        tree.splits.contains {
          guard case .statistic(let feature) = $0.source else { return false }
          return feature.projection.complexity > 1
        }
      })
  }

  @Test
  func sizesHaveUnits() throws {
    let sizes = ["": nil, "100": 100, "512mb": 512 << 20, "2GB": 2 << 30]
    for (text, size) in sizes {
      #expect(try ObliviousConfiguration(parameters: ["used_ram_limit": text]).usedRamLimit == size)
    }
    for wrong in ["mb", "1.5gb", "-1", "3 pb", "99999999999tb"] {
      #expect(throws: TernError.self) { try ObliviousConfiguration(parameters: ["used_ram_limit": wrong]) }
    }
  }
}
