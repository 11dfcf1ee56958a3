import Glibc
import Synchronization

/// Whether the process was asked to end: SIGTERM and SIGINT only raise a flag, which the loop reads between candles.
public enum StopSignal {
  private static let raised = Atomic<Bool>(false)

  /// Takes over SIGTERM and SIGINT; SIGPIPE is ignored, so that a reader that went away ends nothing.
  public static func install() {
    signal(SIGTERM) { _ in StopSignal.raise() }
    signal(SIGINT) { _ in StopSignal.raise() }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Asks for the end.
  public static func raise() { raised.store(true, ordering: .relaxed) }

  /// Whether the end was asked for.
  public static var isRaised: Bool { raised.load(ordering: .relaxed) }
}
