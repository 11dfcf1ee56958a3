import Synchronization

/// A number that only grows. Updates are lock-free and allocate nothing.
public final class Counter: Sendable {
  private let cell = Atomic<UInt64>(0)

  init() {}

  /// Adds to the count, one by default.
  public func increment(by amount: UInt64 = 1) { cell.wrappingAdd(amount, ordering: .relaxed) }

  /// The count so far.
  public var value: UInt64 { cell.load(ordering: .relaxed) }
}

/// A number that goes up and down. Updates are lock-free and allocate nothing.
public final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(0)

  init() {}

  /// Sets the value.
  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  /// Adds to the value.
  public func add(_ amount: Double) { bits.add(amount) }

  /// The value last set; 0 at first.
  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

extension Atomic where Value == UInt64 {
  /// Adds to the number whose bit pattern is stored here.
  borrowing func add(_ amount: Double) {
    var current = load(ordering: .relaxed)
    while true {
      let wanted = (Double(bitPattern: current) + amount).bitPattern
      let (exchanged, original) = weakCompareExchange(
        expected: current, desired: wanted, ordering: .relaxed)
      if exchanged { return }
      current = original
    }
  }
}
