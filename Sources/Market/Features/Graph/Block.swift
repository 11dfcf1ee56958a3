/// The rows of one input and the output that an elementwise node works on.
struct Block1 {
  let count: Int
  let x: UnsafeMutablePointer<Double>
  let out: UnsafeMutablePointer<Double>
}

/// The rows of two inputs and the output.
struct Block2 {
  let count: Int
  let x, y: UnsafeMutablePointer<Double>
  let out: UnsafeMutablePointer<Double>
}

/// The rows of three inputs and the output.
struct Block3 {
  let count: Int
  let x, y, z: UnsafeMutablePointer<Double>
  let out: UnsafeMutablePointer<Double>
}

/// The rows of four inputs and the output.
struct Block4 {
  let count: Int
  let x, y, z, w: UnsafeMutablePointer<Double>
  let out: UnsafeMutablePointer<Double>
}

// The loops are inlined together with their bodies, which are literals at the call: stored closures would cost a
// call for each element.

/// out[i] = f(x[i]).
@inline(__always)
func each(_ block: Block1, _ f: (Double) -> Double) {
  for i in 0..<block.count { block.out[i] = f(block.x[i]) }
}

/// out[i] = f(x[i], y[i]).
@inline(__always)
func each(_ block: Block2, _ f: (Double, Double) -> Double) {
  for i in 0..<block.count { block.out[i] = f(block.x[i], block.y[i]) }
}

/// out[i] = f(x[i], y[i], z[i]).
@inline(__always)
func each(_ block: Block3, _ f: (Double, Double, Double) -> Double) {
  for i in 0..<block.count { block.out[i] = f(block.x[i], block.y[i], block.z[i]) }
}

/// out[i] = f(x[i], y[i], z[i], w[i]).
@inline(__always)
func each(_ block: Block4, _ f: (Double, Double, Double, Double) -> Double) {
  for i in 0..<block.count { block.out[i] = f(block.x[i], block.y[i], block.z[i], block.w[i]) }
}
