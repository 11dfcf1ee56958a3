import Diagnostics
import Foundation
import HDF5
import TestSupport
import Testing

private func golden(_ name: String, file: String = #filePath) -> String {
  URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden/\(name)").path
}

private func failure(_ body: () throws -> some Any) -> TernError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TernError
  }
}

@Suite struct HDF5RobustnessTests {
  @Test func aFileOfH5pyIsRead() throws {
    let file = try HDF5File.open(golden("h5py.h5"))
    #expect(try file.names() == ["bytes", "count", "half", "market", "nodes", "words"])
    let close = try file.read("market/close", as: Float.self)
    #expect(close.shape == [1, 2] && close.values == [1.5, -2.25])
    #expect(try file.read("/market/volume").values == (0..<1000).map { Double($0) / 3 })
    #expect(try file.read("/market/volume", rows: 60..<70).values == (60..<70).map { Double($0) / 3 })
    #expect(try file.read("/count", as: Int64.self) == ([], [-5]))
    #expect(try file.read("/nodes", as: Int32.self).values == [0, 1, 2, 3])
    #expect(try file.read("/bytes", as: UInt8.self).values == [0, 1, 2, 3])
    #expect(try file.stringAttribute("text") == "µ ≥ 65 %")
    #expect(try file.stringAttribute("fixed") == "fixed length")
    #expect(try file.integerAttribute("integer") == 7)
    #expect(try file.doubleAttribute("double") == 0.1)
  }

  @Test func everyMistakeNamesTheFileAndTheObject() throws {
    let path = golden("h5py.h5")
    let file = try HDF5File.open(path)
    func check(_ object: String, found: String? = nil, _ body: () throws -> some Any) {
      let error = failure(body)
      #expect(
        error?.kind == .data && error?.file == path && error?.key == object, "\(String(describing: error))")
      if let found { #expect(error?.found == found) }
    }
    check("/absent") { try file.read("/absent", as: Float.self) }
    check("/absent/deeper") { try file.read("/absent/deeper", as: Float.self) }
    check("/market") { try file.read("/market", as: Float.self) }
    check("/nodes", found: "int32") { try file.read("/nodes", as: Float.self) }
    check("/words", found: "a type that is not read here") { try file.read("/words", as: UInt8.self) }
    check("/half", found: "a type that is not read here") { try file.read("/half", as: Float.self) }
    check("/nodes", found: "3..<5") { try file.read("/nodes", rows: 3..<5, as: Int32.self) }
    check("/nodes") { try file.names(in: "/nodes") }
    check("/@absent") { try file.stringAttribute("absent") }
    check("/@integer") { try file.stringAttribute("integer") }
    check("/@text") { try file.integerAttribute("text") }
    check("/@list") { try file.integerAttribute("list") }
    check("/no\0des") { try file.read("/no\0des", as: Int32.self) }
    #expect(failure { try HDF5File.open("/nonexistent.h5") }?.file == "/nonexistent.h5")
    #expect(failure { try HDF5File.open(#filePath) }?.kind == .data)
    #expect(failure { try HDF5File.open(image: [], named: "x") }?.kind == .data)
    #expect(failure { try HDF5File.open(image: Array("no HDF5".utf8), named: "x") }?.file == "x")
    try file.close()
    try file.close()
    #expect(failure { try file.names() }?.kind == .internalFailure)
  }

  @Test func nothingIsOverwrittenInSilence() throws {
    let scratch = try Scratch()
    let file = try HDF5File.create(scratch.path + "/a.h5")
    try file.write([Float(1)], to: "/a/b")
    #expect(failure { try file.write([Float(2)], to: "/a/b") }?.key == "/a/b")
    #expect(failure { try file.write([Float(2)], to: "/a/b/c") }?.key == "/a/b")
    #expect(failure { try file.createGroup("/a/b") }?.key == "/a/b")
    #expect(try file.read("/a/b", as: Float.self).values == [1])
    try file.setAttribute("version", to: Int64(1))
    try file.setAttribute("version", to: "two")
    #expect(try file.stringAttribute("version") == "two")
    let long = String(repeating: "µ", count: 1_000_000)
    try file.setAttribute("long", of: "/a", to: long)
    #expect(try file.stringAttribute("long", of: "/a") == long)
  }

