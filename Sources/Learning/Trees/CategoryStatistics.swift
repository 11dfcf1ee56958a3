/// Numbers that stand for categories, computed from a row before the trees see it: CatBoost's target statistics.
///
/// A table counts the training rows of each combination of categories by class of their target. A feature is
///
///     ((n + prior) / (d + priorWeight) + shift) · scale
///
/// where n and d are the rows of the row's combination above a class border and all of them, or, for frequencies, all
/// of them and those of the most frequent combination. A combination without rows has n = 0 and, for
/// shares, d = 0. Feature k is feature `inputs + k` of the trees.
public struct CategoryStatistics: Sendable, Equatable {
  /// A test of an input that is part of a combination.
  public struct Test: Sendable, Equatable, Codable {
    /// The input.
    public var feature: Int32
    /// Rows with `x >= threshold` pass, or rows with `x == threshold` if `isEquality`.
    public var threshold: Float
    /// Whether the test is for one category.
    public var isEquality: Bool
    /// Whether a missing value passes.
    public var missingPasses: Bool

    /// A test as given.
    public init(feature: Int32, threshold: Float, isEquality: Bool, missingPasses: Bool) {
      self.feature = feature
      self.threshold = threshold
      self.isEquality = isEquality
      self.missingPasses = missingPasses
    }

    /// Whether a value passes.
    public func passes(_ x: Float) -> Bool {
      if x.isNaN { return missingPasses }
      return isEquality ? x == threshold : x >= threshold
    }
  }

  /// The counts of one projection.
  public struct Table: Sendable, Equatable {
    /// Categorical inputs, in the order in which they enter the key.
    public var columns: [Int32]
    /// Tests that enter the key after them.
    public var tests: [Test]
    /// Number of target classes.
    public var classes: Int
    /// Keys of the combinations that have rows.
    public var keys: [UInt64]
    /// (keys, classes).
    public var counts: [Int32]
    /// Rows of the most frequent combination, or what else frequencies are divided by.
    public var largestTotal: Int32
    /// Key to its number, by open addressing; -1 where no key is.
    private let slots: [Int32]

    /// A table as given.
    public init(
      columns: [Int32], tests: [Test], classes: Int, keys: [UInt64], counts: [Int32], largestTotal: Int32
    ) {
      precondition(counts.count == keys.count * classes, "every key has a count for each class")
      self.columns = columns
      self.tests = tests
      self.classes = classes
      self.keys = keys
      self.counts = counts
      self.largestTotal = largestTotal
      var size = 4
      while size < 2 * keys.count { size *= 2 }
      var slots = [Int32](repeating: -1, count: size)
      for (number, key) in keys.enumerated() {
        var at = Table.slot(key, size)
        while slots[at] >= 0 { at = (at + 1) & (size - 1) }
        slots[at] = Int32(number)
      }
      self.slots = slots
    }

    /// The number of a key, nil if it has no rows.
    @inline(__always)
    public func number(of key: UInt64) -> Int? {
      var at = Table.slot(key, slots.count)
      while slots[at] >= 0 {
        if keys[Int(slots[at])] == key { return Int(slots[at]) }
        at = (at + 1) & (slots.count - 1)
      }
      return nil
    }

    private static func slot(_ key: UInt64, _ size: Int) -> Int {
      Int(truncatingIfNeeded: (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15 >> 32) & (size - 1)
    }
  }

  /// One number.
  public struct Feature: Sendable, Equatable, Codable {
    /// The table that counts its rows.
    public var table: Int32
    /// Classes above this border are counted; -1 for a frequency.
    public var border: Int32
    /// What is added to the numerator.
    public var prior: Float
    /// What is added to the denominator.
    public var priorWeight: Float
    /// What is added to the quotient.
    public var shift: Float
    /// Factor of the sum.
    public var scale: Float

    /// A feature as given.
    public init(
      table: Int32, border: Int32, prior: Float, priorWeight: Float = 1, shift: Float = 0, scale: Float
    ) {
      self.table = table
      self.border = border
      self.prior = prior
      self.priorWeight = priorWeight
      self.shift = shift
      self.scale = scale
    }
  }

  /// (inputs)(codes + 1) hashes of the categories of each input, that of a missing value last; empty where numeric.
  public var hashes: [[UInt32]]
  /// The counts.
  public var tables: [Table]
  /// The numbers, in the order in which the trees know them.
  public var features: [Feature]

  /// The numbers as given.
  public init(hashes: [[UInt32]], tables: [Table] = [], features: [Feature] = []) {
    self.hashes = hashes
    self.tables = tables
    self.features = features
  }

  /// The key after one more part: CatBoost's combination of hashes.
  @inline(__always)
  public static func combine(_ key: UInt64, _ part: UInt64) -> UInt64 {
    let factor: UInt64 = 0x4906_ba49_4954_cb65
    return factor &* (key &+ factor &* part)
  }

  /// The key of a row in a table, nil where a category is one that training did not know.
  ///
  /// - Parameter row: the inputs, `stride` elements apart.
  public func key(_ table: Table, row: UnsafePointer<Float>, stride: Int = 1) -> UInt64? {
    var key: UInt64 = 0
    for column in table.columns {
      let known = hashes[Int(column)]
      let x = row[Int(column) * stride]
      let code = x.isNaN ? known.count - 1 : x >= 0 && x < Float(known.count - 1) ? Int(x) : -1
      if code < 0 { return nil }
      // Hashes enter as signed numbers.
      key = CategoryStatistics.combine(key, UInt64(bitPattern: Int64(Int32(bitPattern: known[code]))))
    }
    for test in table.tests {
      key = CategoryStatistics.combine(key, test.passes(row[Int(test.feature) * stride]) ? 1 : 0)
    }
    return key
  }

  /// Writes the features of a row, `features.count` numbers.
  ///
  /// - Parameters:
  ///   - row: the inputs, `stride` elements apart.
  ///   - target: receives the numbers, `targetStride` elements apart.
  public func write(
    row: UnsafePointer<Float>, stride: Int = 1, to target: UnsafeMutablePointer<Float>, targetStride: Int = 1
  ) {
    // Features of one table stand together, so a key is looked up once for all of them.
    var last: Int32 = -1
    var number: Int?
    for (index, feature) in features.enumerated() {
      let table = tables[Int(feature.table)]
      if feature.table != last {
        last = feature.table
        number = key(table, row: row, stride: stride).flatMap { table.number(of: $0) }
      }
      target[index * targetStride] = value(feature, of: table, number: number)
    }
  }

  /// The value of a feature for a combination, nil being one without rows.
  func value(_ feature: Feature, of table: Table, number: Int?) -> Float {
    var total: Int32 = 0
    var above: Int32 = 0
    if let number {
      for k in 0..<table.classes {
        let count = table.counts[number * table.classes + k]
        total += count
        if k > Int(feature.border) { above += count }
      }
    }
    let isFrequency = feature.border < 0
    let numerator = Float(isFrequency ? total : above) + feature.prior
    let denominator = Float(isFrequency ? table.largestTotal : total) + feature.priorWeight
    return (numerator / denominator + feature.shift) * feature.scale
  }
}
