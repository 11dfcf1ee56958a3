import Features
import Market

/// What goes into each layer, by name and in order: the contract between training and serving.
public enum LayerInputs {
  /// Names of layer 1's outputs among the inputs of the layers above: `regime_trending_up`, ….
  public static let regimeOutputs = Regime.allCases.map { "regime_\($0.name.lowercased())" }

  /// Inputs of layer 1: the features.
  public static func regime(_ schema: FeatureSchema) -> [String] { schema.names }

  /// Inputs of layer 2: the features, then layer 1's probabilities.
  public static func pattern(_ schema: FeatureSchema) -> [String] { schema.names + regimeOutputs }

  /// Inputs of layer 3: the features, then layer 1's probabilities, then layer 2's vector.
  public static func signal(_ schema: FeatureSchema, patternOutputs: [String] = []) -> [String] {
    schema.names + regimeOutputs + patternOutputs
  }
}
