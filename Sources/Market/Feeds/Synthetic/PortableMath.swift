import Compute

/// Elementary functions made of IEEE additions, multiplications, divisions and square roots only, so that every
/// machine and every C library gives the same bits. Relative error below 1e-14, which generated data do not notice.
enum PortableMath {
  /// eˣ for |x| ≤ 700: x = k·ln 2 + r with |r| ≤ ln 2 / 2, and the Taylor series of eʳ.
  static func exp(_ x: Double) -> Double {
    let k = (x * 1.4426950408889634).rounded()
    let r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    var sum = 1.0
    var n = 14.0
    while n > 0 {
      sum = 1 + r / n * sum
      n -= 1
    }
    return sum * Double(sign: .plus, exponent: Int(k), significand: 1)
  }

  /// ln x for normal positive x: 2·artanh((m − 1) / (m + 1)) of the significand, plus the exponent times ln 2.
  static func log(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 1.4142135623730951 {
      m /= 2
      exponent += 1
    }
    let z = (m - 1) / (m + 1)
    let square = z * z
    var sum = 0.0
    var n = 25.0
    while n > 0 {
      sum = sum * square + 1 / n
      n -= 2
    }
    return 2 * z * sum + exponent * 0.6931471805599453
  }
}

/// Standard normal numbers by Marsaglia's polar method ("A convenient method for generating normal variables", 1964).
struct NormalSource {
  private var generator: Philox
  private var spare: Double?

  init(seed: UInt64, stream: UInt64) { generator = Philox(seed: seed, stream: stream) }

  mutating func uniform() -> Double { generator.uniform() }

  mutating func next() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let u = 2 * generator.uniform() - 1
      let v = 2 * generator.uniform() - 1
      let square = u * u + v * v
      guard square < 1, square > 1e-300 else { continue }
      let factor = (-2 * PortableMath.log(square) / square).squareRoot()
      spare = v * factor
      return u * factor
    }
  }
}
