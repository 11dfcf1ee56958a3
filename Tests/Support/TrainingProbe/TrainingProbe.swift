import Diagnostics
import Fitting
import Glibc
import NetworkModels
import Networks
import Optimizers
import Training

/// Trains on a table until it is done or killed; each round is a line on standard output.
///
///     TrainingProbe MODEL DATA TARGET OUTPUT ROUNDS
///
/// A snapshot is written after every second round, and a snapshot that is there is gone on from.
@main
enum TrainingProbe {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(TernError) {
      guard arguments.count == 5 else {
        throw TernError(.usage, "TrainingProbe MODEL DATA TARGET OUTPUT ROUNDS")
      }
      let method: TableTraining.Method =
        switch try ModelFamily(named: arguments[0]) {
        case .boosting(let family):
          .boosting(family, parameters: parameters(of: family, rounds: arguments[4]))
        case .network(let family): .network(configuration(of: family, epochs: Int(arguments[4]) ?? 0))
        }
      var request = TableTraining.Request(
        method: method, data: arguments[1], target: arguments[2], task: .binary, output: arguments[3])
      request.valid = arguments[1]
      request.snapshotEvery = 2
      request.resumes = true
      request.seed = 11
      let summary = try TableTraining(request).run(progress: LinePerRound())
      say("\(summary.artifactDigest)", on: 1)
    } catch {
      say("\(error)", on: 2)
      exit(error.kind.rawValue)
    }
  }

  /// Sampling of every kind, so that each has to go on where it was.
  private static func parameters(of family: BoostingFamily, rounds: String) -> [String: String] {
    if family.style == nil {
      return [
        "iterations": rounds, "learning_rate": "0.1", "subsample": "0.7", "rsm": "0.8", "depth": "4",
        "early_stopping_rounds": "1000", "eval_metric": "auc", "max_ctr_complexity": "2",
        "boosting_type": "Ordered",
      ]
    }
    return [
      "num_boost_round": rounds, "subsample": "0.7", "bagging_freq": "3", "colsample_bytree": "0.8",
      "colsample_bynode": "0.8", "early_stopping_rounds": "1000", "metric": "auc,logloss",
    ]
  }

  /// Small networks with everything that has a state of its own.
  private static func configuration(
    of family: NetworkFamily, epochs: Int
  ) -> NetworkTrainingConfiguration {
    var configuration = NetworkTrainingConfiguration(family)
    switch family {
    case .tabnet:
      configuration.pretraining = FitConfiguration()
      configuration.pretraining?.maxEpochs = epochs / 2
    case .ftTransformer:
      var shape = FTTransformerConfiguration()
      shape.blocks = 1
      shape.blockWidth = 16
      shape.attentionHeads = 2
      configuration.architecture = .ftTransformer(shape)
    }
    configuration.fit.maxEpochs = epochs
    configuration.fit.patience = 0
    configuration.fit.emaDecay = 0.9
    configuration.fit.schedule = LearningRateSchedule(.plateau)
    return configuration
  }

  fileprivate static func say(_ line: String, on descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}

/// Prints the number of each round.
private struct LinePerRound: ProgressReporting {
  func update(phase: String, completed: Int, total: Int, remark: String) {
    TrainingProbe.say("\(completed)", on: 1)
  }
}
