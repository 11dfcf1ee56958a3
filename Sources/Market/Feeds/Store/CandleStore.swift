/// The columnar market file: HDF5 with one dataset per column and a manifest that covers every byte of them.
///
/// Groups `candles` (`open_time, open, high, low, close, volume, count, taker_buy_volume`), `funding` (`time, rate`),
/// `mark` (`time, price`) and `quotes` (`time, bid_price, bid_quantity, ask_price, ask_quantity`); times are int64
/// milliseconds, everything else float64, NaN where the source does not tell. The root's attribute `manifest` is
/// canonical JSON, and `manifest_digest` is its SHA-256. Equal data and provenance give equal bytes.
///
/// `StoreFeed` streams such a file; writing one, and reading it as a whole, belong to the `Datasets` library.
public enum CandleStore {
  /// Version of the format.
  public static let format = 1
}
