import Explanations

extension TableExplanation {
  /// The explanation in numbers, as `--json` prints it.
  public struct Summary: Codable, Sendable {
    /// One input's importances.
    public struct Importance: Codable, Sendable {
      /// Name of the input.
      public var feature: String
      /// Mean |Shapley value| over the rows, summed over the outputs.
      public var meanMagnitude: Double
      /// Loss reductions of its splits.
      public var gain: Double
      /// Hessians of the nodes that it splits.
      public var cover: Double
      /// Number of its splits.
      public var splits: Int
      /// Mean loss of the metric when the column is shuffled; absent without a target.
      public var permutation: Double?
      /// Standard deviation of that loss over the repeats.
      public var permutationDeviation: Double?

      enum CodingKeys: String, CodingKey {
        case feature, gain, cover, splits, permutation
        case meanMagnitude = "mean_abs_shap"
        case permutationDeviation = "permutation_deviation"
      }
    }

    /// A pair of inputs.
    public struct Interaction: Codable, Sendable {
      /// One input.
      public var first: String
      /// The other one.
      public var second: String
      /// Mean |interaction value| over the rows, summed over the outputs.
      public var strength: Double
    }

    /// Mean predictions over a grid of one input, for the output that is looked at.
    public struct Dependence: Codable, Sendable {
      /// Name of the input.
      public var feature: String
      /// Values of the input.
      public var values: [Float]
      /// Mean prediction at each value.
      public var averages: [Double]
      /// Accumulated local effect at each value.
      public var accumulated: [Double]
    }

    /// One row's margin in parts, largest first.
    public struct Row: Codable, Sendable {
      /// One input's part.
      public struct Part: Codable, Sendable {
        /// Name of the input.
        public var feature: String
        /// The input as the table has it.
        public var input: String
        /// What it adds to the margin.
        public var value: Double
      }

      /// Number of the row in the file, from one.
      public var row: Int
      /// Expected margin.
      public var expected: Double
      /// The row's margin.
      public var margin: Double
      /// The row's prediction.
      public var prediction: Double
      /// What each input adds.
      public var parts: [Part]
    }

    /// The algorithm.
    public var model: String
    /// The table.
    public var data: String
    /// Rows explained.
    public var rows: Int
    /// Input columns.
    public var features: Int
    /// Trees of the model.
    public var trees: Int
    /// `path-dependent` or `interventional`.
    public var method: String
    /// What weighs the nodes: `hessians` or `rows`; absent for interventional values.
    public var cover: String?
    /// Rows of the background sample; absent for path-dependent values.
    public var background: Int?
    /// The class that is looked at; absent for a single output.
    public var className: String?
    /// Expected margin of each output.
    public var expected: [Double]
    /// Largest |margin − sum of its parts| over the rows.
    public var additivityError: Double
    /// Metric of the permutation importances, and its value on the rows; absent without a target.
    public var metric: String?
    /// Value of the metric on the rows.
    public var baseline: Double?
    /// Inputs by mean |Shapley value|.
    public var importances: [Importance]
    /// The strongest pairs.
    public var interactions: [Interaction]
    /// Of the most important inputs.
    public var dependences: [Dependence]
    /// The row that is explained alone.
    public var row: Row
    /// Number of the drawn tree.
    public var tree: Int

    enum CodingKeys: String, CodingKey {
      case model, data, rows, features, trees, method, cover, background, expected, metric, baseline,
        importances
      case interactions, dependences, row, tree
      case className = "class"
      case additivityError = "additivity_error"
    }
  }

  /// The explanation in numbers.
  public var summary: Summary {
    let names = table.signature.inputs.map(\.name)
    let magnitudes = attribution.values.meanMagnitudes
    let splits = model.forest.importances()
    let importances = ranking.map { feature in
      let permuted = permutation?.features[feature]
      return Summary.Importance(
        feature: names[feature], meanMagnitude: magnitudes[feature], gain: splits[feature].gain,
        cover: splits[feature].cover, splits: splits[feature].splits, permutation: permuted?.mean,
        permutationDeviation: permuted?.deviation)
    }
    let isInterventional = attribution.background > 0
    return Summary(
      model: model.description.model, data: request.data, rows: attribution.values.rows,
      features: names.count,
      trees: model.forest.trees, method: isInterventional ? "interventional" : "path-dependent",
      cover: isInterventional ? nil : attribution.cover.rawValue,
      background: isInterventional ? attribution.background : nil, className: className,
      expected: attribution.values.expected, additivityError: attribution.additivityError,
      metric: permutation == nil ? nil : metricName, baseline: permutation?.baseline,
      importances: importances,
      interactions: attribution.pairs.prefix(20).map {
        .init(first: names[$0.first], second: names[$0.second], strength: $0.strength)
      }, dependences: study.summary(of: table, output: output), row: singleRow, tree: request.tree)
  }

  /// The class that is looked at, of several.
  var className: String? { attribution.values.outputs > 1 ? table.signature.classes[output] : nil }

  /// What the predictions are.
  var unit: String { table.unit(output: output) }

  private var singleRow: Summary.Row {
    let values = Array(attribution.single.values(row: 0, output: output))
    let order = values.indices.sorted {
      abs(values[$0]) == abs(values[$1]) ? $0 < $1 : abs(values[$0]) > abs(values[$1])
    }
    return Summary.Row(
      row: table.singleNumber, expected: attribution.single.expected[output],
      margin: attribution.single.margin(row: 0, output: output), prediction: singlePrediction[output],
      parts: order.map {
        .init(
          feature: table.signature.inputs[$0].name,
          input: table.text(feature: $0, value: table.single[$0][0]),
          value: values[$0])
      })
  }
}
