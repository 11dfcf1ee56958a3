import AllocationCounter
import Diagnostics
import Files
import Glibc
import Journal
import Market

/// Measures what a record costs: prints `KEY VALUE` lines.
///
///     JournalMeter DIRECTORY
///
/// - `allocations RECORDS COUNT`: heap allocations while that many records were appended and committed after warm-up;
/// - `reading_allocations RECORDS COUNT`: the same for reading and verifying them;
/// - `probe COUNT`: allocations of one array, which shows that the counter counts;
/// - `hash_megabytes_per_second`, `append_nanoseconds`, `read_nanoseconds`: user CPU time, the best of several rounds.
@main
enum JournalMeter {
  private static let recordsPerGroup = 10

  static func main() {
    guard CommandLine.arguments.count == 2 else {
      print("usage: JournalMeter DIRECTORY")
      exit(2)
    }
    let path = CommandLine.arguments[1] + "/meter.journal"
    do throws(TernError) {
      probe()
      hashing()
      try writing(path)
      try reading(path)
    } catch {
      print(error)
      exit(error.kind.rawValue)
    }
  }

  private static var userSeconds: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6
  }

  private static func probe() {
    let before = tern_allocation_count()
    let array = [Int](repeating: Int(getpid()), count: 100)
    let allocations = tern_allocation_count() - before
    print("probe \(array[0] > 0 ? allocations : 0)")
  }

  private static func hashing() {
    let bytes = [UInt8](repeating: 0xA5, count: 4 << 20)
    var best = Double.infinity
    var hash = ChainHash(words: .zero)
    for _ in 0..<8 {
      let start = userSeconds
      for _ in 0..<4 { hash = bytes.withUnsafeBytes { StreamingSHA256.hash($0) } }
      best = min(best, userSeconds - start)
    }
    precondition(hash.words[0] != 0)
    print("hash_megabytes_per_second \(Int(Double(4 * bytes.count) / best / 1e6))")
  }

  /// One group of records with 300 bytes of payload each, of all sorts of values.
  private static func appendGroup(_ journal: JournalWriter, time: Int64) throws(TernError) {
    for index in 0..<recordsPerGroup {
      try journal.append(journal.sequence == 0 ? .session : .bar, lane: UInt8(index), time: time) { payload in
        payload.append("BTCUSDT" as StaticString)
        payload.append(true)
        payload.append(Price(units: time))
        payload.append(Float(index))
        for field in 0..<34 { payload.append(Double(field) * 0.5) }
        payload.append(Int32(index))
      }
    }
    try journal.commit(flush: false)
  }

  private static func writing(_ path: String) throws(TernError) {
    let journal = try JournalWriter(creating: path)
    for time in 0..<100 { try appendGroup(journal, time: Int64(time)) }
    var best = Double.infinity
    let before = tern_allocation_count()
    let rounds = 10
    let groups = 2_000
    for round in 0..<rounds {
      let start = userSeconds
      for time in 0..<groups { try appendGroup(journal, time: Int64(round * groups + time)) }
      best = min(best, userSeconds - start)
    }
    let allocations = tern_allocation_count() - before
    print("allocations \(rounds * groups * recordsPerGroup) \(allocations)")
    print("append_nanoseconds \(Int(best / Double(groups * recordsPerGroup) * 1e9))")
  }

  private static func reading(_ path: String) throws(TernError) {
    var best = Double.infinity
    for _ in 0..<3 {
      let reader = try JournalReader(path: path, mode: .strict)
      for _ in 0..<1_000 { _ = try reader.next() }
      let before = tern_allocation_count()
      let start = userSeconds
      var sum = 0.0
      var records = 0
      while let record = try reader.next() {
        var payload = record.reader
        _ = try payload.readBytes()
        _ = try payload.readBool()
        _ = try payload.read(Price.self)
        _ = try payload.readFloat()
        sum += try payload.readDouble()
        records += 1
      }
      let allocations = tern_allocation_count() - before
      best = min(best, (userSeconds - start) / Double(records))
      precondition(sum == 0)
      print("reading_allocations \(records) \(allocations)")
    }
    print("read_nanoseconds \(Int(best * 1e9))")
  }
}
