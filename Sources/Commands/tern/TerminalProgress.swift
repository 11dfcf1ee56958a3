import Diagnostics
import Foundation
import Synchronization

/// Draws one progress bar on standard error for work that lasts over a second; silent when that is no terminal.
final class TerminalProgress: Diagnostics.ProgressReporting {
  private struct State {
    var phase = ""
    var started: UInt64 = 0
    var drawn: UInt64 = 0
    var isVisible = false
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func update(phase: String, completed: Int, total: Int, remark: String) {
    guard isTerminal else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    state.withLock { state in
      if state.phase != phase { state = State(phase: phase, started: now, isVisible: false) }
      let isComplete = completed >= total
      if isComplete {
        if state.isVisible { erase() }
        state.isVisible = false
        return
      }
      guard now - state.started > 1_000_000_000, now - state.drawn > 100_000_000 else { return }
      state.drawn = now
      state.isVisible = true
      draw(phase, completed, total, remark, seconds: Double(now - state.started) / 1e9)
    }
  }

  private func draw(_ phase: String, _ completed: Int, _ total: Int, _ remark: String, seconds: Double) {
    let width = 28
    let share = total > 0 ? Double(completed) / Double(total) : 0
    let filled = Int(share * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let left = share > 0 ? seconds / share - seconds : 0
    let line = "\(phase) \(bar) \(Int(share * 100)) %  \(Int(left.rounded())) s left  \(remark)"
    FileHandle.standardError.write(Data("\r\u{1B}[2K\(line.prefix(110))".utf8))
  }

  private func erase() { FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8)) }
}
