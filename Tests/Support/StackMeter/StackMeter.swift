import Diagnostics
import Files
import Glibc
import Market
import Orders
import Stacks

/// Measures what loading a stack costs a fresh process: prints `KEY VALUE` lines.
///
///     StackMeter REGISTRY REFERENCE
///
/// - `load_milliseconds`, `decider_milliseconds`: time on the clock of the first load, and of making a decider;
/// - `load_processor_milliseconds`: processor time of both;
/// - `resident_kilobytes`: memory resident afterwards, and `peak_kilobytes` the most there ever was.
@main
enum StackMeter {
  static func main() {
    guard CommandLine.arguments.count == 3 else {
      print("usage: StackMeter REGISTRY REFERENCE")
      exit(2)
    }
    do throws(TernError) {
      let start = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
      let stack = try LoadedStack(reference: CommandLine.arguments[2], registry: CommandLine.arguments[1])
      let loaded = now(CLOCK_MONOTONIC)
      let decider = try stack.makeDecider(
        terms: MarketTerms(symbol: stack.description.symbol, interval: stack.description.interval))
      let made = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
      print("load_milliseconds \((loaded - start.0) * 1e3)")
      print("decider_milliseconds \((made.0 - loaded) * 1e3)")
      print("load_processor_milliseconds \((made.1 - start.1) * 1e3)")
      print("features \(decider.schema.count)")
      for (key, name) in [("resident_kilobytes", "VmRSS:"), ("peak_kilobytes", "VmHWM:")] {
        print("\(key) \(try memory(name))")
      }
    } catch {
      print(error)
      exit(error.kind.rawValue)
    }
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func memory(_ name: String) throws(TernError) -> String {
    let text = String(decoding: try AtomicFile.read("/proc/self/status"), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
    return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.map(String.init) ?? "0"
  }
}
