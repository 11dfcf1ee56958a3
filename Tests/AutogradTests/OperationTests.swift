import Compute
import Layers
import Tensors
import Testing

@testable import Autograd

@Suite struct OperationTests {
  /// Batch, sequence and width: tails of vectors and tiles, single elements, no elements.
  static let sizes: [(Int, Int, Int)] = [
    (2, 3, 4), (1, 1, 2), (3, 5, 18), (5, 17, 34), (2, 9, 64), (0, 3, 4), (40, 2, 6),
  ]

  static func random(_ shape: Shape, seed: UInt64) -> Tensor {
    let tensor = Tensor(uninitialised: shape)
    Initialiser.normal(deviation: 1).fill(tensor, seed: seed, stream: 0)
    return tensor
  }

  /// Single precision against double: 1e-5 of the size of the terms, some dozens of which make an element.
  static func expectClose(_ a: [Float], _ b: [Double], _ tolerance: Double, _ what: String) {
    #expect(a.count == b.count, "\(what)")
    let size = max(1, b.reduce(0) { max($0, abs($1)) })
    for (x, y) in zip(a, b) where !(abs(Double(x) - y) <= tolerance * size) {
      Issue.record("\(what): \(x) is not \(y)")
      return
    }
  }

  @Test(arguments: Operation.allCases)
  func eagerAgreesWithItsDoubleTwin(operation: Operation) throws {
    for (index, (b, n, d)) in OperationTests.sizes.enumerated() where b > 0 || operation.allowsEmpty {
      if operation == .unfold, n < 2 { continue }
      let parameters = try TestParameters(n: n, d: d, seed: UInt64(index))
      let inputs = operation.operands(b, n, d).enumerated().map {
        OperationTests.random($1, seed: UInt64(100 * index + $0))
      }
      let eager = Eager(Workspace(pool: ThreadPool(threads: 2)))
      let result = operation.run(eager, inputs, parameters)
      let twin = DoubleBackend()
      let expected = operation.run(twin, inputs.map(DoubleTensor.init), parameters)
      #expect(result.shape == expected.shape)
      OperationTests.expectClose(result.elements, expected.values, 1e-5, "\(operation) \((b, n, d))")
    }
  }

  @Test(arguments: Operation.allCases)
  func gradientsAgreeWithDifferences(operation: Operation) throws {
    for (index, (b, n, d)) in [(2, 3, 4), (1, 2, 2), (4, 5, 6)].enumerated() {
      let parameters = try TestParameters(n: n, d: d, seed: UInt64(index))
      let inputs = operation.operands(b, n, d).enumerated().map {
        OperationTests.random($1, seed: UInt64(7 * index + $0 + 1))
      }
      let tape = Tape(Workspace(pool: ThreadPool(threads: 2)), seed: DoubleBackend.seed)
      tape.begin(step: DoubleBackend.step)
      let leaves = inputs.map(tape.watch)
      let result = operation.run(tape, leaves, parameters)
      let weights = OperationTests.random(result.tensor.shape, seed: 999)
      tape.backward(result, gradient: weights)

      let value = { (inputs: [DoubleTensor], replaced: [Int: [Double]]) -> Double in
        let twin = DoubleBackend()
        twin.isTraining = true
        twin.replaced = replaced
        let y = operation.run(twin, inputs, parameters)
        return zip(y.values, weights.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
      }
      let doubles = inputs.map(DoubleTensor.init)
      let h = 1e-5
      for (position, leaf) in leaves.enumerated() {
        let expected = doubles[position].values.indices.map { element in
          var (up, down) = (doubles, doubles)
          up[position].values[element] += h
          down[position].values[element] -= h
          return (value(up, [:]) - value(down, [:])) / (2 * h)
        }
        let gradient = tape.gradient(of: leaf)?.elements ?? Array(repeating: 0, count: expected.count)
        OperationTests.expectClose(gradient, expected, 2e-5, "\(operation) \((b, n, d)) operand \(position)")
      }
      for parameter in parameters.all.all {
        guard let gradient = parameter.gradient else { continue }
        #expect(gradient.shape == parameter.shape)
        let base = parameter.value.elements.map(Double.init)
        let expected = base.indices.map { element in
          var (up, down) = (base, base)
          up[element] += h
          down[element] -= h
          return (value(doubles, [parameter.index: up]) - value(doubles, [parameter.index: down])) / (2 * h)
        }
        OperationTests.expectClose(
          gradient.elements, expected, 2e-5, "\(operation) \((b, n, d)) \(parameter.name)")
      }
    }
  }

  @Test(arguments: Operation.allCases)
  func threadsDoNotChangeABit(operation: Operation) throws {
    let (b, n, d) = operation == .gather || operation == .embedding ? (2, 3, 4) : (150, 7, 34)
    let run = { (threads: Int) throws -> [[Float]] in
      let parameters = try TestParameters(n: n, d: d, seed: 5)
      let tape = Tape(Workspace(pool: ThreadPool(threads: threads)), seed: 1)
      tape.begin(step: 0)
      let leaves = operation.operands(b, n, d).enumerated().map {
        tape.watch(OperationTests.random($1, seed: UInt64($0)))
      }
      let result = operation.run(tape, leaves, parameters)
      tape.backward(result, gradient: OperationTests.random(result.tensor.shape, seed: 77))
      return [result.tensor.elements] + leaves.map { tape.gradient(of: $0)?.elements ?? [] }
        + parameters.all.all.map { $0.gradient?.elements ?? $0.value.elements }
    }
    #expect(try run(1) == run(2))
  }
}
