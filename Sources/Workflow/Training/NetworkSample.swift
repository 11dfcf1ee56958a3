import Compute
import NetworkModels
import Preprocessing

/// Rows about as a network's training table had them, for comparing it with its copy.
enum NetworkSample {
  /// Cells of random rows: numbers spread as the preparation knows the column, missing cells, known and unknown codes.
  /// - Returns: (feature, row).
  static func columns(of model: NetworkModel, rows: Int, seed: UInt64) -> [[Float]] {
    var random = Philox(seed: seed)
    return model.header.preparation.columns.map { column in
      (0..<rows).map { _ in
        if random.uniform() < 0.05 { return .nan }
        switch column {
        case .numeric(let number): return cell(number.transform, &random)
        case .categorical(let category): return Float(random.integer(below: category.rows.count + 1)) - 1
        }
      }
    }
  }

  private static func cell(_ transform: NumericTransform, _ random: inout Philox) -> Float {
    switch transform {
    case .identity: return Float(random.normal())
    case .linear(let center, let scale): return Float(center + scale * random.normal())
    case .quantile(let table):
      let place = random.integer(below: table.quantiles.count)
      let next = table.quantiles[min(place + 1, table.quantiles.count - 1)]
      return Float(table.quantiles[place] + random.uniform() * (next - table.quantiles[place]))
    }
  }
}
