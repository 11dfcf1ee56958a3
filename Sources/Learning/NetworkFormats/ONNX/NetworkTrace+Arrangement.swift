import Layers
import Tensors

extension NetworkTrace {
  func reshape(_ x: Value, _ shape: Shape) -> Value {
    let extents = extents(shape, isBatched: x.isBatched)
    return Value(
      tensor: eager.reshape(x.tensor, shape), name: add("Reshape", [x.name, integers(extents)]),
      isBatched: x.isBatched)
  }

  func transpose(_ x: Value, _ a: Int, _ b: Int) -> Value {
    let shape = x.tensor.shape
    let (from, to) = (shape.resolved(a), shape.resolved(b))
    if x.isBatched, min(from, to) == 0 { refuse("a transposition of the rows") }
    return Value(
      tensor: eager.transpose(x.tensor, a, b), name: swapped(x.name, from, to, rank: shape.rank),
      isBatched: x.isBatched)
  }

  func slice(_ x: Value, axis: Int, _ range: Range<Int>) -> Value {
    let inputs = [x.name, integers([range.lowerBound]), integers([range.upperBound]), integers([axis])]
    return Value(
      tensor: eager.slice(x.tensor, axis: axis, range), name: add("Slice", inputs), isBatched: x.isBatched)
  }

  func concatenate(_ a: Value, _ b: Value, axis: Int) -> Value { concatenate([a, b], axis: axis) }

  func concatenate(_ values: [Value], axis: Int) -> Value {
    Value(
      tensor: eager.concatenate(values.map(\.tensor), axis: axis),
      name: add("Concat", values.map(\.name), [("axis", .integer(axis))]),
      isBatched: values.contains(where: \.isBatched))
  }

  func gather(_ x: Value, _ indices: IndexTensor) -> Value {
    if x.isBatched { refuse("a choice of rows") }
    let chosen = integers(indices.elements.map(Int.init))
    return Value(
      tensor: eager.gather(x.tensor, indices),
      name: add("Gather", [x.name, chosen], [("axis", .integer(0))]),
      isBatched: false)
  }

  /// Codes are 0 in the row that is computed beside, so what a network looks up there is where each column's vectors begin.
  func embedding(_ table: Parameter, _ indices: IndexTensor) -> Value {
    let codes: String
    if indices.shape.rank == 1 {
      let column = integer(nextCategoryColumn())
      codes = add("Gather", [NetworkTrace.categoryInput, column], [("axis", .integer(1))])
    } else {
      codes = add("Add", [NetworkTrace.categoryInput, integers(indices.elements.map(Int.init))])
    }
    return Value(
      tensor: eager.embedding(table, indices),
      name: add("Gather", [stored(table), codes], [("axis", .integer(0))]), isBatched: true)
  }

  func prepend(_ token: Parameter, _ x: Value) -> Value {
    let rows = add("Shape", [x.name], [("start", .integer(0)), ("end", .integer(1))])
    let shape = add("Concat", [rows, integers([1, token.value.count])], [("axis", .integer(0))])
    let first = add("Expand", [stored(token), shape])
    return Value(
      tensor: eager.prepend(token, x.tensor), name: add("Concat", [first, x.name], [("axis", .integer(1))]),
      isBatched: x.isBatched)
  }
}
