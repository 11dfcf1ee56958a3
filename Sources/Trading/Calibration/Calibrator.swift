import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A map from a model's class probabilities to calibrated ones, fitted on rows that the model had not seen.
///
/// The value is what a stack registers and what the decision loop applies: it holds a few numbers, works in place
/// on one row without allocating, and gives the same bits everywhere. Fitting lives in the training side
/// (`Evaluation`).
///
/// A binary model (two classes) carries one map, for class 1; class 0 receives the complement. With K > 2 classes,
/// isotonic and Platt maps are one-vs-rest, one per class, and the row is divided by its sum afterwards
/// (Zadrozny & Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", 2002).
public enum Calibrator: Equatable, Sendable {
  /// Leaves every probability as it is.
  case identity
  /// One temperature for all classes.
  case temperature(TemperatureScaling)
  /// Platt's sigmoid on the log-odds: one map for a binary model, K for K classes.
  case platt([PlattScaling])
  /// Monotone step-and-slope maps: one for a binary model, K for K classes.
  case isotonic([IsotonicCurve])

  /// The name of the method, as configurations spell it.
  public var method: CalibrationMethod {
    switch self {
    case .identity: .none
    case .temperature: .temperature
    case .platt: .platt
    case .isotonic: .isotonic
    }
  }

  /// Calibrates one row in place: `probabilities` holds one value per class, shape `(class)`, and sums to one.
  ///
  /// Allocates nothing. The result is non-negative and sums to one up to rounding; a row that holds a NaN gives NaN.
  public func apply(_ probabilities: inout MutableSpan<Double>) {
    switch self {
    case .identity: return
    case .temperature(let scaling): scaling.apply(&probabilities)
    case .platt(let maps): Calibrator.applyMaps(maps, &probabilities)
    case .isotonic(let maps): Calibrator.applyMaps(maps, &probabilities)
    }
  }

  /// Calibrates one row held in an array, in place.
  public func apply(_ probabilities: inout [Double]) {
    var span = probabilities.mutableSpan
    apply(&span)
  }

  /// Calibrates the probability of class 1 of a binary model.
  public func apply(positive probability: Double) -> Double {
    switch self {
    case .identity: return probability
    case .temperature(let scaling): return scaling.value(at: probability)
    case .platt(let maps):
      precondition(maps.count == 1, "a calibrator of more than two classes cannot map a single probability")
      return maps[0].value(at: probability)
    case .isotonic(let maps):
      precondition(maps.count == 1, "a calibrator of more than two classes cannot map a single probability")
      return maps[0].value(at: probability)
    }
  }

  /// Calibrates every row of a row-major table `(row, class)` in place.
  public func apply(_ values: inout [Double], classes: Int) {
    precondition(classes > 0 && values.count % classes == 0, "the table is not a whole number of rows")
    if case .identity = self { return }
    values.withUnsafeMutableBufferPointer { all in
      for start in stride(from: 0, to: all.count, by: classes) {
        var row = UnsafeMutableBufferPointer(rebasing: all[start..<start + classes]).mutableSpan
        apply(&row)
      }
    }
  }

  private static func applyMaps(_ maps: [some ProbabilityMap], _ row: inout MutableSpan<Double>) {
    if maps.count == 1 {
      precondition(row.count == 2, "a binary calibrator needs rows of two probabilities")
      let positive = maps[0].value(at: row[1])
      row[0] = 1 - positive
      row[1] = positive
      return
    }
    precondition(row.count == maps.count, "a row's length differs from the calibrator's number of classes")
    var sum = 0.0
    for k in 0..<row.count {
      let value = maps[k].value(at: row[k])
      row[k] = value
      sum += value
    }
    // Every one-vs-rest map may say zero at once; the row then carries no information. A NaN is no zero: it must
    // come out as NaN, not as an even row that looks like an answer.
    if sum == 0 {
      for k in 0..<row.count { row[k] = 1 / Double(row.count) }
      return
    }
    for k in 0..<row.count { row[k] /= sum }
  }
}

/// The calibration methods, as configurations spell them.
public enum CalibrationMethod: String, Codable, Sendable, CaseIterable {
  /// No calibration.
  case none
  /// Temperature scaling (Guo et al., 2017).
  case temperature
  /// Platt scaling (Platt, 1999).
  case platt
  /// Isotonic regression (Zadrozny & Elkan, 2002).
  case isotonic
}

/// A map of one probability to another.
protocol ProbabilityMap {
  func value(at probability: Double) -> Double
}

/// The natural logarithm of the odds of a probability held inside `[1e-15, 1 − 1e-15]`, so that it stays finite.
public func logOdds(_ probability: Double) -> Double {
  let p = min(max(probability, 1e-15), 1 - 1e-15)
  return log(p / (1 - p))
}

/// The logistic function 1 / (1 + exp(−x)), without overflow for any finite x.
public func logistic(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}
