import Files

/// The first record of a journal: what has to be the same for a session to be run again.
public struct SessionHeader: Codable, Equatable, Sendable {
  /// A decision maker with an account of its own.
  public struct Lane: Codable, Equatable, Sendable {
    /// `champion`, `challenger` or `shadow`.
    public var name: String
    /// Digest of the stack that decides each market at the start, in the order of the markets.
    public var stacks: [Digest]

    /// Names a lane.
    public init(name: String, stacks: [Digest]) {
      self.name = name
      self.stacks = stacks
    }
  }

  /// Version of the decision loop; grows when equal inputs may give other decisions.
  public static let currentFormat = 1

  /// Version of the decision loop that wrote the journal.
  public var format = SessionHeader.currentFormat
  /// Everything that decides, apart from the stacks.
  public var configuration: SessionConfiguration
  /// The champion, then whoever runs beside it.
  public var lanes: [Lane]
  /// Digests of the sources of the candles, in the order of the markets.
  public var sources: [Digest]

  /// Gathers the parts.
  public init(configuration: SessionConfiguration, lanes: [Lane], sources: [Digest]) {
    self.configuration = configuration
    self.lanes = lanes
    self.sources = sources
  }
}
