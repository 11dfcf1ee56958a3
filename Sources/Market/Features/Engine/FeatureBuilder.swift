import Diagnostics
import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Computes the features of a whole history by folding the streaming engine over it.
public enum FeatureBuilder {
  /// The features of every candle of `market`, as one matrix.
  ///
  /// Row `r` depends on candles `0...r`, and on funding and quotes up to the close of candle `r`, only. Consumers that
  /// read the rows once use ``forEachBlock(_:schema:rowsPerBlock:progress:body:)``, which never holds the matrix.
  /// - Throws: `TernError` of kind `data` when a candle is malformed or out of order, or its interval is not the
  ///   schema's.
  public static func build(
    _ market: MarketData, schema: FeatureSchema, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> FeatureMatrix {
    let engine = try engine(for: market, schema)
    let rows = market.candles.count
    var failure: TernError?
    let values = [Float](unsafeUninitializedCapacity: rows * schema.features.count) { buffer, initialised in
      initialised = 0
      guard let base = buffer.baseAddress else { return }
      adviseHugePages(base, buffer.count)
      do throws(TernError) {
        // One block of all rows, whose memory is the matrix itself.
        try engine.fold(market, rowsPerBlock: rows, into: base, progress: progress) { _ in }
        initialised = buffer.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return FeatureMatrix(schema: schema, openTime: market.candles.openTime, unchecked: values)
  }

  /// Rows of a block unless the caller chooses: a MiB of a full catalogue, which stays in a cache.
  public static let usualRowsPerBlock = 1_024

  /// Computes the features of every candle of `market` and hands them out block by block, in order.
  ///
  /// The values are those of ``build(_:schema:progress:)``, bit for bit; the memory in use does not grow with the
  /// history.
  ///
  /// ```swift
  /// try FeatureBuilder.forEachBlock(market, schema: schema) { block throws(TernError) in
  ///   for value in block.column(0) { … }
  /// }
  /// ```
  /// - Parameters:
  ///   - rowsPerBlock: rows of every block but the last, which may be shorter.
  ///   - body: consumes one block; its memory is reused once `body` returns.
  /// - Throws: what `body` throws, and `TernError` of kind `data` when a candle is malformed or out of order, or its
  ///   interval is not the schema's; blocks before the fault were handed out then.
  public static func forEachBlock(
    _ market: MarketData, schema: FeatureSchema, rowsPerBlock: Int = FeatureBuilder.usualRowsPerBlock,
    progress: some ProgressReporting = SilentProgress(), body: (FeatureBlock) throws(TernError) -> Void
  ) throws(TernError) {
    precondition(rowsPerBlock > 0, "a block has at least one row")
    let engine = try engine(for: market, schema)
    let rows = min(rowsPerBlock, market.candles.count)
    let memory = Storage<Float>(rows * schema.features.count, repeating: .nan)
    // The buffer outlives the last mention of its owner.
    defer { withExtendedLifetime(memory) {} }
    try engine.fold(market, rowsPerBlock: rowsPerBlock, into: memory.start, progress: progress, body: body)
  }

  private static func engine(
    for market: MarketData, _ schema: FeatureSchema
  ) throws(TernError) -> FeatureEngine {
    guard market.candles.interval == schema.interval else {
      throw TernError(
        .data, "the candles' interval is not the feature schema's", found: "\(market.candles.interval)",
        expected: "\(schema.interval)")
    }
    return try FeatureEngine(schema: schema, blockLength: Graph.batchLength)
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
