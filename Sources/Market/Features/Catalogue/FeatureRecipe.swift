/// How one feature is made: its documentation and the construction of its lane.
struct FeatureRecipe {
  let name: String
  let family: String
  let formula: String
  let unit: String
  let source: FeatureDefinition.Source
  /// Length of the higher timeframe in milliseconds, nil for the base interval.
  let timeframe: Int64?
  let make: (Bars) -> Lane

  init(
    _ name: String, _ family: String, _ unit: String, _ formula: String,
    source: FeatureDefinition.Source = .candles, timeframe: Int64? = nil, make: @escaping (Bars) -> Lane
  ) {
    self.name = name
    self.family = family
    self.formula = formula
    self.unit = unit
    self.source = source
    self.timeframe = timeframe
    self.make = make
  }

  /// The same indicator on a higher timeframe.
  func on(_ timeframe: Int64, suffix: String) -> FeatureRecipe {
    FeatureRecipe(
      "\(name)_\(suffix)", "timeframe", unit,
      "\(formula); on \(suffix) bars aligned to UTC, known from their close on",
      source: source, timeframe: timeframe, make: make)
  }
}
