import Diagnostics
import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Computes the features of a whole history by folding the streaming engine over it.
public enum FeatureBuilder {
  /// The features of every candle of `market`.
  ///
  /// Row `r` depends on candles `0...r`, and on funding and quotes up to the close of candle `r`, only.
  /// - Throws: `TernError` of kind `data` when a candle is malformed or out of order, or its interval is not the
  ///   schema's.
  public static func build(
    _ market: MarketData, schema: FeatureSchema, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> FeatureMatrix {
    let candles = market.candles
    guard candles.interval == schema.interval else {
      throw TernError(
        .data, "the candles' interval is not the feature schema's", found: "\(candles.interval)",
        expected: "\(schema.interval)")
    }
    let engine = try FeatureEngine(schema: schema)
    let rows = candles.count
    var failure: TernError?
    let values = [Float](unsafeUninitializedCapacity: rows * schema.features.count) { buffer, initialised in
      initialised = 0
      guard let base = buffer.baseAddress else { return }
      adviseHugePages(base, buffer.count)
      do throws(TernError) {
        try engine.fold(market, into: base, progress: progress)
        initialised = buffer.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return FeatureMatrix(schema: schema, openTime: candles.openTime, unchecked: values)
  }

  /// Asks for large pages under a matrix that is about to be written, which spares most of the page faults.
  private static func adviseHugePages(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    #if canImport(Glibc)
      let huge = 2 << 20
      let start = (Int(bitPattern: base) + huge - 1) / huge * huge
      let end = Int(bitPattern: base + count) / huge * huge
      if start < end, let pointer = UnsafeMutableRawPointer(bitPattern: start) {
        madvise(pointer, end - start, MADV_HUGEPAGE)
      }
    #endif
  }
}
