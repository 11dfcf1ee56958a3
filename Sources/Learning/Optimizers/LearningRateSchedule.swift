import Diagnostics

/// How the learning rate changes while training goes on, named as in the field.
///
/// A schedule counts steps or epochs, whichever its owner counts. All but `plateau`, which answers to a metric and is
/// run by `PlateauSchedule`, are functions of that count alone, so resuming needs nothing but the count.
public struct LearningRateSchedule: Codable, Sendable, Equatable {
  /// The shapes.
  public enum Shape: String, Codable, Sendable, CaseIterable {
    /// The learning rate as it is.
    case constant
    /// Half a cosine from the learning rate down to `min_lr` (Loshchilov & Hutter 2017, without restarts).
    case cosine
    /// Up to the learning rate and far below its start, momentum the other way (Smith & Topin 2019).
    case oneCycle = "one-cycle"
    /// Times `gamma` after every `step_size`.
    case step
    /// Times `factor` when a metric stands still.
    case plateau
  }

  /// What is counted.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    /// Optimiser steps.
    case step
    /// Epochs.
    case epoch
  }

  /// The shape. Default constant.
  public var name = Shape.constant
  /// What is counted. Default step for cosine and one-cycle, else epoch.
  public var unit: Unit
  /// Length of a linear rise to the learning rate, before the shape begins. Default 0.
  public var warmup = 0
  /// Where the rise begins, as a share of the learning rate. Default 0.01.
  public var warmupStartFactor = 0.01
  /// Length of cosine or one-cycle; 0 takes what the training was planned for, without the warm-up. Default 0.
  public var total = 0
  /// Lowest learning rate of cosine and plateau. Default 0.
  public var minLr = 0.0
  /// Share of one-cycle that rises. Default 0.3.
  public var pctStart = 0.3
  /// One-cycle begins at the learning rate divided by this. Default 25.
  public var divFactor = 25.0
  /// One-cycle ends at its beginning divided by this. Default 10,000.
  public var finalDivFactor = 1e4
  /// Whether one-cycle takes momentum down while the learning rate rises, and up again while it falls: the momentum of sgd, the
  /// first of the betas of the other rules, in place of what the optimiser's configuration says. Default true.
  public var cycleMomentum = true
  /// Momentum where one-cycle's learning rate is highest. Default 0.85.
  public var baseMomentum = 0.85
  /// Momentum at the beginning and the end of one-cycle. Default 0.95.
  public var maxMomentum = 0.95
  /// Distance between the drops of step. Default 10.
  public var stepSize = 10
  /// Factor of a drop of step. Default 0.1.
  public var gamma = 0.1
  /// Factor of a drop of plateau. Default 0.1.
  public var factor = 0.1
  /// Epochs without improvement that plateau waits for. Default 10.
  public var patience = 10
  /// Relative improvement that plateau counts as one. Default 1e-4.
  public var threshold = 1e-4
  /// Epochs after a drop in which plateau counts nothing. Default 0.
  public var cooldown = 0

  /// The defaults of a shape.
  public init(_ name: Shape = .constant) {
    self.name = name
    unit = name == .cosine || name == .oneCycle ? .step : .epoch
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, unit, warmup
    case warmupStartFactor = "warmup_start_factor"
    case total
    case minLr = "min_lr"
    case pctStart = "pct_start"
    case divFactor = "div_factor"
    case finalDivFactor = "final_div_factor"
    case cycleMomentum = "cycle_momentum"
    case baseMomentum = "base_momentum"
    case maxMomentum = "max_momentum"
    case stepSize = "step_size"
    case gamma, factor, patience, threshold, cooldown
  }

  /// Reads a schedule; keys that are absent take the shape's defaults.
  /// - Throws: `TernError` of kind `configuration` for a key that the shape does not know and a value out of range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try values.decodeIfPresent(Shape.self, forKey: .name) ?? .constant)
    try decoder.rejectUnknownKeys(LearningRateSchedule.keys(of: name).map(\.rawValue))
    unit = try values.decodeIfPresent(Unit.self, forKey: .unit) ?? unit
    warmup = try values.decodeIfPresent(Int.self, forKey: .warmup) ?? warmup
    warmupStartFactor =
      try values.decodeIfPresent(Double.self, forKey: .warmupStartFactor) ?? warmupStartFactor
    total = try values.decodeIfPresent(Int.self, forKey: .total) ?? total
    minLr = try values.decodeIfPresent(Double.self, forKey: .minLr) ?? minLr
    pctStart = try values.decodeIfPresent(Double.self, forKey: .pctStart) ?? pctStart
    divFactor = try values.decodeIfPresent(Double.self, forKey: .divFactor) ?? divFactor
    finalDivFactor = try values.decodeIfPresent(Double.self, forKey: .finalDivFactor) ?? finalDivFactor
    cycleMomentum = try values.decodeIfPresent(Bool.self, forKey: .cycleMomentum) ?? cycleMomentum
    baseMomentum = try values.decodeIfPresent(Double.self, forKey: .baseMomentum) ?? baseMomentum
    maxMomentum = try values.decodeIfPresent(Double.self, forKey: .maxMomentum) ?? maxMomentum
    stepSize = try values.decodeIfPresent(Int.self, forKey: .stepSize) ?? stepSize
    gamma = try values.decodeIfPresent(Double.self, forKey: .gamma) ?? gamma
    factor = try values.decodeIfPresent(Double.self, forKey: .factor) ?? factor
    patience = try values.decodeIfPresent(Int.self, forKey: .patience) ?? patience
    threshold = try values.decodeIfPresent(Double.self, forKey: .threshold) ?? threshold
    cooldown = try values.decodeIfPresent(Int.self, forKey: .cooldown) ?? cooldown
    try validate(prefix: decoder.codingPath.map(\.stringValue))
  }

  /// Writes the keys that the shape knows.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    for key in LearningRateSchedule.keys(of: name) {
      switch key {
      case .name: try values.encode(name, forKey: key)
      case .unit: try values.encode(unit, forKey: key)
      case .warmup: try values.encode(warmup, forKey: key)
      case .warmupStartFactor: try values.encode(warmupStartFactor, forKey: key)
      case .total: try values.encode(total, forKey: key)
      case .minLr: try values.encode(minLr, forKey: key)
      case .pctStart: try values.encode(pctStart, forKey: key)
      case .divFactor: try values.encode(divFactor, forKey: key)
      case .finalDivFactor: try values.encode(finalDivFactor, forKey: key)
      case .cycleMomentum: try values.encode(cycleMomentum, forKey: key)
      case .baseMomentum: try values.encode(baseMomentum, forKey: key)
      case .maxMomentum: try values.encode(maxMomentum, forKey: key)
      case .stepSize: try values.encode(stepSize, forKey: key)
      case .gamma: try values.encode(gamma, forKey: key)
      case .factor: try values.encode(factor, forKey: key)
      case .patience: try values.encode(patience, forKey: key)
      case .threshold: try values.encode(threshold, forKey: key)
      case .cooldown: try values.encode(cooldown, forKey: key)
      }
    }
  }

  static func keys(of shape: Shape) -> [CodingKeys] {
    let all: [CodingKeys] = [.name, .unit, .warmup, .warmupStartFactor]
    switch shape {
    case .constant: return all
    case .cosine: return all + [.total, .minLr]
    case .oneCycle:
      return all + [
        .total, .pctStart, .divFactor, .finalDivFactor, .cycleMomentum, .baseMomentum, .maxMomentum,
      ]
    case .step: return all + [.stepSize, .gamma]
    case .plateau: return [.name] + [.factor, .patience, .threshold, .cooldown, .minLr]
    }
  }
}
