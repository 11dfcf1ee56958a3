import Feeds

extension CandleGuard.Code {
  /// The code as journals write it.
  var number: UInt8 {
    switch self {
    case .accepted: return 0
    case .duplicate: return 1
    case .conflictingDuplicate: return 2
    case .outOfOrder: return 3
    case .misaligned: return 4
    case .gap: return 5
    case .malformed: return 6
    case .absurd: return 7
    case .stale: return 8
    }
  }

  /// How many candles are missing, or for how many milliseconds none came; zero for the others.
  var extent: Int64 {
    switch self {
    case .gap(let missing): return Int64(missing)
    case .stale(let silence): return silence
    default: return 0
    }
  }

  /// Whether features restart with the candle.
  var isGap: Bool {
    if case .gap = self { return true }
    return false
  }

  private static let all: [CandleGuard.Code] = [
    .accepted, .duplicate, .conflictingDuplicate, .outOfOrder, .misaligned, .gap(missing: 0), .malformed,
    .absurd, .stale(silence: 0),
  ]

  /// The name of a journal's code; the number where it is none of the list.
  static func name(of number: UInt8) -> String {
    all.first { $0.number == number }.map { "\($0.name)".uppercased() } ?? "\(number)"
  }
}
