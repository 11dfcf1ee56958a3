import Accounts
import Orders
import Risk

/// Is told of what a lane does, while it does it. It only watches: nothing that it does reaches the decisions.
public protocol LaneObserver: AnyObject {
  /// Risk has judged an intent.
  func judged(_ intent: OrderIntent, _ verdict: RiskVerdict)
  /// An execution is about to be booked; the order is nil for a liquidation.
  func executing(_ fill: Fill, order: ApprovedOrder?, account: Account)
  /// A position has ended.
  func closed(_ trade: ClosedTrade)
}
