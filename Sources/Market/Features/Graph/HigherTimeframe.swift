/// Builds the candles of a higher timeframe from contiguous base bars, aligned to multiples of its length in UTC.
///
/// A higher bar exists from the close of its last base bar on, and only if all its base bars were there.
final class AggregatorNode: Node {
  private let closeTimes: UnsafeMutablePointer<Int64>
  private let counts: UnsafeMutablePointer<Int>
  private let source: InputLanes
  private let target: (open: Lane, high: Lane, low: Lane, close: Lane, volume: Lane)
  private let targetClock: Int
  private let multiple: Int
  private let length: Int64
  /// Number of higher bars that are complete within the block, up to each base row.
  let completed: Storage<Int>
  private var gathered = 0
  private var (open, high, low, volume) = (0.0, 0.0, 0.0, 0.0)

  init(
    _ graph: Graph, _ source: InputLanes,
    into target: (open: Lane, high: Lane, low: Lane, close: Lane, volume: Lane),
    clock: Int, multiple: Int, length: Int64
  ) {
    closeTimes = graph.closeTime.start
    counts = graph.counts.start
    self.source = source
    self.target = target
    targetClock = clock
    self.multiple = multiple
    self.length = length
    completed = Storage(graph.blockLength, repeating: 0)
    super.init(clock: 0)
  }

  override func clear() { gathered = 0 }

  override func step(_ start: Int, _ end: Int) {
    var made = 0
    let base = length / Int64(multiple)
    for i in start..<end {
      let closeTime = closeTimes[i]
      if (closeTime - base) % length == 0 { gathered = 0 }
      if gathered == 0 {
        (open, high, low) = (source.open.values[i], source.high.values[i], source.low.values[i])
        volume = source.volume.values[i]
      } else {
        high = max(high, source.high.values[i])
        low = min(low, source.low.values[i])
        volume += source.volume.values[i]
      }
      gathered += 1
      if closeTime % length == 0 {
        if gathered == multiple {
          target.open.values[made] = open
          target.high.values[made] = high
          target.low.values[made] = low
          target.close.values[made] = source.close.values[i]
          target.volume.values[made] = volume
          made += 1
        }
        gathered = 0
      }
      completed.start[i] = made
    }
    counts[targetClock] = made
  }
}

/// Holds the value of the latest complete higher bar on the rows of the base clock.
final class HoldNode: Node {
  private let made: UnsafeMutablePointer<Int>
  private let completed: UnsafeMutablePointer<Int>
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private var held = Double.nan

  init(_ graph: Graph, _ aggregator: AggregatorNode, _ input: Lane, _ output: Lane) {
    made = graph.counts.start + input.clock
    completed = aggregator.completed.start
    self.input = input.values
    self.output = output.values
    super.init(clock: 0)
  }

  override func clear() { held = .nan }

  override func step(_ start: Int, _ end: Int) {
    let (values, out, completed) = (input, output, completed)
    let made = made.pointee
    if made == 0 {
      for i in start..<end { out[i] = held }
      return
    }
    for i in start..<end { out[i] = completed[i] == 0 ? held : values[completed[i] - 1] }
    held = values[made - 1]
  }
}

/// A higher timeframe of a graph.
struct HigherTimeframe {
  let bars: Bars
  let aggregator: AggregatorNode
  let multiple: Int

  /// Adds the timeframe of `multiple` base bars to a graph.
  init(_ graph: Graph, _ inputs: InputLanes, multiple: Int) {
    let length = graph.interval.milliseconds * Int64(multiple)
    let clock = graph.addClock(milliseconds: length)
    func lane() -> Lane { graph.lane(clock: clock, warmUp: 0, memory: 1, depth: 1) }
    let target = (open: lane(), high: lane(), low: lane(), close: lane(), volume: lane())
    aggregator = AggregatorNode(graph, inputs, into: target, clock: clock, multiple: multiple, length: length)
    graph.add(aggregator, target.open)
    bars = Bars(
      graph: graph, clock: clock, open: target.open, high: target.high, low: target.low, close: target.close,
      volume: target.volume, inputs: inputs)
    self.multiple = multiple
  }

  /// The lane on the base clock that shows a value of the higher one from its close on.
  ///
  /// In the worst case a start or gap falls right behind a boundary and the first `multiple` − 1 rows are lost.
  func hold(_ x: Lane) -> Lane {
    bars.graph.shared("hold(\(x.id))") {
      let out = bars.graph.lane(
        clock: 0, warmUp: (x.warmUp + 2) * multiple - 2, memory: (x.memory + 1) * multiple - 1,
        depth: x.depth + 1)
      bars.graph.add(HoldNode(bars.graph, aggregator, x, out), out)
      return out
    }
  }
}
