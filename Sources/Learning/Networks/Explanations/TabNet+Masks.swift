public import Layers
public import Tensors

/// What a TabNet looked at.
public struct TabNetMasks {
  /// Each step's mask over the table's columns (batch, columns), in the order of the steps.
  public let steps: [Tensor]
  /// How much each column took part in each row's decision (batch, columns): `Σ_i M_i·Σ_d max(d_i, 0)`.
  public let rows: Tensor
  /// The columns' parts of the sum over all rows, which add up to 1; zeros when nothing was looked at.
  public let importances: [Float]

  /// The same for each row by itself, each row's parts adding up to 1, so that rows can be compared.
  public var shares: Tensor {
    let (count, width) = (rows.shape[0], rows.shape[1])
    let result = Tensor(uninitialised: rows.shape)
    for row in 0..<count {
      let total = (0..<width).reduce(Float(0)) { $0 + rows.pointer[row * width + $1] }
      for column in 0..<width {
        result.pointer[row * width + column] = total > 0 ? rows.pointer[row * width + column] / total : 0
      }
    }
    return result
  }
}

extension TabNet {
  /// What the network looks at in each row; the vector of a categorical column counts as that column.
  public func masks(_ batch: TabularBatch, on backend: Eager) -> TabNetMasks {
    let input = TabularInput(numeric: batch.numeric, categories: batch.categories)
    let width = inputs.numeric + inputs.cardinalities.count
    var steps: [Tensor] = []
    var total: Tensor?
    encoder(embedder(input, backend), prior: nil, backend) { shown in
      let mask = byColumn(shown.numberMask, width)
      steps.append(mask)
      let count = mask.shape[0]
      let sum = total ?? Tensor(repeating: 0, mask.shape)
      for row in 0..<count {
        let decision = shown.decision.pointer + row * configuration.decisionWidth
        let weight = (0..<configuration.decisionWidth).reduce(Float(0)) { $0 + decision[$1] }
        for column in row * width..<(row + 1) * width {
          sum.pointer[column] += mask.pointer[column] * weight
        }
      }
      total = sum
    }
    let rows = total ?? Tensor(repeating: 0, Shape(0, width))
    var sums = [Double](repeating: 0, count: width)
    for index in 0..<rows.count { sums[index % width] += Double(rows.pointer[index]) }
    let all = sums.reduce(0, +)
    return TabNetMasks(
      steps: steps, rows: rows, importances: sums.map { all > 0 ? Float($0 / all) : 0 })
  }

  private func byColumn(_ mask: Tensor, _ width: Int) -> Tensor {
    let numbers = columns.sources.count
    let result = Tensor(repeating: 0, Shape(mask.shape[0], width))
    for row in 0..<mask.shape[0] {
      for (number, column) in columns.sources.enumerated() {
        result.pointer[row * width + column] += mask.pointer[row * numbers + number]
      }
    }
    return result
  }
}
