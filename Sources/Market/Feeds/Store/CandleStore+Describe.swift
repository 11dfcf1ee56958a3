import Diagnostics
import Files
import Market

extension CandleStore {
  /// The manifest that `write` would store, for a market that stays in memory.
  /// - Throws: `TernError` of kind `data` for invalid series.
  public static func describe(_ data: MarketData, provenance: Provenance) throws(TernError) -> Manifest {
    try StoreRules.check(data)
    return Manifest(data, columns: StoreColumns.columns(of: data), provenance: provenance)
  }
}

extension CandleStore.Provenance {
  /// The provenance of a synthetic market: its whole recipe.
  public static func synthetic(
    _ configuration: SyntheticMarket.Configuration
  ) throws(TernError) -> CandleStore.Provenance {
    let recipe = String(decoding: try CanonicalJSON.encode(configuration), as: UTF8.self)
    return CandleStore.Provenance(origin: "synthesize", settings: ["recipe": recipe])
  }
}
