import ArgumentParser
import CommandFrame
import Diagnostics

/// The training toolchain: data, features, labels, training, evaluation, registry.
@main
struct Tern: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern",
    abstract: "Trains, evaluates and registers layered decision models for crypto futures.",
    version: TernVersion.text,
    subcommands: [
      DataCommand.self, FeaturesCommand.self, LabelCommand.self, TrainCommand.self, PredictCommand.self,
      EvaluateCommand.self, ExplainCommand.self, ImportCommand.self, ExportCommand.self, BacktestCommand.self,
      RunCommand.self, RegistryCommand.self, ReportCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    CommandRunner.run(Tern.self, arguments: Array(CommandLine.arguments.dropFirst()))
  }
}
