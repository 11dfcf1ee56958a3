/// Shannon entropy of the symbols of the last `length` rows, divided by the logarithm of the number of symbols.
///
/// Counts are integers, so the rolling update is exact.
final class RollingEntropyNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let symbols: Int
  private let ring: Storage<Int>
  private let counts: Storage<Int>
  /// n ln n for every possible count.
  private let weighed: Storage<Double>
  private var position = 0
  private var filled = 0

  init(_ input: Lane, _ output: Lane, length: Int, symbols: Int) {
    self.input = input.values
    self.output = output.values
    self.length = length
    self.symbols = symbols
    ring = Storage(length, repeating: 0)
    counts = Storage(symbols, repeating: 0)
    weighed = Storage(length + 1, repeating: 0)
    for n in 1...length { weighed.start[n] = Double(n) * logarithm(Double(n)) }
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() {
    for s in 0..<symbols { counts.start[s] = 0 }
    position = 0
    filled = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (ring, counts, weighed) = (ring.start, counts.start, weighed.start)
    let total = Double(length)
    let (most, scale) = (weighed[length] / total, 1 / logarithm(Double(symbols)))
    for i in start..<end {
      if filled == length { counts[ring[position]] -= 1 } else { filled += 1 }
      let symbol = Int(input[i])
      ring[position] = symbol
      counts[symbol] += 1
      position = position + 1 == length ? 0 : position + 1
      if filled < length {
        output[i] = .nan
      } else {
        var sum = 0.0
        for s in 0..<symbols { sum += weighed[counts[s]] }
        let entropy = (most - sum / total) * scale
        output[i] = entropy < 0 ? 0 : entropy
      }
    }
  }
}

extension Graph {
  /// Normalised entropy, 0 … 1, of the symbols 0 ..< `symbols` of the last `length` rows.
  func entropy(_ x: Lane, _ length: Int, symbols: Int) -> Lane {
    shared("entropy(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RollingEntropyNode(x, out, length: length, symbols: symbols), out)
      return out
    }
  }
}
