import Chronology
import Datasets
import Feeds

/// The manifest of a candle store for people.
enum ManifestText {
  static func summary(_ manifest: CandleStore.Manifest) -> String {
    var text =
      "\(manifest.rows) candles of \(manifest.symbol) \(manifest.interval), "
      + "\(Timestamp.text(manifest.first)) to \(Timestamp.text(manifest.last)), \(manifest.digest)"
    for gap in manifest.gaps.prefix(10) {
      text +=
        "\n  gap of \(gap.missing) candles from \(Timestamp.text(gap.start)) to \(Timestamp.text(gap.end))"
    }
    if manifest.gaps.count > 10 { text += "\n  and \(manifest.gaps.count - 10) more gaps" }
    return text
  }
}
