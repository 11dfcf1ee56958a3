import Glibc

extension Philox {
  /// A standard normal deviate (Marsaglia's polar method; one of each pair is used, so that the generator's
  /// position stays its whole state).
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s < 1, s > 0 { return u * (-2 * log(s) / s).squareRoot() }
    }
  }

  /// Puts the elements in a uniformly random order (Fisher–Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for i in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(i, integer(below: i + 1))
    }
  }

  /// `count` distinct numbers of `0..<total` in increasing order, every subset equally likely
  /// (Knuth, TAOCP 2, 3.4.2, algorithm S).
  public mutating func sample(_ count: Int, of total: Int) -> [Int32] {
    precondition(total >= 0 && total <= Int(Int32.max), "a sample is drawn from fewer than 2^31 numbers")
    var chosen: [Int32] = []
    let wanted = min(max(count, 0), total)
    chosen.reserveCapacity(wanted)
    var index = 0
    while chosen.count < wanted {
      if uniform() * Double(total - index) < Double(wanted - chosen.count) { chosen.append(Int32(index)) }
      index += 1
    }
    return chosen
  }
}
