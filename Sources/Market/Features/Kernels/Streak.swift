/// Length of the run of moves of one sign that ends here: positive for rises, negative for falls, cut at a limit.
final class StreakNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let limit: Double
  private var run = 0.0

  init(_ input: Lane, _ output: Lane, limit: Int) {
    self.input = input.values
    self.output = output.values
    self.limit = Double(limit)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() { run = 0 }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    for i in start..<end {
      let move = input[i]
      if move > 0 {
        run = min((run > 0 ? run : 0) + 1, limit)
      } else if move < 0 {
        run = max((run < 0 ? run : 0) - 1, -limit)
      } else {
        run = 0
      }
      output[i] = run
    }
  }
}

extension Graph {
  /// Signed length of the current run of equal signs of `x`, at most `limit`; 0 where `x` is 0.
  func streak(_ x: Lane, limit: Int) -> Lane {
    shared("streak(\(x.id),\(limit))") {
      let out = lane(after: x, warmUp: x.warmUp, memory: x.memory + limit)
      add(StreakNode(x, out, limit: limit), out)
      return out
    }
  }
}
