import Foundation

/// What a run of a program gave.
struct Result {
  var status: Int32
  var output: String
  var error: String
}

/// The folder of the programs of the same build as these tests.
private let programs: URL = {
  var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  while !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("tern").path) {
    guard folder.path != "/" else { return folder }
    folder.deleteLastPathComponent()
  }
  return folder
}()

/// Runs a program of this build.
func run(_ program: String, _ arguments: [String]) throws -> Result {
  let process = Process()
  process.executableURL = programs.appendingPathComponent(program)
  process.arguments = arguments
  let (output, error) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = error
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = error.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return Result(
    status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
    error: String(decoding: complaint, as: UTF8.self))
}
