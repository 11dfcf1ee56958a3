import Compute
import Tensors
import Testing

@testable import BLAS

/// Products through the library against those of the kernels here.
@Suite struct OpenBLASTests {
  private static func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var random = Philox(seed: seed)
    return Tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape)
  }

  /// 1e-5 of the largest element: both round sums of some hundred products.
  private static func expectClose(_ a: Tensor, _ b: Tensor, _ what: String) {
    let size = b.elements.reduce(Float(1)) { max($0, abs($1)) }
    let gap = zip(a.elements, b.elements).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(a.shape == b.shape && gap <= 1e-5 * size, "\(what): \(gap) of \(size)")
  }

  private static func spaces(smallest: Int) -> (own: Workspace, library: Workspace) {
    let pool = ThreadPool(threads: 2)
    return (
      Workspace(pool: pool), Workspace(pool: pool, largeProducts: OpenBLAS(smallest: smallest))
    )
  }

  @Test(arguments: [(64, 64, 64), (130, 65, 97), (700, 192, 100), (64, 300, 513)])
  func linearLayersAreThoseOfTheKernels(rows: Int, inputs: Int, outputs: Int) {
    let (own, library) = Self.spaces(smallest: 1)
    let x = Self.random(Shape(rows, inputs), 1)
    let (weight, bias) = (Self.random(Shape(outputs, inputs), 2), Self.random(Shape(outputs), 3))
    let g = Self.random(Shape(rows, outputs), 4)
    func parts(_ space: Workspace) -> [Tensor] {
      let gradient = space.linearWeightGradient(g, x, withBias: true)
      return [
        space.linear(x, weight, packed: PackedMatrix(weight), bias: bias, activation: .gelu),
        space.linear(x, weight, packed: PackedMatrix(weight), bias: nil),
        space.linearInputGradient(g, weight), gradient.weight,
        gradient.bias ?? Tensor(repeating: 0, Shape(0)),
      ]
    }
    for (index, (a, b)) in zip(parts(library), parts(own)).enumerated() {
      Self.expectClose(a, b, "\(rows)×\(inputs)×\(outputs) part \(index)")
    }
  }

  /// Blocks of larger matrices, in every arrangement, added or not.
  @Test func everyArrangementIsTheDefinition() {
    let (rows, columns, depth) = (7, 5, 9)
    let library = OpenBLAS(smallest: 1)
    for aTransposed in [false, true] {
      for bTransposed in [false, true] {
        for adding in [false, true] {
          let (aStride, bStride, cStride) = (13, 14, 11)
          let (a, b) = (Self.random(Shape(13, aStride), 5), Self.random(Shape(14, bStride), 6))
          let c = Self.random(Shape(10, cStride), 7)
          let before = c.elements
          library.multiply(
            rows: rows, columns: columns, depth: depth, a: a.pointer, aStride: aStride,
            aTransposed: aTransposed,
            b: b.pointer, bStride: bStride, bTransposed: bTransposed, c: c.pointer, cStride: cStride,
            adding: adding)
          for index in 0..<c.count {
            let (row, column) = (index / cStride, index % cStride)
            guard row < rows, column < columns else {
              #expect(c.elements[index] == before[index])
              continue
            }
            let sum = (0..<depth).reduce(adding ? Double(before[index]) : 0) { sum, k in
              sum + Double(aTransposed ? a.elements[k * aStride + row] : a.elements[row * aStride + k])
                * Double(bTransposed ? b.elements[column * bStride + k] : b.elements[k * bStride + column])
            }
            // Rounding of nine products of size 1.
            #expect(abs(Double(c.elements[index]) - sum) < 1e-5)
          }
        }
      }
    }
  }

  @Test func smallProductsStayHere() {
    let library = OpenBLAS(smallest: OpenBLAS.smallestWorthwhile(core: "SkylakeX"))
    #expect(
      !library.takes(rows: 64, columns: 64, depth: 64) && library.takes(rows: 256, columns: 256, depth: 256))
    #expect(!library.takes(rows: 1 << 20, columns: 16, depth: 64))
    #expect(!OpenBLAS.coreName.isEmpty)
    #expect(OpenBLAS().smallest == OpenBLAS.smallestWorthwhile(core: OpenBLAS.coreName))
  }

  @Test(arguments: ["Prescott", "Core2", "Nehalem", "unknown"])
  func narrowKernelsAreNeverTaken(core: String) {
    let library = OpenBLAS(smallest: OpenBLAS.smallestWorthwhile(core: core))
    #expect(!library.takes(rows: 1 << 14, columns: 1 << 14, depth: 1 << 14))
  }

  @Test func threadsDoNotChangeABit() {
    let (x, weight) = (Self.random(Shape(1100, 96), 1), Self.random(Shape(128, 96), 2))
    func run(_ threads: Int) -> [Float] {
      let space = Workspace(pool: ThreadPool(threads: threads), largeProducts: OpenBLAS(smallest: 1))
      return space.linear(x, weight, packed: PackedMatrix(weight), bias: nil).elements
    }
    #expect(run(1) == run(2))
  }
}
