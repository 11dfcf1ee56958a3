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

/// The first `count` of sixteen floats, zeros behind them.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>, first count: Int) -> Vector {
  if count >= 16 { return load(pointer) }
  var vector = Vector.zero
  if count == 8 {
    vector.lowHalf = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    return vector
  }
  for lane in 0..<count { vector[lane] = pointer[lane] }
  return vector
}

@inline(__always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>, first count: Int) {
  if count >= 16 { return store(vector, pointer) }
  if count == 8 {
    return UnsafeMutableRawPointer(pointer).storeBytes(of: vector.lowHalf, as: SIMD8<Float>.self)
  }
  for lane in 0..<count { pointer[lane] = vector[lane] }
}

/// The numbers of the lanes.
@inline(__always)
var laneNumbers: SIMD16<Int32> { SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }

/// The vector with another value in all lanes from `count` on.
@inline(__always)
func masked(_ vector: Vector, first count: Int, otherwise value: Float) -> Vector {
  vector.replacing(with: value, where: laneNumbers .>= Int32(truncatingIfNeeded: count))
}

/// The greatest lane.
@inline(__always)
func greatest(_ v: Vector) -> Float {
  let a = larger(v.lowHalf, v.highHalf)
  let b = larger(a.lowHalf, a.highHalf)
  let c = b.lowHalf.replacing(with: b.highHalf, where: b.highHalf .> b.lowHalf)
  return c.x > c.y ? c.x : c.y
}

@inline(__always)
private func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
  a.replacing(with: b, where: b .> a)
}

@inline(__always)
private func larger(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
  a.replacing(with: b, where: b .> a)
}