  @Test func truncatedAndMutatedFilesNeverCrash() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.h5"
    let file = try HDF5File.create(path)
    try writeSample(file)
    try file.close()
    let original = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    var random = SystemlessRandom(state: 7)
    var refused = 0
    func attempt(_ bytes: [UInt8]) {
      do throws(TernError) {
        let file = try HDF5File.open(image: bytes, named: "mutated")
        for object in [
          "/market/BTCUSDT/close", "/market/price", "/cube", "/bytes", "/none", "/no rows", "/scalar",
        ] {
          switch try file.elementType(of: object) {
          case .float32: _ = try file.read(object, as: Float.self)
          case .float64: _ = try file.read(object, as: Double.self)
          case .int32: _ = try file.read(object, as: Int32.self)
          case .int64: _ = try file.read(object, as: Int64.self)
          case .uint8: _ = try file.read(object, as: UInt8.self)
          case nil: break
          }
        }
        _ = try file.names(in: "/market")
        _ = try file.stringAttribute("symbol", of: "/market")
      } catch {
        refused += 1
        #expect(error.file == "mutated" && error.kind != .temporary, "\(error)")
      }
    }
    for size in stride(from: 0, to: original.count, by: 61) { attempt(Array(original.prefix(size))) }
    #expect(refused == (original.count + 60) / 61)
    refused = 0
    for _ in 0..<3000 {
      var bytes = original
      for _ in 0..<1 + random.next() % 4 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      attempt(bytes)
    }
    // Only what falls into the unused rest of the 512 bytes before the format itself changes nothing.
    #expect(refused > 2800, "\(refused)")
  }

  @Test func unsealedFilesAreCheckedByTheirOwnSizes() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.h5"
    let file = try HDF5File.create(path, sealed: false)
    try writeSample(file)
    try file.close()
    try checkSample(HDF5File.open(path))
    let original = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    for size in stride(from: 0, to: original.count, by: 61) {
      #expect(
        failure { try HDF5File.open(image: Array(original.prefix(size)), named: "short") }?.kind == .data)
    }
    // Bytes of plain data, which nothing else protects.
    let sealed = scratch.path + "/sealed.h5"
    let second = try HDF5File.create(sealed)
    try second.write([Float](repeating: 1.25, count: 1000), to: "/a")
    try second.close()
    try checkSealBreaks(sealed)
  }

  private func checkSealBreaks(_ path: String) throws {
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(try HDF5File.open(path).read("/a", as: Float.self).values.count == 1000)
    bytes[bytes.count - 100] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = failure { try HDF5File.open(path) }
    #expect(error?.kind == .data && error?.file == path && error?.message.contains("altered") == true)
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "skipped: a small disk cannot be mounted here"))
  func aFullDiskIsTemporary() throws {
    let disk = try #require(TinyDisk())
    defer { disk.unmount() }
    for storage in [HDF5Storage.contiguous, HDF5Storage(chunkRows: 1000)] {
      let path = disk.path + "/full.h5"
      let error = failure {
        let file = try HDF5File.create(path)
        try file.write([Double](repeating: 1, count: 300_000), to: "/large", storage: storage)
        try file.close()
      }
      #expect(error?.kind == .temporary && error?.file == path, "\(String(describing: error))")
      unlink(path)
    }
    let file = try HDF5File.create(disk.path + "/after.h5")
    try file.write([1.0], to: "/small")
    try file.close()
    #expect(try HDF5File.open(disk.path + "/after.h5").read("/small").values == [1.0])
  }

  @Test func concurrentUseIsSafe() async throws {
    let scratch = try Scratch()
    let folder = scratch.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let path = folder + "/\(task).h5"
          for round in 0..<20 {
            let file = try HDF5File.create(path)
            try file.write([Int64(task), Int64(round)], to: "/value", storage: .compressed)
            try file.close()
            #expect(try HDF5File.open(path).read("/value").values == [Int64(task), Int64(round)])
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// SplitMix64, for reproducible mutations.
private struct SystemlessRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
