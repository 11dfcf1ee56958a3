/// Receives how far a long piece of work has come; a terminal draws a bar, a test or a pipe ignores it.
public protocol ProgressReporting: Sendable {
  /// Says that `completed` of `total` units of the named phase are done, with an optional remark.
  func update(phase: String, completed: Int, total: Int, remark: String)
}

/// Ignores all progress.
public struct SilentProgress: ProgressReporting {
  /// Creates a reporter that shows nothing.
  public init() {}
  /// Does nothing.
  public func update(phase: String, completed: Int, total: Int, remark: String) {}
}
