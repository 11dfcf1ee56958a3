import Compute
import Foundation
import Testing

@testable import Tensors

/// Products against sums in double precision.
@Suite struct ProductTests {
  /// Counts its calls and multiplies as the definition says.
  final class NaiveLibrary: LargeMatrixProduct, @unchecked Sendable {
    private let lock = NSLock()
    private(set) var calls = 0

    func takes(rows: Int, columns: Int, depth: Int) -> Bool { rows * columns * depth > 0 }

    func multiply(
      rows: Int, columns: Int, depth: Int,
      a: UnsafePointer<Float>, aStride: Int, aTransposed: Bool,
      b: UnsafePointer<Float>, bStride: Int, bTransposed: Bool,
      c: UnsafeMutablePointer<Float>, cStride: Int, adding: Bool
    ) {
      lock.withLock { calls += 1 }
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = adding ? Double(c[row * cStride + column]) : 0
          for k in 0..<depth {
            let x = aTransposed ? a[k * aStride + row] : a[row * aStride + k]
            let y = bTransposed ? b[column * bStride + k] : b[k * bStride + column]
            sum += Double(x) * Double(y)
          }
          c[row * cStride + column] = Float(sum)
        }
      }
    }
  }

  /// `a·b` of (rows, depth) and (depth, columns), element by element.
  static func product(
    _ a: [Double], _ b: [Double], _ rows: Int, _ columns: Int, _ depth: Int, transposedA: Bool = false,
    transposedB: Bool = false
  ) -> [Double] {
    (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      return (0..<depth).reduce(0.0) { sum, k in
        sum + (transposedA ? a[k * rows + row] : a[row * depth + k])
          * (transposedB ? b[column * depth + k] : b[k * columns + column])
      }
    }
  }

  /// Rounding of a sum of `depth` products of numbers of size 1.
  static func tolerance(_ depth: Int) -> Double { 2e-7 * (4 + Double(depth).squareRoot()) }

  @Test(arguments: 0..<40) func productsOfAnyShape(trial: Int) {
    var dice = Dice(UInt64(trial))
    let (m, n, k) = (dice.one(of: extents), dice.one(of: extents), dice.one(of: extents))
    let batch = dice.one(of: [0, 1, 3])
    let space = workspace()
    for (ta, tb) in [(false, false), (false, true), (true, false)] {
      let a = dice.tensor(ta ? Shape(batch, k, m) : Shape(batch, m, k))
      let b = dice.tensor(tb ? Shape(batch, n, k) : Shape(batch, k, n))
      let found = space.product(a, transposedA: ta, b, transposedB: tb)
      #expect(found.shape == Shape(batch, m, n))
      var wanted: [Double] = []
      for item in 0..<batch {
        wanted += Self.product(
          Array(a.doubles[item * m * k..<(item + 1) * m * k]),
          Array(b.doubles[item * k * n..<(item + 1) * k * n]), m, n, k, transposedA: ta, transposedB: tb)
      }
      expectClose(found.elements, wanted, Self.tolerance(k), "\(batch)×\(m)×\(k)×\(n) \(ta) \(tb)")
    }
  }

  @Test(arguments: 0..<30) func linearLayersOfAnyShape(trial: Int) {
    var dice = Dice(100 + UInt64(trial))
    let rows = dice.one(of: extents + [130, 600])
    let (inputs, outputs) = (dice.one(of: extents), dice.one(of: extents))
    let library = NaiveLibrary()
    let x = dice.tensor(Shape(rows, inputs))
    let (weight, bias) = (dice.tensor(Shape(outputs, inputs)), dice.tensor(Shape(outputs)))
    let g = dice.tensor(Shape(rows, outputs))
    for space in [workspace(), Workspace(pool: ThreadPool(threads: 2), largeProducts: library)] {
      let what = "\(rows)×\(inputs)×\(outputs), library \(space.largeProducts != nil)"
      let plain = Self.product(x.doubles, weight.doubles, rows, outputs, inputs, transposedB: true)
      let packed = PackedMatrix(weight)
      let found = space.linear(x, weight, packed: packed, bias: bias, activation: .relu)
      let wanted = plain.enumerated().map { max($1 + bias.doubles[$0 % outputs], 0) }
      expectClose(found.elements, wanted, Self.tolerance(inputs), "linear \(what)")
      expectClose(
        space.linear(x, weight, packed: packed, bias: nil).elements, plain, Self.tolerance(inputs),
        "linear without bias \(what)")
      expectClose(
        space.linearInputGradient(g, weight).elements,
        Self.product(g.doubles, weight.doubles, rows, inputs, outputs), Self.tolerance(outputs),
        "input gradient \(what)")
      let parts = space.linearWeightGradient(g, x, withBias: true)
      expectClose(
        parts.weight.elements, Self.product(g.doubles, x.doubles, outputs, inputs, rows, transposedA: true),
        Self.tolerance(rows), "weight gradient \(what)")
      let slopes = g.doubles
      let sums = (0..<outputs).map { output in
        (0..<rows).reduce(0.0) { $0 + slopes[$1 * outputs + output] }
      }
      expectClose(parts.bias?.elements ?? [], sums, Self.tolerance(rows), "bias gradient \(what)")
      #expect(space.linearWeightGradient(g, x, withBias: false).bias == nil)
    }
    #expect((library.calls > 0) == (rows * inputs * outputs > 0))
  }

  @Test func packedMatricesFollowTheirValues() {
    var dice = Dice(7)
    let (x, first, second) = (
      dice.tensor(Shape(5, 9)), dice.tensor(Shape(33, 9)), dice.tensor(Shape(33, 9))
    )
    let space = workspace()
    let packed = PackedMatrix(first)
    packed.isStale = true
    packed.pack(second)
    #expect(!packed.isStale)
    let fresh = space.linear(x, second, packed: PackedMatrix(second), bias: nil)
    #expect(space.linear(x, second, packed: packed, bias: nil).elements == fresh.elements)
  }
}
