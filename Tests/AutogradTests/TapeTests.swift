import Compute
import Layers
import Tensors
import Testing

@testable import Autograd

@Suite struct TapeTests {
  private let workspace = Workspace(pool: ThreadPool(threads: 2))

  @Test func gradientsOfParametersAddUp() throws {
    let parameters = Parameters()
    let scope = ParameterScope(RandomSource(seed: 3), into: parameters)
    let weight = try scope["layer"].parameter("weight", Shape(3, 4), .kaiming)
    let tape = Tape(workspace, seed: 0)
    let x = OperationTests.random(Shape(5, 4), seed: 1)
    let pass = {
      tape.begin(step: 0)
      let y = tape.linear(tape.constant(x), weight, nil, .tanh)
      tape.backward(tape.regressionLoss(y, targets: Tensor(repeating: 0, Shape(5, 3)), .squared), scale: 0.5)
    }
    pass()
    let once = try #require(weight.gradient).elements
    pass()
    let twice = try #require(weight.gradient).elements
    #expect(twice == once.map { 2 * $0 })
    #expect(parameters["layer.weight"] === weight)
  }

  @Test func checkpointingChangesNoBitAndKeepsLess() throws {
    let run = { (checkpointed: Bool) throws -> (gradients: [[Float]], statistics: [Float], held: Int) in
      let p = try TestParameters(n: 4, d: 32, seed: 2)
      let workspace = Workspace(pool: ThreadPool(threads: 2))
      let tape = Tape(workspace, seed: 9)
      tape.begin(step: 4)
      let x = tape.watch(OperationTests.random(Shape(400, 32), seed: 4))
      var y = tape.dropout(x, rate: 0.1)
      for _ in 0..<6 {
        let block = { (value: Variable) -> Variable in
          let normal = tape.batchNorm(value, p.batchNorm, virtualBatch: 100)
          let wide = tape.concatenate([normal, tape.activation(normal, .gelu)], axis: 1)
          return tape.residual(value, tape.gated(wide, .glu, dropout: 0.2), dropout: 0.1, scale: 0.7)
        }
        y = checkpointed ? tape.checkpoint(y, block) : block(y)
      }
      tape.backward(tape.regressionLoss(y, targets: Tensor(repeating: 1, y.tensor.shape), .huber(delta: 0.5)))
      let gradients = [p.scale, p.shift].map { $0.gradient?.elements ?? [] }
      return (
        gradients + [tape.gradient(of: x)?.elements ?? []],
        p.batchNorm.mean.value.elements + p.batchNorm.variance.value.elements, workspace.heldElements
      )
    }
    let (plain, saved) = (try run(false), try run(true))
    #expect(plain.gradients.allSatisfy { !$0.isEmpty })
    #expect(plain.gradients == saved.gradients)
    #expect(plain.statistics == saved.statistics)
    #expect(saved.held < plain.held * 2 / 3)
  }

  @Test func aSecondStepNeedsNoNewStorage() throws {
    let p = try TestParameters(n: 4, d: 32, seed: 2)
    let tape = Tape(workspace, seed: 9)
    var held: [Int] = []
    for step in 0..<4 {
      tape.begin(step: UInt64(step))
      let x = tape.constant(OperationTests.random(Shape(30, 4, 32), seed: 4))
      let y = tape.residual(
        x, tape.attention(query: x, key: x, value: x, heads: 4, dropout: 0.1, causal: false), dropout: 0,
        scale: 1)
      let z = tape.linear(tape.layerNorm(y, p.scale, p.shift, epsilon: 1e-5), p.weight, p.bias, .gelu)
      tape.backward(tape.regressionLoss(z, targets: Tensor(repeating: 1, z.tensor.shape), .absolute))
      held.append(workspace.heldElements)
      p.all.clearGradients()
    }
    #expect(held[1] == held[3])
  }

  @Test func partsDropAlikeOnAnyThreadsAndWhenComputedAgain() throws {
    let run = { (threads: Int, checkpointed: Bool, step: UInt64) throws -> [[Float]] in
      let p = try TestParameters(n: 3, d: 34, seed: 2)
      let tape = Tape(Workspace(pool: ThreadPool(threads: threads)), seed: 9)
      tape.begin(step: step)
      let x = tape.watch(OperationTests.random(Shape(101, 3, 34), seed: 4))
      let y = tape.inParts(x, nil, shared: [], size: 5, outputs: 3 * 34, parameters: p.all) {
        part, own, _, _ in
        let own = own ?? x
        let block = { (value: Variable) -> Variable in
          let wide = part.concatenate(value, part.layerNorm(value, p.scale, p.shift, epsilon: 1e-5), axis: 2)
          return part.residual(value, part.gated(wide, .reglu, dropout: 0.2), dropout: 0.1, scale: 1)
        }
        let z = checkpointed ? part.checkpoint(own, block) : block(own)
        return part.reshape(z, Shape(part.shape(own)[0], 3 * 34))
      }
      let again = tape.dropout(y, rate: 0.5)
      tape.backward(again, gradient: OperationTests.random(again.tensor.shape, seed: 77))
      return [again.tensor.elements, tape.gradient(of: x)?.elements ?? []]
        + [p.scale, p.shift].map { $0.gradient?.elements ?? [] }
    }
    let one = try run(1, false, 3)
    #expect(one.allSatisfy { !$0.isEmpty })
    #expect(try run(2, false, 3) == one)
    #expect(try run(2, true, 3) == one)
    #expect(try run(2, false, 4) != one)
  }

