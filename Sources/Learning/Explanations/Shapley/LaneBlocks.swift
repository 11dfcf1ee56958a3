import Diagnostics
import Synchronization

/// Moves rows between columns and groups of eight lanes.
enum LaneBlocks {
  /// The number of rows of a table that fits a forest.
  /// - Throws: `TernError(.data)` for a wrong number of columns or columns of unequal length.
  static func rows(of columns: [[Float]], names: [String]) throws(TernError) -> Int {
    guard columns.count == names.count else {
      throw TernError(
        .data, "wrong number of columns", found: "\(columns.count)", expected: "\(names.count)")
    }
    let rows = columns.first?.count ?? 0
    for (name, column) in zip(names, columns) where column.count != rows {
      throw TernError(
        .data, "columns differ in length", key: name, found: "\(column.count)", expected: "\(rows)")
    }
    return rows
  }

  /// Scratch space of one thread.
  static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Lanes>) -> Void) {
    let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: max(1, count))
    defer { scratch.deallocate() }
    body(scratch)
  }

  /// Puts rows into groups of eight, (group, feature); lanes behind the last row are zero.
  static func load(_ columns: [[Float]], _ range: Range<Int>, into target: UnsafeMutablePointer<Lanes>) {
    let features = columns.count
    for feature in 0..<features {
      columns[feature].withUnsafeBufferPointer { column in
        for group in 0..<(range.count + 7) / 8 {
          let first = range.lowerBound + group * 8
          var values = Lanes.zero
          for lane in 0..<min(8, range.upperBound - first) { values[lane] = Double(column[first + lane]) }
          target[group * features + feature] = values
        }
      }
    }
  }

  /// Writes groups, (group, part, stride), as rows, (row, part, feature).
  static func store(
    _ groups: UnsafePointer<Lanes>, parts: Int, stride: Int, features: Int, _ range: Range<Int>,
    into target: UnsafeMutablePointer<Double>
  ) {
    for row in range {
      let place = row - range.lowerBound
      for part in 0..<parts {
        let source = groups + (place / 8 * parts + part) * stride
        let line = target + (row * parts + part) * features
        for feature in 0..<features { line[feature] = source[feature][place % 8] }
      }
    }
  }
}

/// Memory that the items of a parallel region share; each writes only the elements that are its own.
struct SharedValues<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}

/// Counts the finished rows of all threads.
final class ProgressCounter: Sendable {
  private let done = Atomic<Int>(0)
  private let progress: any ProgressReporting
  private let phase: String
  private let total: Int

  init(_ progress: some ProgressReporting, phase: String, total: Int) {
    self.progress = progress
    self.phase = phase
    self.total = total
  }

  func add(_ rows: Int) {
    let completed = done.wrappingAdd(rows, ordering: .relaxed).newValue
    progress.update(phase: phase, completed: completed, total: total, remark: "")
  }
}
