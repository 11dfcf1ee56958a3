import Chronology
import Diagnostics

/// Splits a training span into contiguous time blocks, each predicted by a model that trained on the other blocks.
///
/// An upper layer may train only on outputs of lower layers that had not seen the row. Around each held-out block, rows
/// are dropped on both sides: before it, those whose labels reach into it (the label horizon); after it, those decided
/// before the last held-out label has ended, plus the embargo, because their features still look back on it
/// (purged k-fold cross-validation; López de Prado, 2018, chapter 7).
public struct CrossFitting: Equatable, Sendable {
  /// Number of blocks, at least 2.
  public let blocks: Int
  /// Reach of a label beyond its decision, milliseconds.
  public let horizon: Int64
  /// Distance kept beyond the purge after each block, milliseconds.
  public let embargo: Int64

  /// Takes the settings.
  /// - Throws: `TernError` of kind `configuration` for fewer than 2 blocks or negative lengths.
  public init(blocks: Int = 5, horizon: Int64, embargo: Int64) throws(TernError) {
    guard blocks >= 2 else {
      throw TernError(.configuration, "out of range", key: "blocks", found: "\(blocks)", expected: "≥ 2")
    }
    guard horizon >= 0, embargo >= 0 else {
      throw TernError(
        .configuration, "out of range", key: "horizon, embargo", found: "\(horizon), \(embargo)",
        expected: "≥ 0")
    }
    self.blocks = blocks
    self.horizon = horizon
    self.embargo = embargo
  }

  /// One block and the rows that may train its model.
  public struct Part: Equatable, Sendable {
    /// Position, from zero.
    public let index: Int
    /// Decision times of the held-out block, half-open.
    public let span: Range<Int64>
    /// Rows to train on, ascending.
    public let train: [Int]
    /// Rows to predict, ascending.
    public let heldOut: [Int]
  }

  /// Splits rows into blocks of about equal size; rows decided at one instant are never parted.
  /// - Parameters:
  ///   - times: times of all rows.
  ///   - rows: the rows to split (a fold's training rows); nil means all.
  /// - Throws: `TernError` of kind `data` when there are fewer distinct decision times than blocks, or a block leaves
  ///   no row to train on.
  public func parts(_ times: RowTimes, rows: [Int]? = nil) throws(TernError) -> [Part] {
    let rows = (rows ?? Array(0..<times.count)).sorted {
      (times.decision[$0], $0) < (times.decision[$1], $1)
    }
    let starts = try blockStarts(times, rows)
    var parts: [Part] = []
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : rows.count
      let heldOut = rows[start..<end]
      let first = times.decision[rows[start]]
      let last = times.decision[rows[end - 1]]
      // The nominal horizon applies even where every label happened to end early.
      let settled = max(last + horizon, heldOut.reduce(last) { max($0, times.labelEnd[$1]) })
      let train = rows.indices.filter { position in
        let row = rows[position]
        if position < start {
          return times.labelEnd[row] < first && times.decision[row] + horizon < first
        }
        return position >= end && times.decision[row] > settled + embargo
      }
      guard !train.isEmpty else {
        throw TernError(
          .data, "purging leaves block \(index) of \(blocks) without training rows",
          found: "\(rows.count) rows from \(Timestamp.text(times.decision[rows[0]]))",
          expected: "a longer span or a shorter horizon and embargo")
      }
      parts.append(
        Part(
          index: index, span: first..<(last + 1), train: train.map { rows[$0] }.sorted(),
          heldOut: heldOut.sorted()))
    }
    return parts
  }

  /// First position of each block in time order, moved on to the next instant where a tie would be parted.
  private func blockStarts(_ times: RowTimes, _ rows: [Int]) throws(TernError) -> [Int] {
    var starts: [Int] = []
    for index in 0..<blocks {
      var position = rows.count * index / blocks
      while position > 0, position < rows.count,
        times.decision[rows[position]] == times.decision[rows[position - 1]]
      {
        position += 1
      }
      guard position < rows.count, position > starts.last ?? -1 else {
        throw TernError(
          .data, "too few distinct decision times to split into blocks", found: "\(rows.count) rows",
          expected: "more than \(blocks) well-spread decision times")
      }
      starts.append(position)
    }
    return starts
  }
}
