import Tensors

/// A tensor in double precision, for references that are written as their formulas read.
struct DoubleTensor {
  var shape: Shape
  var values: [Double]

  init(_ shape: Shape, _ values: [Double]) {
    precondition(shape.count == values.count)
    self.shape = shape
    self.values = values
  }

  init(_ shape: Shape, _ value: (Int) -> Double) { self.init(shape, (0..<shape.count).map(value)) }

  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.elements.map(Double.init)) }

  var rows: Int { shape.rows }
  var width: Int { shape.last }

  func row(_ index: Int) -> [Double] { Array(values[index * width..<(index + 1) * width]) }

  /// Each row made into another one.
  func mapRows(width: Int, _ body: (_ row: [Double], _ index: Int) -> [Double]) -> DoubleTensor {
    DoubleTensor(shape.replacing(-1, with: width), (0..<rows).flatMap { body(row($0), $0) })
  }

  func map(_ body: (Double) -> Double) -> DoubleTensor { DoubleTensor(shape, values.map(body)) }

  /// The position of indices along (before, axis, after).
  func element(_ before: Int, _ position: Int, _ after: Int, axis: Int) -> Double {
    values[(before * shape[axis] + position) * shape.after(axis) + after]
  }
}
