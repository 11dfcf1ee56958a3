import Foundation

extension Double {
  /// Fixed-point text with a number of decimals, `-` when not a number.
  func fixed(_ decimals: Int) -> String { isNaN ? "-" : String(format: "%.\(decimals)f", self) }

  /// Percent text with a number of decimals.
  func percent(_ decimals: Int = 2) -> String {
    isNaN ? "-" : String(format: "%.\(decimals)f %%", self * 100)
  }
}
