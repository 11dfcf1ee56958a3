import Foundation

/// What a run of a program gave.
public struct ProgramResult: Sendable {
  /// Exit status.
  public var status: Int32
  /// Standard output.
  public var output: String
  /// Standard error.
  public var error: String
}

/// The programs of the same build as the tests, and scripts of the repository.
public enum Programs {
  /// The folder of the programs.
  public static let folder: URL = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("tern-serve").path) {
      guard folder.path != "/" else { return folder }
      folder.deleteLastPathComponent()
    }
    return folder
  }()

  /// The repository.
  public static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL

  /// A program of the build.
  public static func program(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// Runs a program to its end.
  public static func run(_ program: URL, _ arguments: [String]) throws -> ProgramResult {
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

  /// Runs `tern` to its end.
  public static func tern(_ arguments: [String]) throws -> ProgramResult {
    try run(program("tern"), arguments)
  }

  /// Runs `tern-serve` to its end.
  public static func serve(_ arguments: String...) throws -> ProgramResult {
    try run(program("tern-serve"), arguments)
  }
}
