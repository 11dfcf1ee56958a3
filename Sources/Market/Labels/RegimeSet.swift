import Market

/// Regime labels of a candle series: one row for every candle, labelled or not, in columns.
public struct RegimeSet: Equatable, Sendable {
  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// How the labels were made.
  public let configuration: RegimeLabeler.Configuration
  /// Candles a label looks ahead, t+1 … t+horizon: what training must be purged by.
  public var horizon: Int { configuration.window }

  /// Open times of candle t, milliseconds.
  public internal(set) var openTime: [Int64]
  /// Raw values of `Regime`, −1 without a label.
  public internal(set) var regime: [Int8]
  /// Close time of the last candle a label depends on, milliseconds; 0 without a label.
  public internal(set) var endTime: [Int64]
  /// Raw values of `LabelSet.Reason` where there is no label, −1 where there is one.
  public internal(set) var reason: [Int8]

  /// Number of rows, labelled or not.
  public var count: Int { openTime.count }

  /// The label of a row, nil where it has none.
  public subscript(row: Int) -> Regime? { Regime(rawValue: regime[row]) }

  init(_ candles: CandleSeries, configuration: RegimeLabeler.Configuration) {
    symbol = candles.symbol
    interval = candles.interval
    self.configuration = configuration
    openTime = candles.openTime
    regime = Array(repeating: -1, count: candles.count)
    endTime = Array(repeating: 0, count: candles.count)
    reason = regime
  }

  /// The columns of the CSV form.
  public static let csvHeader = "open_time,regime,end_time"

  /// The CSV file: a header and one line for every labelled row.
  public func csv() -> [UInt8] {
    var text = TextBuffer()
    text.reserve(32 + count * 48)
    text.append(RegimeSet.csvHeader)
    text.newline()
    let names = Regime.allCases.map { Array($0.name.utf8) }
    for row in 0..<count where regime[row] >= 0 {
      text.append(openTime[row])
      text.comma()
      text.append(names[Int(regime[row])])
      text.comma()
      text.append(endTime[row])
      text.newline()
    }
    return text.bytes
  }
}

extension RegimeSet {
  /// What a labelling holds.
  public struct Census: Codable, Equatable, Sendable {
    /// One regime.
    public struct Class: Codable, Equatable, Sendable {
      /// The regime.
      public var regime: Regime
      /// Number of rows.
      public var count: Int
      /// Share of the labelled rows, 0…1.
      public var share: Double
      /// Unbroken stretches of it.
      public var spells: Int
      /// Mean length of a stretch, candles.
      public var meanSpell: Double
    }

    /// Rows of the series.
    public var rows: Int
    /// Rows with a label.
    public var labelled: Int
    /// The regimes in the order of their raw values.
    public var classes: [Class]
    /// Changes of regime in a day of labelled candles.
    public var changesPerDay: Double
    /// Rows whose window leaves the data.
    public var unlabelledEndOfData: Int
    /// Rows whose window spans a gap.
    public var unlabelledGap: Int
    /// Rows before the past they need.
    public var unlabelledWarmUp: Int
  }

  /// Counts the regimes.
  public var census: Census {
    var counts = [Int](repeating: 0, count: Regime.allCases.count)
    var spells = counts
    var reasons = [Int](repeating: 0, count: LabelSet.Reason.allCases.count)
    var changes = 0
    for row in 0..<count {
      let value = regime[row]
      guard value >= 0 else {
        reasons[Int(reason[row])] += 1
        continue
      }
      counts[Int(value)] += 1
      let before = row > 0 ? regime[row - 1] : -1
      if before != value {
        spells[Int(value)] += 1
        if before >= 0 { changes += 1 }
      }
    }
    let labelled = counts.reduce(0, +)
    let days = Double(labelled) * Double(interval.milliseconds) / 86_400_000
    return Census(
      rows: count, labelled: labelled,
      classes: Regime.allCases.map { regime in
        let index = Int(regime.rawValue)
        return Census.Class(
          regime: regime, count: counts[index], share: Double(counts[index]) / Double(max(1, labelled)),
          spells: spells[index], meanSpell: Double(counts[index]) / Double(max(1, spells[index])))
      },
      changesPerDay: days > 0 ? Double(changes) / days : 0, unlabelledEndOfData: reasons[0],
      unlabelledGap: reasons[1], unlabelledWarmUp: reasons[2])
  }
}

extension RegimeSet.Census: CustomStringConvertible {
  /// A table for people.
  public var description: String {
    var lines = ["\(labelled) of \(rows) rows labelled"]
    lines.append("regime                rows    share   spells  mean candles")
    for item in classes {
      lines.append(
        column(item.regime.name, 16, left: true) + column("\(item.count)", 10)
          + column(percent(item.share, 2), 9)
          + column("\(item.spells)", 9) + column(fixed(item.meanSpell, 1), 14))
    }
    lines.append("changes per day: \(fixed(changesPerDay, 1))")
    lines.append(
      "without a label: \(unlabelledEndOfData) at the end of the data, \(unlabelledGap) across a gap, "
        + "\(unlabelledWarmUp) in warm-up")
    return lines.joined(separator: "\n")
  }
}
