/// The last `length` values as the tail of one segment of time and the head of the next, in one buffer.
///
/// A rolling value merges a running prefix of the current segment with a suffix of the one before, which was taken when
/// that segment ended (van Herk 1992, Gil & Werman 1993): constant cost, and nothing is ever subtracted. Slot j holds
/// the suffix that begins at value j of the old segment until value j of the new one replaces it, which is no sooner
/// than the suffix has served; the slot behind the last holds the empty suffix.
struct SegmentRing {
  /// `length` + 1 slots.
  let slots: UnsafeMutablePointer<Double>
  let length: Int
  /// Number of values of the current segment so far.
  var position = 0
  private let memory: Storage<Double>
  private let empty: Double

  init(_ length: Int, empty: Double) {
    self.length = length
    self.empty = empty
    memory = Storage(length + 1, repeating: .nan)
    slots = memory.start
    clear()
  }

  /// Begins anew; unknown suffixes make results unknown until the first window is full.
  mutating func clear() {
    for j in 0..<length { slots[j] = .nan }
    slots[length] = empty
    position = 0
  }
}
