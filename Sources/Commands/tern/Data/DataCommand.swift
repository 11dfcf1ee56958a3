import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Import, inspect, repair and synthesize market data.",
    subcommands: [
      DataImportCommand.self, DataInspectCommand.self, DataRepairCommand.self, DataSynthesizeCommand.self,
    ])
}
