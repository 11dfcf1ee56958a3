import Accounts
import Market

extension RiskManager {
  /// A person halts: no openings, positions keep their resting exits, until `rearm`. A new day does not end it.
  public mutating func halt(at time: Int64) {
    now = max(now, time)
    isHaltedByOperator = true
    settle(.operatorCommand, at: time)
  }

  /// A person wants out: shuts down, so that everything is closed and nothing opened until `rearm`.
  public mutating func flatten(at time: Int64) {
    now = max(now, time)
    if shutdownReason == nil { shutdownReason = .operatorCommand }
    settle(.operatorCommand, at: time)
  }

  /// A person re-arms after a shutdown or an own halt. After a shutdown the drawdown is counted from the account's
  /// equity as it stands. What else holds keeps holding: limits of the day, volatility.
  /// - Returns: Whether there was anything to re-arm and equity to trade with; otherwise nothing changes.
  @discardableResult
  public mutating func rearm(account: Account, at time: Int64) -> Bool {
    guard shutdownReason != nil || isHaltedByOperator, account.equity > .zero else { return false }
    advance(to: time, account: account)
    if shutdownReason != nil {
      equity = account.equity
      peakEquity = equity
    }
    shutdownReason = nil
    isHaltedByOperator = false
    settle(.rearmed, at: time)
    return true
  }
}
