import Compute
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// A training killed again and again ends with the bytes of one that was never killed.
@Suite struct TrainingCrashTests {
  private func table(in folder: String) throws -> String {
    var random = Philox(seed: 2)
    var text = "a,b,c,d,y\n"
    for _ in 0..<2000 {
      let (a, b, c) = (random.normal(), random.normal(), random.normal())
      text +=
        "\(a),\(random.uniform() < 0.1 ? "" : "\(b)"),\(c),c\(random.integer(below: 9)),"
        + "\(a * b + 0.5 * c + random.normal() > 0 ? 1 : 0)\n"
    }
    let path = folder + "/table.csv"
    try AtomicFile.write(Array(text.utf8), to: path)
    return path
  }

  private func run(_ arguments: [String]) throws -> SupportProgram {
    try SupportProgram("TrainingProbe", arguments)
  }

  @Test(arguments: ["xgboost", "lightgbm", "catboost"])
  func killedTrainingsEndTheSame(model: String) throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let rounds = 120
    let whole = try run([model, data, "y", scratch.path + "/whole", "\(rounds)"]).wait()
    #expect(whole.status == 0 && whole.lines.count == rounds + 1)
    var generator = SplitMix(state: 5)
    let output = scratch.path + "/killed"
    var kills = 0
    var started: [Int] = []
    while true {
      let program = try run([model, data, "y", output, "\(rounds)"])
      program.awaitFirstLine()
      if kills < 6 {
        usleep(UInt32.random(in: 1000...60_000, using: &generator))
        program.kill()
      }
      let (lines, status) = program.wait()
      started.append(lines.first.flatMap { Int($0) } ?? -1)
      if status == 0 {
        #expect(lines.last == whole.lines.last)
        break
      }
      kills += 1
      try #require(kills < 20)
    }
    // Later starts begin where the last snapshot was, and snapshots lie two rounds apart.
    #expect(started[0] == 1 && started.allSatisfy { $0 % 2 == 1 || $0 == -1 })
    #expect(zip(started, started.dropFirst()).allSatisfy { $0 <= $1 || $1 == -1 })
    for file in ["model.safetensors", "checkpoint.h5"] {
      let a = try AtomicFile.read(scratch.path + "/whole/" + file)
      let b = try AtomicFile.read(output + "/" + file)
      #expect(a == b, "\(file)")
    }
    #expect(!AtomicFile.exists(output + "/snapshot.h5"))
  }

  @Test(arguments: ["tabnet", "ft-transformer"])
  func killedNetworksEndTheSame(model: String) throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let whole = try run([model, data, "y", scratch.path + "/whole", "16"]).wait()
    try #require(whole.status == 0)
    var generator = SplitMix(state: 6)
    let output = scratch.path + "/killed"
    let snapshot = output + "/snapshot.h5"
    for kill in 0..<7 {
      let program = try run([model, data, "y", output, "16"])
      program.awaitFirstLine()
      if kill < 6 {
        // The first one that is killed has left a snapshot, so that all later ones go on from one.
        func isUnderWay() -> Bool { [snapshot, output + "/last.h5"].contains { AtomicFile.exists($0) } }
        for _ in 0..<20_000 where !isUnderWay() { usleep(1000) }
        try #require(isUnderWay())
        usleep(UInt32.random(in: 0...20_000, using: &generator))
        program.kill()
      }
      let (lines, status) = program.wait()
      if status == 0 {
        #expect(lines.last == whole.lines.last)
        break
      }
      #expect(kill < 6)
    }
    for file in ["model.safetensors", "checkpoint.h5", "last.h5"] {
      let a = try AtomicFile.read(scratch.path + "/whole/" + file)
      let b = try AtomicFile.read(output + "/" + file)
      #expect(a == b, "\(file)")
    }
    #expect(!AtomicFile.exists(output + "/snapshot.h5"))
  }
}
