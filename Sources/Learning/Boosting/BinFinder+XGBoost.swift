extension BinFinder {
  /// XGBoost's cuts of a column at `rows` (all rows if nil): its quantile sketch over the rows in their order.
  static func xgboostCuts(column: [Float], rows: [Int32]?, weights: [Float]?, maxBin: Int) -> [Float] {
    let total = rows?.count ?? column.count
    var present = 0
    for i in 0..<total where !column[rows.map { Int($0[i]) } ?? i].isNaN { present += 1 }
    var sketch = QuantileSketch(present: present, maxBin: maxBin, isWeighted: weights != nil)
    for i in 0..<total {
      let row = rows.map { Int($0[i]) } ?? i
      let x = column[row]
      if !x.isNaN { sketch.push(x, weight: weights.map { $0[row] } ?? 1) }
    }
    return sketch.cuts()
  }
}
