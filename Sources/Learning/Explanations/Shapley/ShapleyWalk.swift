/// The two walks over one tree for eight rows: products of factors down, sums over subtrees up.
///
/// Every lane does the same arithmetic in the same order, so a row's values depend on no other row.
struct ShapleyWalk {
  /// Products of factors on the way down, sums of products over subtrees on the way up: (node, point).
  let products: UnsafeMutablePointer<Lanes>
  /// Whether a row passes all tests of its edge's feature on the path: (node).
  let passes: UnsafeMutablePointer<LaneMask>
  /// Change of (o − z)/f at an inner node, weighted by its children's sums: (point).
  let changes: UnsafeMutablePointer<Lanes>

  /// Reserves scratch space for the largest tree of a program.
  init(_ program: ShapleyProgram) {
    products = .allocate(capacity: program.largestProducts)
    passes = .allocate(capacity: program.largestNodes)
    changes = .allocate(capacity: ShapleyProgram.longestPath)
    passes.initialize(repeating: LaneMask(repeating: true), count: program.largestNodes)
  }

  func deallocate() {
    products.deallocate()
    passes.deallocate()
    changes.deallocate()
  }

  /// Follows the rows down a tree: at each node, for each point, the product of the factors of the path's features; at a
  /// leaf times its value.
  ///
  /// - Parameter rows: the eight rows' values, (tested feature).
  @inline(__always)
  func descend(
    _ inner: UnsafePointer<ShapleyProgram.InnerNode>, count: Int, points: Int,
    weights: UnsafePointer<Double>, constants: UnsafePointer<Double>, sets: UnsafePointer<UInt32>,
    rows: UnsafePointer<Lanes>
  ) {
    for q in 0..<points { products[q] = Lanes(repeating: weights[q]) }
    var constant = constants
    for index in 0..<count {
      let node = inner[index]
      var isLeft = node.test.left(rows[Int(node.test.feature)], sets: sets)
      var isRight = .!isLeft
      let own = products + Int(node.own) * points
      let left = products + Int(node.left) * points
      let right = products + Int(node.right) * points
      if node.previous < 0 {
        for q in 0..<points {
          let product = own[q]
          left[q] = product * ShapleyWalk.choose(isLeft, constant[0], constant[1])
          right[q] = product * ShapleyWalk.choose(isRight, constant[3], constant[4])
          constant += ShapleyProgram.constantsPerPoint
        }
      } else {
        let before = passes[Int(node.previous)]
        isLeft = isLeft .& before
        isRight = isRight .& before
        let leftRest = Lanes(repeating: node.leftRest)
        let rightRest = Lanes(repeating: node.rightRest)
        for q in 0..<points {
          let product = own[q]
          left[q] =
            product
            * leftRest.replacing(with: ShapleyWalk.choose(isLeft, constant[0], constant[1]), where: before)
          right[q] =
            product
            * rightRest.replacing(with: ShapleyWalk.choose(isRight, constant[3], constant[4]), where: before)
          constant += ShapleyProgram.constantsPerPoint
        }
      }
      passes[Int(node.left)] = isLeft
      passes[Int(node.right)] = isRight
    }
  }

  /// Sums the leaves' products on the way up and gives each inner node's share to its feature.
  ///
  /// - Parameters:
  ///   - sums: the players' Shapley values so far, (player).
  ///   - visit: is called for each inner node, last first, after `changes` holds its terms at the points.
  @inline(__always)
  func ascend(
    _ inner: UnsafePointer<ShapleyProgram.InnerNode>, count: Int, points: Int,
    constants: UnsafePointer<Double>, sums: UnsafeMutablePointer<Lanes>, visit: (_ index: Int) -> Void
  ) {
    for index in stride(from: count - 1, through: 0, by: -1) {
      let node = inner[index]
      var constant = constants + index * points * ShapleyProgram.constantsPerPoint
      let own = products + Int(node.own) * points
      let left = products + Int(node.left) * points
      let right = products + Int(node.right) * points
      let passesLeft = passes[Int(node.left)]
      let passesRight = passes[Int(node.right)]
      let isOpen = node.previous < 0 ? LaneMask(repeating: true) : passes[Int(node.previous)]
      var total = Lanes.zero
      for q in 0..<points {
        let failed = Lanes.zero.replacing(with: Lanes(repeating: constant[6]), where: isOpen)
        let toLeft = failed.replacing(with: Lanes(repeating: constant[2]), where: passesLeft)
        let toRight = failed.replacing(with: Lanes(repeating: constant[5]), where: passesRight)
        let (a, b) = (left[q], right[q])
        let change = (a * toLeft).addingProduct(b, toRight)
        changes[q] = change
        total += change
        own[q] = a + b
        constant += ShapleyProgram.constantsPerPoint
      }
      sums[Int(node.player)] += total
      visit(index)
    }
  }

  /// One of two constants in each lane.
  @inline(__always)
  private static func choose(_ mask: LaneMask, _ yes: Double, _ no: Double) -> Lanes {
    Lanes(repeating: no).replacing(with: Lanes(repeating: yes), where: mask)
  }
}
