import Tensors
import Testing

/// Kernels that move or add elements up: what moves must be equal to the bit.
@Suite struct ArrangementTests {
  static let shapes = [
    Shape(1), Shape(0, 3), Shape(3, 0), Shape(1, 1), Shape(5, 17), Shape(2, 3, 4), Shape(3, 1, 33),
    Shape(2, 0, 5), Shape(4, 9, 16), Shape(2, 3, 1, 5), Shape(3, 2, 17, 4), Shape(1500, 3),
  ]

  /// The positions of an element along each axis.
  static func place(_ index: Int, _ shape: Shape) -> [Int] {
    var (rest, place) = (index, [Int]())
    for extent in shape.list.reversed() {
      place.append(rest % extent)
      rest /= extent
    }
    return place.reversed()
  }

  /// The number of the element at positions.
  static func index(_ place: [Int], _ shape: Shape) -> Int {
    zip(place, shape.list).reduce(0) { $0 * $1.1 + $1.0 }
  }

  @Test(arguments: shapes) func axesAreExchanged(shape: Shape) {
    var dice = Dice(1)
    let (x, space) = (dice.tensor(shape), workspace())
    for a in 0..<shape.rank {
      for b in 0..<shape.rank {
        let y = space.transpose(x, a, b)
        var extents = shape.list
        extents.swapAt(a, b)
        #expect(y.shape.list == extents)
        let wanted = (0..<y.count).map { index -> Float in
          var place = Self.place(index, y.shape)
          place.swapAt(a, b)
          return x.elements[Self.index(place, shape)]
        }
        #expect(y.elements == wanted, "\(shape) \(a) \(b)")
      }
    }
  }

  @Test(arguments: shapes) func partsAreTakenAndPutBack(shape: Shape) {
    var dice = Dice(2)
    let (x, space) = (dice.tensor(shape), workspace())
    for axis in 0..<shape.rank {
      let extent = shape[axis]
      for range in [0..<extent, 0..<min(1, extent), extent / 3..<extent, extent / 2..<extent / 2] {
        let part = space.slice(x, axis: axis, range)
        let wanted = (0..<part.count).map { index -> Float in
          var place = Self.place(index, part.shape)
          place[axis] += range.lowerBound
          return x.elements[Self.index(place, shape)]
        }
        #expect(part.elements == wanted && part.shape == shape.replacing(axis, with: range.count))
        let target = space.filled(shape, 2)
        space.addPart(part, axis: axis, at: range.lowerBound, to: target)
        let sums = (0..<shape.count).map { index -> Float in
          range.contains(Self.place(index, shape)[axis]) ? x.elements[index] + 2 : 2
        }
        #expect(target.elements == sums)
      }
      let cut = extent / 3
      let parts = [0..<cut, cut..<cut, cut..<extent].map { space.slice(x, axis: axis, $0) }
      #expect(space.concatenate(parts, axis: axis).elements == x.elements)
      #expect(space.concatenate(parts[0], parts[2], axis: axis).elements == x.elements)
    }
  }

  @Test(arguments: shapes) func sumsOverAnAxis(shape: Shape) {
    var dice = Dice(3)
    let (x, space) = (dice.tensor(shape), workspace())
    for axis in 0..<shape.rank {
      let (found, values) = (space.sum(x, axis: axis, factor: 0.5), x.doubles)
      var wanted = [Double](repeating: 0, count: found.count)
      for index in 0..<shape.count {
        var place = Self.place(index, shape)
        place.remove(at: axis)
        wanted[Self.index(place, found.shape)] += 0.5 * values[index]
      }
      // Rounding of up to 1,500 terms of size 1.
      expectClose(found.elements, wanted, 2e-5, "\(shape) \(axis)")
      let count = Double(max(shape[axis], 1))
      expectClose(space.mean(x, axis: axis).elements, wanted.map { 2 * $0 / count }, 2e-5, "mean")
      let back = space.sumGradient(found, shape, axis: axis, factor: 3)
      #expect(back.shape == shape)
      let sums = found.elements
      let repeated = (0..<shape.count).map { index -> Float in
        var place = Self.place(index, shape)
        place.remove(at: axis)
        return 3 * sums[Self.index(place, found.shape)]
      }
      #expect(back.elements == repeated)
    }
    expectClose([space.sumOfAll(x).scalar], [x.doubles.reduce(0, +)], 2e-5, "all")
  }

