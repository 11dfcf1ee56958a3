import Explanations
import RowModels

extension EnsembleTableExplanation {
  /// The explanation in numbers, as `--json` prints it.
  public struct Summary: Codable, Sendable {
    /// One input's importances.
    public struct Importance: Codable, Sendable {
      /// Name of the input.
      public var feature: String
      /// The share of the probability that changes classes when the column is shuffled, mean over rows and repeats.
      public var shift: Double
      /// Mean loss of the metric when the column is shuffled; absent without a target.
      public var permutation: Double?
      /// Standard deviation of that loss over the repeats.
      public var permutationDeviation: Double?

      enum CodingKeys: String, CodingKey {
        case feature, permutation
        case shift = "mean_shift"
        case permutationDeviation = "permutation_deviation"
      }
    }

    /// A member beside the whole.
    public struct Member: Codable, Sendable {
      /// The algorithm.
      public var model: String
      /// Its share in a weighted blend, its slope in a stacked one.
      public var weight: Double
      /// The metric of its own predictions; absent without a target.
      public var metric: Double?
      /// Its prediction of the row that is explained alone.
      public var prediction: Double
    }

    /// The row that is explained alone.
    public struct Row: Codable, Sendable {
      /// Number of the row in the file, from one.
      public var row: Int
      /// The row's prediction.
      public var prediction: Double
    }

    /// `ensemble`.
    public var model: String
    /// The table.
    public var data: String
    /// Rows explained.
    public var rows: Int
    /// Input columns.
    public var features: Int
    /// `permutation`.
    public var method: String
    /// Shuffles of each column.
    public var repeats: Int
    /// How the members' probabilities become one.
    public var blend: Blend.Method
    /// The class that is looked at; absent for a single output.
    public var className: String?
    /// Metric of the permutation importances and of the members; absent without a target.
    public var metric: String?
    /// Value of the metric on the rows.
    public var baseline: Double?
    /// The members in order.
    public var members: [Member]
    /// Inputs by how far they move the predictions.
    public var importances: [Importance]
    /// Of the most important inputs.
    public var dependences: [TableExplanation.Summary.Dependence]
    /// The row that is explained alone.
    public var row: Row

    enum CodingKeys: String, CodingKey {
      case model, data, rows, features, method, repeats, blend, metric, baseline, members, importances
      case dependences, row
      case className = "class"
    }
  }

  /// The explanation in numbers.
  public var summary: Summary {
    let names = table.signature.inputs.map(\.name)
    let magnitudes = shifts.magnitudes
    let permutation = shifts.permutation
    return Summary(
      model: model.description.model, data: request.data, rows: table.rowNumbers.count,
      features: names.count, method: "permutation", repeats: request.repeats, blend: blend,
      className: className, metric: permutation == nil ? nil : metricName, baseline: permutation?.baseline,
      members: members.map {
        Summary.Member(
          model: $0.model, weight: $0.weight, metric: $0.metric, prediction: $0.single[output])
      },
      importances: ranking.map { feature in
        let permuted = permutation?.features[feature]
        return Summary.Importance(
          feature: names[feature], shift: magnitudes[feature], permutation: permuted?.mean,
          permutationDeviation: permuted?.deviation)
      }, dependences: study.summary(of: table, output: output),
      row: Summary.Row(row: table.singleNumber, prediction: singlePrediction[output]))
  }

  /// How the members' probabilities become one.
  var blend: Blend.Method {
    switch model.description.header.blend {
    case .weighted: .weighted
    case .stacked: .stacked
    }
  }

  /// The class that is looked at, of several.
  var className: String? { singlePrediction.count > 1 ? table.signature.classes[output] : nil }
}
