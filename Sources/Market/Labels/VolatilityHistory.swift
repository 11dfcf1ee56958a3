/// The last values of a quantity, ranked exactly.
struct VolatilityHistory {
  private let capacity: Int
  private var recent: [Double] = []
  private var oldest = 0
  private var sorted: [Double] = []

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { sorted.count }

  mutating func add(_ value: Double) {
    if recent.count < capacity {
      recent.append(value)
    } else {
      sorted.remove(at: position(of: recent[oldest], including: false))
      recent[oldest] = value
      oldest = (oldest + 1) % capacity
    }
    sorted.insert(value, at: position(of: value, including: false))
  }

  /// Share of the values at or below `value`, 0…1.
  func rank(_ value: Double) -> Double {
    Double(position(of: value, including: true)) / Double(max(1, sorted.count))
  }

  /// Number of values below `value`, or at or below it.
  private func position(of value: Double, including equal: Bool) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value || (equal && sorted[middle] == value) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
