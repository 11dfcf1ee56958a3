import Compute
import Tensors
import Testing

@testable import Layers

/// What `Eager` adds to the kernels: dropout left out, running statistics used, parameters looked up.
@Suite struct EagerTests {
  private let eager = Eager(Workspace(pool: ThreadPool(threads: 2)))

  private func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
    let tensor = Tensor(uninitialised: shape)
    Initialiser.normal(deviation: 1).fill(tensor, seed: seed, stream: 0)
    return tensor
  }

  @Test func nothingIsDropped() {
    let (x, y) = (random(Shape(5, 8), 1), random(Shape(5, 8), 2))
    #expect(!eager.records)
    #expect(eager.dropout(x, rate: 0.9).elements == x.elements)
    #expect(eager.gated(x, .reglu, dropout: 0.9).elements == eager.gated(x, .reglu, dropout: 0).elements)
    let sum = eager.residual(x, y, dropout: 0.9, scale: 0.5).elements
    #expect(sum == zip(x.elements, y.elements).map { ($0 + $1) * 0.5 })
    let q = random(Shape(2, 3, 8), 3)
    let kept = eager.attention(query: q, key: q, value: q, heads: 2, dropout: 0.9, causal: false)
    let whole = eager.attention(query: q, key: q, value: q, heads: 2, dropout: 0, causal: false)
    #expect(kept.elements == whole.elements)
  }

  @Test func batchesAreNormalisedByRunningStatistics() throws {
    let scope = ParameterScope(RandomSource(seed: 1), into: Parameters())
    let norm = BatchNormParameters(
      weight: try scope.parameter("weight", Shape(3), .constant(2)),
      bias: try scope.parameter("bias", Shape(3), .constant(1)),
      mean: try scope.parameter("mean", Shape(3), .constant(0.5), role: .statistic),
      variance: try scope.parameter("variance", Shape(3), .constant(4), role: .statistic), epsilon: 0)
    let x = random(Shape(4, 3), 2)
    for size in [nil, 2] {
      let y = eager.batchNorm(x, norm, virtualBatch: size).elements
      // Rounding of three operations.
      for (a, b) in zip(y, x.elements) { #expect(abs(a - ((b - 0.5) / 2 * 2 + 1)) < 1e-6) }
    }
    #expect(norm.mean.value.elements == [0.5, 0.5, 0.5] && norm.variance.value.elements == [4, 4, 4])
  }

  @Test func vectorsAreLookedUpAndBlocksRun() throws {
    let scope = ParameterScope(RandomSource(seed: 1), into: Parameters())
    let table = try scope.parameter("table", Shape(4, 3), .kaiming, role: .embedding)
    let found = eager.embedding(table, IndexTensor([3, 0, 3, 1], Shape(2, 2)))
    #expect(found.shape == Shape(2, 2, 3))
    let rows = (0..<4).map { Array(table.value.elements[$0 * 3..<($0 + 1) * 3]) }
    #expect(found.elements == rows[3] + rows[0] + rows[3] + rows[1])
    let x = random(Shape(2, 3), 5)
    #expect(
      eager.checkpoint(x) { eager.affine($0, factor: 2, offset: 0) }.elements == x.elements.map { 2 * $0 })
    let empty = eager.embedding(table, IndexTensor([Int32](), Shape(0, 2)))
    #expect(empty.shape == Shape(0, 2, 3))
    let linear = try scope.parameter("weight", Shape(2, 3), .kaiming)
    #expect(eager.linear(random(Shape(0, 3), 1), linear, nil, .gelu).shape == Shape(0, 2))
  }
}
