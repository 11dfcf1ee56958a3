import Compute
import Tensors
import Testing

/// A generator of the tests' own: shapes and elements that are the same in every run.
struct Dice {
  private var random: Philox

  init(_ seed: UInt64) { random = Philox(seed: seed) }

  mutating func one<Element>(of list: [Element]) -> Element { list[random.integer(below: list.count)] }

  /// Normal numbers.
  mutating func tensor(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape)
  }

  mutating func indices(_ shape: Shape, below count: Int) -> IndexTensor {
    IndexTensor((0..<shape.count).map { _ in Int32(random.integer(below: count)) }, shape)
  }
}

extension Tensor {
  var doubles: [Double] { elements.map(Double.init) }
}

/// Tensors of one pool.
func workspace(threads: Int = 2) -> Workspace { Workspace(pool: ThreadPool(threads: threads)) }

/// Holds single precision against double: relative to the largest element, or to 1.
func expectClose(_ found: [Float], _ wanted: [Double], _ tolerance: Double, _ what: String) {
  #expect(found.count == wanted.count, "\(what)")
  let size = wanted.reduce(1) { max($0, abs($1)) }
  for (index, (a, b)) in zip(found, wanted).enumerated() where !(abs(Double(a) - b) <= tolerance * size) {
    Issue.record("\(what): element \(index) is \(a), not \(b)")
    return
  }
}

/// `Σ g_i·∂f_i/∂x_j` by central differences of a function in double precision.
func slopes(_ g: [Double], at x: [Double], of f: ([Double]) -> [Double]) -> [Double] {
  let h = 1e-6
  return x.indices.map { index in
    var (up, down) = (x, x)
    up[index] += h
    down[index] -= h
    return zip(g, zip(f(up), f(down))).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) } / (2 * h)
  }
}

/// Extents around the tails of tiles and vectors, and none at all.
let extents = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 65]
