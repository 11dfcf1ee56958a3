import Calibration
import Diagnostics
import Files
import Market

/// A stack: exact layers, their schema, calibration, threshold and limits. The unit that is registered, promoted,
/// served and rolled back.
public struct StackDescription: Codable, Equatable, Sendable {
  /// One layer's model.
  public struct Layer: Codable, Equatable, Sendable {
    /// Place in the stack: `regime` (L1) or `signal` (L3).
    public var role: String
    /// Model family.
    public var model: String
    /// Digest of the safetensors artifact.
    public var artifact: Digest

    /// Names a layer.
    public init(role: String, model: String, artifact: Digest) {
      self.role = role
      self.model = model
      self.artifact = artifact
    }
  }

  /// Sizes and exits that the evaluation traded with.
  public struct Limits: Codable, Equatable, Sendable {
    /// Share of equity put up as margin for a position.
    public var marginFraction: Rate
    /// Notional of a position over its margin.
    public var leverage: Rate
    /// Take profit as a fraction of the entry price.
    public var takeProfit: Rate
    /// Stop as a fraction of the entry price.
    public var stopLoss: Rate
    /// Longest holding time.
    public var horizon: Interval

    enum CodingKeys: String, CodingKey {
      case leverage, horizon
      case marginFraction = "margin_fraction"
      case takeProfit = "take_profit"
      case stopLoss = "stop_loss"
    }

    /// Gathers the limits.
    public init(marginFraction: Rate, leverage: Rate, takeProfit: Rate, stopLoss: Rate, horizon: Interval) {
      self.marginFraction = marginFraction
      self.leverage = leverage
      self.takeProfit = takeProfit
      self.stopLoss = stopLoss
      self.horizon = horizon
    }
  }

  /// Version of this layout.
  public var format = 1
  /// The exchange's symbol that the stack was judged on.
  public var symbol: String
  /// The candle interval that it decides on.
  public var interval: Interval
  /// Hash of the feature schema that all layers share.
  public var featureSchema: Digest
  /// The layers in the order of the flow.
  public var layers: [Layer]
  /// The map from the signal layer's probabilities to calibrated ones.
  public var calibration: Calibrator
  /// Least calibrated confidence that executes a signal.
  public var confidence: Double
  /// Sizes and exits.
  public var limits: Limits

  enum CodingKeys: String, CodingKey {
    case format, symbol, interval, layers, calibration, confidence, limits
    case featureSchema = "feature_schema"
  }

  /// Gathers a stack.
  public init(
    symbol: String, interval: Interval, featureSchema: Digest, layers: [Layer], calibration: Calibrator,
    confidence: Double, limits: Limits
  ) {
    self.symbol = symbol
    self.interval = interval
    self.featureSchema = featureSchema
    self.layers = layers
    self.calibration = calibration
    self.confidence = confidence
    self.limits = limits
  }
}
