import Autograd
import Compute
import Diagnostics
import Layers
import NetworkModels
import Networks
import Preprocessing
import Tensors

/// A point on the way from the baseline to a row.
struct PathPoint {
  let row: Int
  /// 0 is the baseline, 1 the row.
  let place: Double
}

/// Where all ways begin: a row of means.
struct PathBaseline: Sendable {
  /// One of the rows, with the mean of the numbers.
  let row: TablePreparation.Rows
  /// The means of the vectors that each embedding of a pass gives for a row.
  let vectors: [[Float]]

  /// The means of at least one row.
  init(_ rows: TablePreparation.Rows, of path: NetworkPath) {
    let width = path.numeric
    var numbers = [Double](repeating: 0, count: width)
    for index in rows.numbers.indices { numbers[index % width] += Double(rows.numbers[index]) }
    var sums: [[Double]] = []
    for start in stride(from: 0, to: rows.count, by: path.batch) {
      let part = (start..<min(start + path.batch, rows.count)).map { PathPoint(row: $0, place: 1) }
      for (embedding, vectors) in path.vectors(part, of: rows).enumerated() {
        let size = vectors.count / part.count
        if sums.count == embedding { sums.append([Double](repeating: 0, count: size)) }
        for index in 0..<vectors.count { sums[embedding][index % size] += Double(vectors.pointer[index]) }
      }
    }
    let count = Double(rows.count)
    row = TablePreparation.Rows(
      numbers: numbers.map { Float($0 / count) }, categories: Array(rows.categories.prefix(path.categorical)),
      count: 1)
    vectors = sums.map { $0.map { Float($0 / count) } }
  }
}

/// A network on the ways from a baseline to rows; it belongs to one thread at a time.
final class NetworkPath {
  /// What the columns of one point add to (x - x')·∂F/∂x.
  struct Parts {
    var numbers: [Double]
    var categories: [Double]
  }

  /// The vectors of one embedding, on the way and at the row.
  private struct Embedded {
    let point: Variable
    let row: Tensor
  }

  /// Points of one pass.
  let batch: Int
  /// Number of numeric columns.
  let numeric: Int
  /// Number of categorical columns.
  let categorical: Int
  private let network: any TabularNetwork
  private let tape: Tape

  init(_ model: NetworkModel, pool: ThreadPool) throws(TernError) {
    network = try model.network()
    network.prepare()
    tape = Tape(Workspace(pool: pool), training: false)
    numeric = network.inputs.numeric
    categorical = network.inputs.cardinalities.count
    // A pass remembers some tens of tensors for each column of each point.
    batch = max(16, min(1024, 8192 / (numeric + categorical + 1)))
  }

  /// The first margins of points, row-major (point, output): what a network says of its own certainty stands behind them.
  func margins(
    _ points: [PathPoint], of rows: TablePreparation.Rows, from baseline: PathBaseline, outputs: Int
  ) -> [Float] {
    let run = run(points, rows, baseline, watching: false)
    tape.begin(step: 0)
    let all = run.margins.tensor.elements
    return all.indices.filter { $0 % network.outputs < outputs }.map { all[$0] }
  }

  /// The vectors that each embedding gives for points at their rows.
  func vectors(_ points: [PathPoint], of rows: TablePreparation.Rows) -> [Tensor] {
    guard categorical > 0 else { return [] }
    return run(points, rows, nil, watching: false).embedded.map(\.row)
  }

  /// Takes the slopes of one output at points and gives each point's parts in order.
  func visit(
    _ points: [PathPoint], of rows: TablePreparation.Rows, from baseline: PathBaseline, slopesOf output: Int,
    _ body: (_ point: Int, _ parts: Parts) -> Void
  ) {
    let run = run(points, rows, baseline, watching: true)
    let outputs = network.outputs
    let chosen = tape.workspace.filled(Shape(points.count, outputs))
    for point in 0..<points.count { chosen.pointer[point * outputs + output] = 1 }
    tape.backward(run.margins, gradient: chosen)
    let slopes = run.numbers.flatMap { tape.gradient(of: $0) }
    let vectorSlopes = run.embedded.map { tape.gradient(of: $0.point) }
    var parts = Parts(
      numbers: [Double](repeating: 0, count: numeric), categories: [Double](repeating: 0, count: categorical))
    for (index, point) in points.enumerated() {
      for column in 0..<numeric {
        let way = rows.numbers[point.row * numeric + column] - baseline.row.numbers[column]
        parts.numbers[column] = Double(way) * Double(slopes?.pointer[index * numeric + column] ?? 0)
      }
      var column = 0
      for (embedding, slopes) in vectorSlopes.enumerated() {
        let row = run.embedded[embedding].row
        let (size, width) = (row.count / points.count, row.shape.last)
        for first in stride(from: 0, to: size, by: width) {
          var sum = 0.0
          for place in first..<first + width {
            let way = row.pointer[index * size + place] - baseline.vectors[embedding][place]
            sum += Double(way) * Double(slopes?.pointer[index * size + place] ?? 0)
          }
          parts.categories[column] = sum
          column += 1
        }
      }
      body(index, parts)
    }
  }

  /// A forward pass over points. Without a baseline the points are at their rows.
  private func run(
    _ points: [PathPoint], _ rows: TablePreparation.Rows, _ baseline: PathBaseline?, watching: Bool
  ) -> (margins: Variable, numbers: Variable?, embedded: [Embedded]) {
    tape.begin(step: 0)
    let numbers = numeric > 0 ? numbers(points, rows, baseline) : nil
    let variable = numbers.map { watching ? tape.watch($0) : tape.constant($0) }
    var codes: [Int32] = []
    for point in points {
      codes += rows.categories[point.row * categorical..<(point.row + 1) * categorical]
    }
    var embedded: [Embedded] = []
    tape.embedded = { [tape] vectors in
      var point = vectors
      if baseline != nil { point = tape.workspace.tensor(vectors.shape) }
      let size = vectors.count / points.count
      for (index, at) in points.enumerated() {
        guard let start = baseline?.vectors[embedded.count] else { break }
        for place in index * size..<(index + 1) * size {
          point.pointer[place] = between(start[place % size], vectors.pointer[place], at.place)
        }
      }
      let variable = watching ? tape.watch(point) : tape.constant(point)
      embedded.append(Embedded(point: variable, row: vectors))
      return variable
    }
    let input = TabularInput(
      numeric: variable,
      categories: categorical > 0 ? IndexTensor(codes, Shape(points.count, categorical)) : nil)
    let margins = network(input, on: tape).prediction
    tape.embedded = nil
    return (margins, variable, embedded)
  }

  private func numbers(
    _ points: [PathPoint], _ rows: TablePreparation.Rows, _ baseline: PathBaseline?
  ) -> Tensor {
    let result = tape.workspace.tensor(Shape(points.count, numeric))
    for (index, point) in points.enumerated() {
      for column in 0..<numeric {
        let end = rows.numbers[point.row * numeric + column]
        result.pointer[index * numeric + column] =
          baseline.map { between($0.row.numbers[column], end, point.place) } ?? end
      }
    }
    return result
  }
}

/// A share of the way from one number to another, both ends exact.
private func between(_ start: Float, _ end: Float, _ place: Double) -> Float {
  Float(Double(start) * (1 - place) + Double(end) * place)
}
