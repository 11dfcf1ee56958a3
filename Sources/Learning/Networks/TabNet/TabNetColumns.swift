import Tensors

/// How the columns of a table lie in the rows that a TabNet computes with: each numeric column is one number, each
/// categorical one a vector, in the order of the table.
struct TabNetColumns {
  /// A part of a row.
  enum Piece {
    /// Neighbouring numeric columns, counted among the numeric ones.
    case numeric(Range<Int>)
    /// A categorical column, counted among the categorical ones.
    case category(Int)
  }

  /// The parts of a row in order.
  let pieces: [Piece]
  /// The table's column that each number of a row belongs to.
  let sources: [Int]
  /// Number of numeric columns.
  let numericCount: Int
  /// The part of each group's attention that each number of a row has (groups, numbers); nil when every number is a group.
  let groups: Tensor?
  /// Number of groups.
  let groupCount: Int
  /// The group of each number of a row.
  let groupOf: [Int]

  /// The layout of rows of some columns under a configuration that was validated for them.
  init(_ configuration: TabNetConfiguration, _ inputs: TabularInputs) {
    let columns = inputs.numeric + inputs.cardinalities.count
    let (positions, embeddingWidths) = (configuration.positions(of: inputs), configuration.widths(of: inputs))
    var pieces: [Piece] = []
    var sources: [Int] = []
    var (numeric, category, run) = (0, 0, 0)
    for column in 0..<columns {
      if category < positions.count, positions[category] == column {
        if run < numeric { pieces.append(.numeric(run..<numeric)) }
        run = numeric
        pieces.append(.category(category))
        sources += Array(repeating: column, count: embeddingWidths[category])
        category += 1
      } else {
        numeric += 1
        sources.append(column)
      }
    }
    if run < numeric { pieces.append(.numeric(run..<numeric)) }
    self.pieces = pieces
    self.sources = sources
    numericCount = numeric

    // Groups come in the order of their lists, the columns that stand alone behind them.
    var groupOfColumn = Array(repeating: -1, count: columns)
    var sizeOfGroup: [Int] = []
    for list in configuration.groupedFeatures {
      for column in list { groupOfColumn[column] = sizeOfGroup.count }
      sizeOfGroup.append(list.count)
    }
    for column in 0..<columns where groupOfColumn[column] < 0 {
      groupOfColumn[column] = sizeOfGroup.count
      sizeOfGroup.append(1)
    }
    groupCount = sizeOfGroup.count
    groupOf = sources.map { groupOfColumn[$0] }
    guard groupCount < sources.count || !configuration.groupedFeatures.isEmpty else {
      groups = nil
      return
    }
    var widths = Array(repeating: 1, count: columns)
    for (column, width) in zip(positions, embeddingWidths) {
      widths[column] = width
    }
    let matrix = Tensor(repeating: 0, Shape(groupCount, sources.count))
    for (number, column) in sources.enumerated() {
      let group = groupOfColumn[column]
      matrix.pointer[group * sources.count + number] = 1 / Float(sizeOfGroup[group]) / Float(widths[column])
    }
    groups = matrix
  }
}
