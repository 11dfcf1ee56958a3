/// CatBoost's statistics of categories: a stage before the trees that turns categorical values into numbers.
///
/// A row of F raw features becomes one of F + `columns.count` features, and the trees test any of them. A derived column
/// looks the row's combination of values up in a table of counts that training left:
///
///     ((good + priorNumerator) / (total + priorDenominator) + shift) · scale
///
/// in `Float`. A combination that the table does not hold has no counts. Source: CatBoost's `static_ctr_provider` and
/// `ctr_calcer.py`.
public struct CategoryStatistics: Sendable, Equatable {
  /// One part of a combination.
  public enum Element: Sendable, Equatable {
    /// The category of a feature.
    case category(feature: Int)
    /// Whether a number is greater than a border.
    case greater(feature: Int, border: Float)
    /// Whether the category of a feature has this hash.
    case equals(feature: Int, hash: UInt32)
  }

  /// What training counted for each combination of values that it met.
  public struct Table: Sendable, Equatable {
    /// The parts of the combination, in the order in which they are hashed: categories, borders, equalities.
    public var elements: [Element]
    /// Hashes of the combinations, strictly ascending: (rows).
    public var hashes: [UInt64]
    /// Counts, row-major (rows, stride): one for each target class; a sum and a count; or a total.
    public var counts: [Double]
    /// Counts of one row.
    public var stride: Int
    /// Denominator of `Kind.counter`.
    public var denominator: Double

    /// Gathers the parts.
    public init(
      elements: [Element], hashes: [UInt64], counts: [Double], stride: Int, denominator: Double = 0
    ) {
      self.elements = elements
      self.hashes = hashes
      self.counts = counts
      self.stride = stride
      self.denominator = denominator
    }
  }

  /// How good and total come from a row of counts.
  public enum Kind: Int32, Sendable, CaseIterable {
    /// Good are the classes above `target`, total is all classes.
    case borders = 0
    /// Good is the class `target`, total is all classes.
    case buckets = 1
    /// Good is the sum of the target, total the count.
    case mean = 2
    /// Good is the count, total the table's denominator.
    case counter = 3
  }

  /// One derived feature.
  public struct Column: Sendable, Equatable {
    /// Index of its table.
    public var table: Int
    /// How good and total come from the counts.
    public var kind: Kind
    /// Class or border of the target.
    public var target: Int
    /// What is added to good.
    public var priorNumerator: Float
    /// What is added to total.
    public var priorDenominator: Float
    /// What is added to the ratio.
    public var shift: Float
    /// Factor of the shifted ratio.
    public var scale: Float

    /// Gathers the parts.
    public init(
      table: Int, kind: Kind, target: Int, priorNumerator: Float, priorDenominator: Float, shift: Float,
      scale: Float
    ) {
      self.table = table
      self.kind = kind
      self.target = target
      self.priorNumerator = priorNumerator
      self.priorDenominator = priorDenominator
      self.shift = shift
      self.scale = scale
    }
  }

  /// For each raw feature the hashes of its categories by code; empty for a numeric feature.
  public var hashes: [[UInt32]]
  /// The tables of counts.
  public var tables: [Table]
  /// The derived features, numbered after the raw ones.
  public var columns: [Column]

  /// Gathers the parts; nothing is checked before a `Forest` is made of them.
  public init(hashes: [[UInt32]], tables: [Table], columns: [Column]) {
    self.hashes = hashes
    self.tables = tables
    self.columns = columns
  }

  /// CatBoost's mixing of hashes: `h ← M · (h + M · value)` modulo 2^64.
  @inline(__always)
  public static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    let factor: UInt64 = 0x4906_ba49_4954_cb65
    return factor &* (hash &+ factor &* value)
  }

  /// A category's 32-bit hash as it enters `mix`: taken as signed.
  @inline(__always)
  public static func widened(_ hash: UInt32) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(bitPattern: hash)))
  }
}
