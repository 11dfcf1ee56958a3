import Chronology

/// The weighted mean of values as they come, such as the losses of an epoch's batches by their sizes.
public struct RunningMean: Codable, Sendable, Equatable {
  private var sum = 0.0
  /// Weight so far.
  public private(set) var weight = 0.0

  /// Nothing yet.
  public init() {}

  /// Takes a value in.
  public mutating func add(_ value: Double, weight: Double = 1) {
    sum += value * weight
    self.weight += weight
  }

  /// The mean; nil before the first value.
  public var value: Double? { weight > 0 ? sum / weight : nil }
}

/// Speed by the last half minute rather than by the whole run, which a pause or a slow start would spoil.
public struct Throughput: Sendable {
  private let clock: any Clock
  private var done = 0
  /// Instants, at least half a second apart, and what was done then.
  private var marks: [(time: Int64, done: Int)]
  private static let window: Int64 = 30_000_000_000
  private static let distance: Int64 = 500_000_000

  /// Begins now.
  public init(clock: any Clock = SystemClock()) {
    self.clock = clock
    marks = [(clock.monotonic, 0)]
  }

  /// Says that so many more units, rows for example, are done.
  public mutating func advance(by units: Int) {
    done += units
    let now = clock.monotonic
    if let last = marks.last, now - last.time >= Throughput.distance { marks.append((now, done)) }
    while marks.count > 2, now - marks[0].time > Throughput.window { marks.removeFirst() }
  }

  /// Units a second; nil before any time has passed.
  public var perSecond: Double? {
    let elapsed = clock.monotonic - marks[0].time
    return elapsed > 0 ? Double(done - marks[0].done) * 1e9 / Double(elapsed) : nil
  }

  /// `12345 rows/s`, for the remark of a progress bar; empty where it is unknown.
  public func text(unit: String) -> String {
    guard let perSecond else { return "" }
    return perSecond >= 10 ? "\(Int(perSecond)) \(unit)/s" : "\((perSecond * 10).rounded() / 10) \(unit)/s"
  }
}