  @Test func partsDropTheirElementsIndependently() throws {
    let p = try TestParameters(n: 1, d: 2, seed: 2)
    let tape = Tape(workspace, seed: 9)
    tape.begin(step: 0)
    let ones = tape.constant(Tensor(repeating: 1, Shape(8, 1000)))
    let y = tape.inParts(ones, nil, shared: [], size: 1, outputs: 1000, parameters: p.all) {
      part, own, _, _ in
      part.dropout(own ?? ones, rate: 0.5)
    }
    let rows = (0..<8).map { Array(y.tensor.elements[$0 * 1000..<($0 + 1) * 1000]) }
    for first in 0..<8 {
      for second in 0..<first {
        let equal = zip(rows[first], rows[second]).filter { $0 == $1 }.count
        // Five standard deviations of 1,000 fair draws.
        #expect(abs(equal - 500) < 80)
      }
    }
  }

  @Test func droppedElementsFollowTheRateAndTheStep() {
    let tape = Tape(workspace, seed: 5)
    let draw = { (step: UInt64) -> [Float] in
      tape.begin(step: step)
      return tape.dropout(tape.constant(Tensor(repeating: 1, Shape(100_003))), rate: 0.25).tensor.elements
    }
    let first = draw(1)
    #expect(first == draw(1) && first != draw(2))
    #expect(Set(first) == Set<Float>([0, 1 / 0.75]))
    let kept = Double(first.filter { $0 > 0 }.count) / 100_003
    // Five standard deviations of a binomial share of 100,003 draws.
    let deviation = (0.75 * 0.25 / 100_003.0).squareRoot()
    #expect(abs(kept - 0.75) < 5 * deviation)
    // Neighbours are dropped independently: the share of pairs is the square; overlapping pairs widen its deviation by a third.
    var pairs = 0.0
    for index in 1..<first.count where first[index] == 0 && first[index - 1] == 0 { pairs += 1 }
    let widened = 1.3 * (0.0625 * 0.9375 / 100_002.0).squareRoot()
    #expect(abs(pairs / 100_002 - 0.0625) < 5 * widened)
  }

  @Test func aTapeThatDoesNotTrainComputesWhatEagerDoes() throws {
    let p = try TestParameters(n: 4, d: 32, seed: 2)
    p.batchNorm.mean.assign(OperationTests.random(Shape(32), seed: 3))
    let x = OperationTests.random(Shape(6, 32), seed: 4)
    func block<B: Backend>(_ x: B.Value, _ b: B) -> B.Value {
      let normal = b.batchNorm(b.dropout(x, rate: 0.5), p.batchNorm, virtualBatch: 3)
      let wide = b.concatenate([normal, b.activation(normal, .gelu)], axis: 1)
      let gated = b.multiply(b.gated(wide, .glu, dropout: 0.4), b.parameter(p.scale))
      return b.layerNorm(b.linear(gated, p.weight, p.bias, .tanh), nil, nil, epsilon: 1e-5)
    }
    let (mean, variance) = (p.batchNorm.mean.value.elements, p.batchNorm.variance.value.elements)
    let tape = Tape(workspace, training: false)
    tape.begin(step: 0)
    let watched = tape.watch(x)
    let y = block(watched, tape)
    #expect(y.tensor.elements == block(x, Eager(workspace)).elements)
    let direction = OperationTests.random(y.tensor.shape, seed: 5)
    tape.backward(y, gradient: direction)
    #expect(p.all.all.allSatisfy { $0.gradient == nil })
    #expect(p.batchNorm.mean.value.elements == mean && p.batchNorm.variance.value.elements == variance)
    // The same derivative by a chain of the training tape, where running statistics are a factor and a shift.
    let factor = Tensor(
      (0..<32).map {
        p.batchNorm.weight.value.elements[$0] / (variance[$0] + p.batchNorm.epsilon).squareRoot()
      },
      Shape(32))
    let shift = Tensor(
      (0..<32).map { p.batchNorm.bias.value.elements[$0] - mean[$0] * factor.elements[$0] }, Shape(32))
    let other = Tape(workspace, seed: 0)
    other.begin(step: 0)
    let same = other.watch(x)
    let normal = other.add(other.multiply(same, other.constant(factor)), other.constant(shift))
    let wide = other.concatenate([normal, other.activation(normal, .gelu)], axis: 1)
    let gated = other.multiply(other.gated(wide, .glu, dropout: 0), other.parameter(p.scale))
    let z = other.layerNorm(other.linear(gated, p.weight, p.bias, .tanh), nil, nil, epsilon: 1e-5)
    other.backward(z, gradient: direction)
    let (a, b) = (try #require(tape.gradient(of: watched)), try #require(other.gradient(of: same)))
    // Rounding of the factor and the shift.
    for (a, b) in zip(a.elements, b.elements) { #expect(abs(a - b) < 1e-4) }
    #expect(a.elements.contains { abs($0) > 1e-2 })
  }
}
