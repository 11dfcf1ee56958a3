/// Sixteen floats, a register of AVX-512 or two of AVX2.
typealias Vector = SIMD16<Float>

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

@inline(__always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
}

/// The first `count` of sixteen floats, zeros behind them. All sixteen are read: storages have the slack for it.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>, first count: Int) -> Vector {
  count >= 16 ? load(pointer) : masked(load(pointer), first: count, otherwise: 0)
}

/// Writes the first `count` floats and nothing behind them, which may be another lane's.
@inline(__always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>, first count: Int) {
  if count >= 16 { store(vector, pointer) } else { storePart(vector, pointer, count) }
}

@inline(__always)
private func storePart(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  var target = UnsafeMutableRawPointer(pointer)
  var eight = vector.lowHalf
  if count & 8 != 0 {
    target.storeBytes(of: eight, as: SIMD8<Float>.self)
    eight = vector.highHalf
    target += 32
  }
  var four = eight.lowHalf
  if count & 4 != 0 {
    target.storeBytes(of: four, as: SIMD4<Float>.self)
    four = eight.highHalf
    target += 16
  }
  var two = four.lowHalf
  if count & 2 != 0 {
    target.storeBytes(of: two, as: SIMD2<Float>.self)
    two = four.highHalf
    target += 8
  }
  if count & 1 != 0 { target.storeBytes(of: two.x, as: Float.self) }
}

/// The vector with another value in all lanes from `count` on. Comparing integers lane by lane is slow; signs are not.
@inline(__always)
func masked(_ vector: Vector, first count: Int, otherwise value: Float) -> Vector {
  if count >= 16 { return vector }
  let lanes = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  let kept = (lanes &- SIMD16(repeating: Int32(truncatingIfNeeded: count))) &>> 31
  let bits = unsafeBitCast(vector, to: SIMD16<Int32>.self) & kept
  let other = SIMD16(repeating: Int32(bitPattern: value.bitPattern)) & ~kept
  return unsafeBitCast(bits | other, to: Vector.self)
}

/// The sum of the lanes, by halves.
@inline(__always)
func laneSum(_ v: Vector) -> Float {
  let a = v.lowHalf + v.highHalf
  let b = a.lowHalf + a.highHalf
  let c = b.lowHalf + b.highHalf
  return c.x + c.y
}

/// The greatest lane.
@inline(__always)
func greatest(_ v: Vector) -> Float {
  let a = v.lowHalf.replacing(with: v.highHalf, where: v.highHalf .> v.lowHalf)
  let b = a.lowHalf.replacing(with: a.highHalf, where: a.highHalf .> a.lowHalf)
  let c = b.lowHalf.replacing(with: b.highHalf, where: b.highHalf .> b.lowHalf)
  return c.x > c.y ? c.x : c.y
}
