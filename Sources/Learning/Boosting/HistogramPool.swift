/// The histogram of one node: for each bin of each feature the sums of gradients and hessians in steps.
final class Histogram {
  /// (total bins) pairs (gradient, hessian); a feature starts at its offset.
  let sums: Storage<SIMD2<Int64>>
  /// (features): 0 where a LightGBM-style search found no legal split, so that descendants skip the feature.
  let splittable: Storage<UInt8>

  init(bins: Int, features: Int) {
    sums = Storage(bins, initial: .zero)
    splittable = Storage(features, initial: 1)
  }
}

/// Histograms in use and those waiting to be used again.
struct HistogramPool {
  private let bins: Int
  private let features: Int
  private var free: [Histogram] = []

  init(bins: Int, features: Int) {
    self.bins = bins
    self.features = features
  }

  /// A histogram with undefined sums.
  mutating func take() -> Histogram { free.popLast() ?? Histogram(bins: bins, features: features) }

  /// Returns a histogram that no node needs any more.
  mutating func give(_ histogram: Histogram) { free.append(histogram) }
}
