import Market

/// Looks for every known defect in candles without changing them.
public enum CandleInspection {
  /// Examines rows as a file has them.
  public static func inspect(_ raw: RawCandles) -> InspectionReport { InspectionReport() }

  /// Examines a series in memory.
  public static func inspect(_ series: CandleSeries) -> InspectionReport { inspect(RawCandles(series)) }
}

/// What an inspection found.
public struct InspectionReport: Codable, Equatable, Sendable {
  /// Rows examined.
  public var rows = 0
  /// The report for people.
  public var text: String { "" }
}
