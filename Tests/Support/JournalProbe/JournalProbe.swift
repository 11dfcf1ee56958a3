import Diagnostics
import Files
import Glibc
import Journal

/// Writes a journal until it is killed, or holds it; each acknowledged step is a line on standard output.
///
///     JournalProbe work PATH SEED     creates or resumes, then commits groups without end: `flushed N HASH` or
///                                     `committed N HASH` with the number of records and the last hash
///     JournalProbe hold PATH          resumes and waits: `held`
///     JournalProbe limited PATH SIZE  commits under a limit on the file's size until refused: `committed N HASH`,
///                                     then `refused KIND`, then, with the limit lifted, `committed N HASH`
@main
enum JournalProbe {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(TernError) {
      guard arguments.count >= 2 else { throw TernError(.usage, "JournalProbe COMMAND PATH …") }
      let number = arguments.count > 2 ? UInt64(arguments[2]) ?? 0 : 0
      switch arguments[0] {
      case "work": try work(arguments[1], seed: number)
      case "hold":
        let journal = try JournalWriter(resuming: arguments[1])
        say("held \(journal.sequence)")
        while true { sleep(1) }
      case "limited": try limited(arguments[1], bytes: UInt(number))
      default: throw TernError(.usage, "unknown command", found: arguments[0])
      }
    } catch {
      say("\(error)", on: 2)
      exit(error.kind.rawValue)
    }
  }

  private static func say(_ line: String, on descriptor: Int32 = 1) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
  }

  /// Appends one record whose content follows from its sequence alone.
  private static func append(_ journal: JournalWriter) throws(TernError) {
    let sequence = journal.sequence
    try journal.append(sequence == 0 ? .session : .event, time: Int64(sequence)) { payload in
      var state = sequence
      for _ in 0..<sequence % 97 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        payload.append(state)
      }
    }
  }

  private static func work(_ path: String, seed: UInt64) throws(TernError) {
    let journal =
      AtomicFile.exists(path) ? try JournalWriter(resuming: path) : try JournalWriter(creating: path)
    say("resumed \(journal.sequence) \(journal.lastHash)")
    var state = seed
    for _ in 0..<1_000_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for _ in 0...(state >> 60) { try append(journal) }
      let flush = state >> 57 & 7 == 0
      try journal.commit(flush: flush)
      say("\(flush ? "flushed" : "committed") \(journal.sequence) \(journal.lastHash)")
    }
  }

  private static func limited(_ path: String, bytes: UInt) throws(TernError) {
    let journal = try JournalWriter(creating: path)
    signal(SIGXFSZ, SIG_IGN)
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
    let unlimited = limits.rlim_cur
    limits.rlim_cur = bytes
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
    for _ in 0..<10_000 {
      for _ in 0..<10 { try append(journal) }
      do throws(TernError) {
        try journal.commit(flush: false)
      } catch {
        say("refused \(error.kind.rawValue)")
        limits.rlim_cur = unlimited
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        try journal.commit(flush: true)
        say("committed \(journal.sequence) \(journal.lastHash)")
        return
      }
      say("committed \(journal.sequence) \(journal.lastHash)")
    }
  }
}
