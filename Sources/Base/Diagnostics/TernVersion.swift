/// The version of the programs.
public enum TernVersion {
  /// Semantic version.
  public static let text = "0.1.0"
}
