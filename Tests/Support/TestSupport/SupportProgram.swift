import Foundation

/// A running helper program of the tests, built beside them; each line of its output acknowledges something.
public struct SupportProgram {
  private let process = Process()
  private let output = Pipe()

  /// Starts the program.
  public init(_ name: String, _ arguments: [String]) throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
      .appendingPathComponent(name)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Ends the program at once, as a crash would.
  public func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  /// Waits, at most ten seconds, until something was acknowledged: the program has started and works.
  public func awaitFirstLine() {
    var request = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&request, 1, 10_000)
  }

  /// Waits for the end: the acknowledged lines, complete ones only, and the exit status.
  public func wait() -> (lines: [String], status: Int32) {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    return (lines, process.terminationStatus)
  }
}
