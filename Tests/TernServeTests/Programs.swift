import Foundation

/// What a run of a program gave.
struct ProgramResult {
  var status: Int32
  var output: String
  var error: String
}

/// The programs of the same build as these tests, and scripts of the repository.
enum Programs {
  /// The folder of the programs.
  static let folder: URL = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("tern-serve").path) {
      guard folder.path != "/" else { return folder }
      folder.deleteLastPathComponent()
    }
    return folder
  }()

  /// The repository.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The slim program.
  static let serve = folder.appendingPathComponent("tern-serve")

  /// Runs a program to its end.
  static func run(_ program: URL, _ arguments: [String]) throws -> ProgramResult {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return ProgramResult(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: complaint, as: UTF8.self))
  }

  /// Runs `tern-serve` to its end.
  static func serve(_ arguments: String...) throws -> ProgramResult { try run(serve, arguments) }
}
