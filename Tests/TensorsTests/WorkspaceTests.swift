import Compute
import Testing

@testable import Tensors

/// Shapes, and how storages are handed out again.
@Suite struct WorkspaceTests {
  @Test func everySizeFitsItsClassAndIsAtMostAnEighthTooLarge() {
    var dice = Dice(1)
    let large = (0..<1000).map { _ in (1 << dice.one(of: Array(10...30))) + dice.one(of: [-3, -1, 0, 1, 77]) }
    for size in Array(0...5000) + large {
      let index = SizeClass.index(of: size)
      #expect(index >= 0 && index < SizeClass.count)
      let capacity = SizeClass.capacity(index)
      #expect(capacity >= size && (size < 64 || Double(capacity) <= Double(size) * 1.125 + 1))
      if index > SizeClass.index(of: 16) { #expect(SizeClass.capacity(index - 1) < max(size, 17)) }
    }
  }

  @Test func storagesAreHandedOutAgainOnlyWhenNobodyRefersToThem() {
    let space = workspace()
    var first: Tensor? = space.tensor(Shape(10, 10))
    let place = first?.pointer
    let second = space.tensor(Shape(100))
    #expect(second.pointer != place)
    let view = first?.reshaped(Shape(100))
    first = nil
    #expect(space.tensor(Shape(100)).pointer != place)
    #expect(view?.count == 100)
    let held = space.heldElements
    func once() { _ = space.softmax(space.tensor(Shape(4, 25))) }
    once()
    let after = space.heldElements
    for _ in 0..<10 { once() }
    #expect(after >= held && space.heldElements == after)
  }

  @Test func everyStorageIsAlignedAndReadableBehindItsEnd() {
    for count in [0, 1, 15, 16, 17, 1000] {
      let storage = Storage(capacity: count)
      #expect(UInt(bitPattern: storage.pointer) % 64 == 0 && storage.capacity >= count)
      #expect((0..<Storage.slack).allSatisfy { storage.pointer[storage.capacity + $0] == 0 })
    }
  }

  @Test func shapesCount() throws {
    let shape = Shape(2, 3, 4)
    #expect(shape.count == 24 && shape.rows == 6 && shape.last == 4 && shape.rank == 3)
    #expect(shape[-1] == 4 && shape.before(1) == 2 && shape.after(1) == 4 && shape.resolved(-3) == 0)
    #expect(shape.replacing(-2, with: 0).count == 0 && shape.removing(1) == Shape(2, 4))
    #expect(shape.appending(5) == Shape(2, 3, 4, 5) && "\(shape)" == "(2, 3, 4)")
    #expect(Shape().count == 1 && Shape().last == 1 && Shape().rows == 1)
    #expect(Shape([2, 3]) == Shape(2, 3) && Shape([1, 2, 3, 4, 5]) == nil && Shape([-1]) == nil)
    #expect(try #require(Shape([])).rank == 0)
  }

  @Test func threadsDoNotChangeABit() {
    var dice = Dice(9)
    let (x, w) = (dice.tensor(Shape(700, 65)), dice.tensor(Shape(33, 65)))
    let g = dice.tensor(Shape(700, 33))
    func run(_ threads: Int) -> [[Float]] {
      let space = workspace(threads: threads)
      let parts = space.linearWeightGradient(g, x, withBias: true)
      return [
        space.linear(x, w, packed: PackedMatrix(w), bias: nil, activation: .gelu).elements,
        parts.weight.elements, parts.bias?.elements ?? [], space.sum(x, axis: 0).elements,
        space.sumOfAll(x).elements, space.entmax15(x).elements,
        space.layerNormGradient(x, x, nil, epsilon: 1e-5).weight.elements,
      ]
    }
    let one = run(1)
    #expect(run(2) == one && run(3) == one)
  }
}
