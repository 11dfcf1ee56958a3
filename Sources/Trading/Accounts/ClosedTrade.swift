import Market

/// A position from its first execution to its last.
public struct ClosedTrade: Equatable, Sendable {
  /// Index of the market among the session's markets.
  public var market: Int
  /// LONG or SHORT.
  public var direction: Direction
  /// Time of the first execution, milliseconds.
  public var entryTime: Int64
  /// Time of the last execution, milliseconds.
  public var exitTime: Int64
  /// The largest quantity held.
  public var quantity: Quantity
  /// Number of executions that enlarged it.
  public var openings: Int32
  /// Result before costs.
  public var grossProfit: Money
  /// Fees of all its executions.
  public var fees: Money
  /// Funding paid; negative when received.
  public var funding: Money
  /// `grossProfit − fees − funding`: exactly what it changed the balance by.
  public var profit: Money
}