  @Test func secondOperandsAreLaidOver() {
    let space = workspace()
    let operations: [(BinaryOperation, (Float, Float) -> Float)] = [
      (.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 }), (.divide, { $0 / $1 }),
    ]
    for shape in [Shape(2, 3, 17), Shape(5, 16), Shape(1, 1), Shape(0, 4), Shape(700, 33)] {
      var dice = Dice(4)
      let a = dice.tensor(shape)
      let width = shape.last
      for form in [shape, Shape(width), shape.replacing(-1, with: 1), Shape(1)] {
        let b = dice.tensor(form)
        let (left, right) = (a.elements, b.elements)
        func place(_ index: Int) -> Int {
          if form == shape { return index }
          return form.count == 1 ? 0 : form.last == 1 ? index / width : index % width
        }
        for (operation, value) in operations {
          let found = space.combine(a, operation, b)
          let wanted = left.indices.map { value(left[$0], right[place($0)]) }
          #expect(found.elements == wanted, "\(shape) \(form) \(operation)")
        }
        var sums = [Double](repeating: 0, count: form.count)
        for index in left.indices { sums[place(index)] += Double(left[index]) }
        let reduced = space.reduced(a, to: form)
        #expect(reduced.shape == form)
        // Rounding of up to 23,100 terms of size 1.
        expectClose(reduced.elements, sums, 1e-4, "\(shape) to \(form)")
      }
    }
  }

  @Test func rowsAreGatheredAndTheirGradientsAddedUp() {
    let space = workspace()
    for (rows, size, count) in [(4, 3, 9), (1, 1, 5), (7, 17, 0), (300, 16, 40)] {
      var dice = Dice(5)
      let x = dice.tensor(Shape(rows, size))
      let indices = dice.indices(Shape(count), below: rows)
      let found = space.gather(x, indices)
      let wanted = indices.elements.flatMap { x.elements[Int($0) * size..<(Int($0) + 1) * size] }
      #expect(found.elements == wanted)
      let g = dice.tensor(Shape(count, size))
      var sums = [Float](repeating: 0, count: rows * size)
      for (place, row) in indices.elements.enumerated() {
        for column in 0..<size { sums[Int(row) * size + column] += g.elements[place * size + column] }
      }
      #expect(space.gatherGradient(g, indices, x.shape).elements == sums)
    }
  }

  @Test func windowsOverlap() {
    let space = workspace()
    for (batch, time, channels, length, stride) in [
      (2, 7, 3, 3, 2), (1, 4, 1, 4, 1), (3, 9, 5, 2, 1), (0, 5, 2, 2, 2),
    ] {
      var dice = Dice(6)
      let x = dice.tensor(Shape(batch, time, channels))
      let windows = (time - length) / stride + 1
      let found = space.unfold(x, length: length, stride: stride)
      #expect(found.shape == Shape(batch, windows, length * channels))
      let g = dice.tensor(found.shape)
      var (wanted, sums) = ([Float](), [Float](repeating: 0, count: x.count))
      for item in 0..<batch {
        for window in 0..<windows {
          for step in 0..<length {
            for channel in 0..<channels {
              let from = (item * time + window * stride + step) * channels + channel
              sums[from] += g.elements[wanted.count]
              wanted.append(x.elements[from])
            }
          }
        }
      }
      #expect(found.elements == wanted)
      #expect(space.unfoldGradient(g, x.shape, length: length, stride: stride).elements == sums)
    }
  }

  @Test func droppedElementsAreScaledOrZero() {
    var dice = Dice(8)
    let (x, branch, space) = (dice.tensor(Shape(33, 31)), dice.tensor(Shape(33, 31)), workspace())
    let key = DropoutKey(rate: 0.25, seed: 4, step: 2, operation: 1)
    let kept = space.dropout(space.filled(x.shape, 1), key).elements
    #expect(Set(kept) == [0, 1 / (1 - 0.25)])
    // The share of 1,023 draws lies within five standard deviations.
    #expect(abs(Double(kept.count { $0 == 0 }) / 1023 - 0.25) < 5 * (0.1875 / 1023.0).squareRoot())
    #expect(space.dropout(x, key, scale: 0.5).elements == zip(x.elements, kept).map { 0.5 * $0 * $1 })
    let found = space.residual(x, branch, dropout: key, scale: 0.5).elements
    let wanted = (0..<x.count).map { 0.5 * (x.doubles[$0] + branch.doubles[$0] * Double(kept[$0])) }
    expectClose(found, wanted, 1e-6, "residual")
    let none = DropoutKey(rate: 0, seed: 4, step: 2, operation: 1)
    #expect(space.dropout(x, none).elements == x.elements)
    let all = DropoutKey(rate: 1, seed: 4, step: 2, operation: 1)
    #expect(space.dropout(x, all).elements.allSatisfy { $0 == 0 })
  }
}
