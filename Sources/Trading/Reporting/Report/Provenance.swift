/// What was run, so that it can be run again.
public struct RunInformation: Codable, Equatable, Sendable {
  /// Title of the report.
  public var title: String
  /// When the report was made, milliseconds since the epoch, UTC. Not part of the report's digest.
  public var created: Int64
  /// Version of the program.
  public var programVersion: String
  /// Revision of the source code; nil when unknown.
  public var codeRevision: String?
  /// Digest of the resolved configuration; nil when there is none.
  public var configurationDigest: String?
  /// Digest of the trained stack; nil when none was kept.
  public var stackDigest: String?
  /// Every seed by name, in a fixed order.
  public var seeds: [NamedValue]
  /// Settings worth showing, in a fixed order.
  public var settings: [NamedValue]
  /// Versions of libraries and formats, in a fixed order.
  public var versions: [NamedValue]

  /// Gathers what is known.
  public init(
    title: String, created: Int64, programVersion: String, codeRevision: String? = nil,
    configurationDigest: String? = nil, stackDigest: String? = nil, seeds: [NamedValue] = [],
    settings: [NamedValue] = [], versions: [NamedValue] = []
  ) {
    self.title = title
    self.created = created
    self.programVersion = programVersion
    self.codeRevision = codeRevision
    self.configurationDigest = configurationDigest
    self.stackDigest = stackDigest
    self.seeds = seeds
    self.settings = settings
    self.versions = versions
  }
}

/// A name with a value as text, kept in an array because order matters to a digest and to a reader.
public struct NamedValue: Codable, Equatable, Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: String

  /// Pairs a name with a value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The data behind a report.
public struct DataInformation: Codable, Equatable, Sendable {
  /// Symbol, for example `BTCUSDT`.
  public var symbol: String
  /// Length of a candle, for example `1m`.
  public var interval: String
  /// First candle's open, milliseconds since the epoch, UTC.
  public var start: Int64
  /// Last candle's close.
  public var end: Int64
  /// Number of candles.
  public var candles: Int
  /// Number of gaps between candles.
  public var gaps: Int
  /// Digest of the data.
  public var digest: String
  /// Hash of the feature schema.
  public var featureSchemaHash: String
  /// Number of features.
  public var features: Int

  /// Gathers what is known of the data.
  public init(
    symbol: String, interval: String, start: Int64, end: Int64, candles: Int, gaps: Int, digest: String,
    featureSchemaHash: String, features: Int
  ) {
    self.symbol = symbol
    self.interval = interval
    self.start = start
    self.end = end
    self.candles = candles
    self.gaps = gaps
    self.digest = digest
    self.featureSchemaHash = featureSchemaHash
    self.features = features
  }
}

/// How often each label occurs.
public struct LabelCensus: Codable, Equatable, Sendable {
  /// One class of a census.
  public struct Entry: Codable, Equatable, Sendable {
    /// Name of the class.
    public var name: String
    /// Number of rows.
    public var count: Int
    /// Mean net return of the trades that the label stands for, a fraction; nil where it stands for none.
    public var meanNetReturn: Double?

    /// Gathers a class's numbers.
    public init(name: String, count: Int, meanNetReturn: Double? = nil) {
      self.name = name
      self.count = count
      self.meanNetReturn = finite(meanNetReturn)
    }
  }

  /// The labelling rule in words, for example `mirrored triple barrier, +1.5 % / −0.5 %, 60m`.
  public var rule: String
  /// The classes in index order.
  public var classes: [Entry]
  /// Labels decided by a bar that touched both barriers.
  public var ambiguous: Int
  /// Rows without a label.
  public var unlabelled: Int

  /// Gathers a census.
  public init(rule: String, classes: [Entry], ambiguous: Int = 0, unlabelled: Int = 0) {
    self.rule = rule
    self.classes = classes
    self.ambiguous = ambiguous
    self.unlabelled = unlabelled
  }
}
