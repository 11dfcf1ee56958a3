/// What a record of the journal tells.
public enum JournalKind: UInt8, CaseIterable, Sendable {
  /// What the session runs with: configuration, stack digests, program version. Its payload is canonical JSON. The
  /// first record of a journal is of this kind.
  case session = 1
  /// A closed bar as the loop took it in.
  case bar = 2
  /// What the layers decided, before risk.
  case intent = 3
  /// Risk's answer to an intent.
  case verdict = 4
  /// A change of an order's state.
  case order = 5
  /// An execution.
  case fill = 6
  /// A funding payment.
  case funding = 7
  /// A change of the risk state.
  case state = 8
  /// Something a person should know.
  case alert = 9
  /// Another stack took over.
  case reload = 10
  /// A person's command.
  case `operator` = 11
  /// Any other input or output of the loop.
  case event = 12
  /// An orderly end of the session.
  case stop = 13
  /// What a lane decided at the close of a candle, and how it stands then.
  case decision = 14
  /// A position that ended.
  case trade = 15

  /// The newest version of this kind's payload, written by this program; it reads versions 1 up to this one.
  public var version: UInt8 { 1 }
}

extension JournalKind: CustomStringConvertible {
  /// The name of the kind: `session`, `bar`, ….
  public var description: String {
    switch self {
    case .session: "session"
    case .bar: "bar"
    case .intent: "intent"
    case .verdict: "verdict"
    case .order: "order"
    case .fill: "fill"
    case .funding: "funding"
    case .state: "state"
    case .alert: "alert"
    case .reload: "reload"
    case .operator: "operator"
    case .event: "event"
    case .stop: "stop"
    case .decision: "decision"
    case .trade: "trade"
    }
  }
}
