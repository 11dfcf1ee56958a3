import Networks
import Preprocessing

/// The model's input that each column of a network belongs to.
struct FeatureSources {
  /// Of each number, indicators behind the values: the indicator of missing values belongs to its own column.
  let numbers: [Int]
  /// Of each categorical column.
  let categories: [Int]

  init(_ preparation: TablePreparation) {
    var (numbers, indicators, categories) = ([Int](), [Int](), [Int]())
    for (feature, column) in preparation.columns.enumerated() {
      switch column {
      case .numeric(let number):
        numbers.append(feature)
        if number.hasIndicator { indicators.append(feature) }
      case .categorical: categories.append(feature)
      }
    }
    self.numbers = numbers + indicators
    self.categories = categories
  }

  /// The features in the order in which a network counts its columns: numeric ones in front, or the categorical ones at
  /// given positions.
  func inOrder(categoryPositions: [Int]?) -> [Int] {
    guard let categoryPositions else { return numbers + categories }
    var (order, rest, codes) = ([Int](), numbers[...], categories[...])
    for column in 0..<numbers.count + categories.count {
      let next = categoryPositions.contains(column) ? codes.popFirst() : rest.popFirst()
      if let next { order.append(next) }
    }
    return order
  }
}
