import Explanations
import NetworkExplanations

extension NetworkTableExplanation {
  /// The explanation in numbers, as `--json` prints it.
  public struct Summary: Codable, Sendable {
    /// One input's importances.
    public struct Importance: Codable, Sendable {
      /// Name of the input.
      public var feature: String
      /// Mean |attribution| over the rows, summed over the outputs.
      public var meanMagnitude: Double
      /// The input's share of what the network looks at; absent where it shows nothing.
      public var focus: Double?
      /// Mean loss of the metric when the column is shuffled; absent without a target.
      public var permutation: Double?
      /// Standard deviation of that loss over the repeats.
      public var permutationDeviation: Double?

      enum CodingKeys: String, CodingKey {
        case feature, focus, permutation
        case meanMagnitude = "mean_abs_attribution"
        case permutationDeviation = "permutation_deviation"
      }
    }

    /// An input's share of what the network looks at in one row.
    public struct Share: Codable, Sendable {
      /// Name of the input.
      public var feature: String
      /// 0…1.
      public var share: Double
    }

    /// The algorithm.
    public var model: String
    /// The table.
    public var data: String
    /// Rows explained.
    public var rows: Int
    /// Rows whose margins were attributed.
    public var attributedRows: Int
    /// Input columns.
    public var features: Int
    /// `integrated-gradients`.
    public var method: String
    /// Gradients taken on the way from the baseline to a row.
    public var steps: Int
    /// Where they were taken.
    public var rule: PathRule
    /// Rows whose mean is the baseline.
    public var background: Int
    /// The class that is looked at; absent for a single output.
    public var className: String?
    /// Margin of the baseline for each output.
    public var expected: [Double]
    /// Largest |margin − sum of its parts| over the rows.
    public var additivityError: Double
    /// `masks` or `attention-rollout`; absent where the network shows nothing.
    public var focus: NetworkFocus.Kind?
    /// Metric of the permutation importances; absent without a target.
    public var metric: String?
    /// Value of the metric on the rows.
    public var baseline: Double?
    /// Inputs by mean |attribution|.
    public var importances: [Importance]
    /// Of the most important inputs.
    public var dependences: [TableExplanation.Summary.Dependence]
    /// The row that is explained alone.
    public var row: TableExplanation.Summary.Row
    /// What the network looks at in that row, in the order of the inputs.
    public var rowFocus: [Share]?

    enum CodingKeys: String, CodingKey {
      case model, data, rows, features, method, steps, rule, background, expected, focus, metric, baseline
      case importances, dependences, row
      case attributedRows = "attributed_rows"
      case className = "class"
      case additivityError = "additivity_error"
      case rowFocus = "row_focus"
    }
  }

  /// The explanation in numbers.
  public var summary: Summary {
    let names = table.signature.inputs.map(\.name)
    let magnitudes = attribution.meanMagnitudes
    return Summary(
      model: model.description.model, data: request.data, rows: table.rowNumbers.count,
      attributedRows: attribution.rows, features: names.count, method: "integrated-gradients",
      steps: configuration.steps, rule: configuration.rule, background: background, className: className,
      expected: attribution.baseline, additivityError: attribution.completenessError, focus: focus?.kind,
      metric: permutation == nil ? nil : metricName, baseline: permutation?.baseline,
      importances: ranking.map { feature in
        let permuted = permutation?.features[feature]
        return Summary.Importance(
          feature: names[feature], meanMagnitude: magnitudes[feature], focus: focus?.importances[feature],
          permutation: permuted?.mean, permutationDeviation: permuted?.deviation)
      }, dependences: study.summary(of: table, output: output), row: singleRow,
      rowFocus: singleFocus.map { focus in
        zip(names, focus.shares).map { Summary.Share(feature: $0, share: Double($1)) }
      })
  }

  /// The class that is looked at, of several.
  var className: String? { attribution.outputs > 1 ? table.signature.classes[output] : nil }

  private var singleRow: TableExplanation.Summary.Row {
    let values = Array(single.values(row: 0, output: output))
    let order = values.indices.sorted {
      abs(values[$0]) == abs(values[$1]) ? $0 < $1 : abs(values[$0]) > abs(values[$1])
    }
    return TableExplanation.Summary.Row(
      row: table.singleNumber, expected: single.baseline[output], margin: single.margins[output],
      prediction: singlePrediction[output],
      parts: order.map {
        .init(
          feature: table.signature.inputs[$0].name,
          input: table.text(feature: $0, value: table.single[$0][0]), value: values[$0])
      })
  }
}
