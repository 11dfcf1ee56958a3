import Diagnostics
import Foundation
import HDF5
import Testing

/// A directory of its own for each test.
struct Scratch: ~Copyable {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "tern-hdf5-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func writeSample(_ file: HDF5File) throws {
  try file.createGroup("/market/BTCUSDT")
  try file.write(
    [Float](arrayLiteral: 1.5, -0.0, .infinity, .nan), shape: [2, 2], to: "/market/BTCUSDT/close")
  try file.write((0..<100_000).map { Double($0) / 3 }, to: "/market/price", storage: .compressed)
  try file.write((0..<60).map(Int32.init), shape: [3, 4, 5], to: "/cube", storage: HDF5Storage(chunkRows: 2))
  try file.write([Int64.min, Int64.max], to: "/deep/er/still/time")
  try file.write([UInt8](0...255), to: "/bytes")
  try file.write([Float](), to: "/none")
  try file.write([Int64](), shape: [0, 7], to: "/no rows", storage: .compressed)
  try file.write([Double.pi], shape: [], to: "/scalar")
  try file.setAttribute("symbol", of: "/market", to: "BTCUSDT-μ ≥ 65 %")
  try file.setAttribute("empty", to: "")
  try file.setAttribute("interval", of: "/market/price", to: Int64(60_000))
  try file.setAttribute("tick", of: "/market/price", to: 0.1)
}

func checkSample(_ file: HDF5File) throws {
  let close = try file.read("/market/BTCUSDT/close", as: Float.self)
  #expect(close.shape == [2, 2])
  #expect(
    close.values.map(\.bitPattern) == ([1.5, -0.0, .infinity, .nan] as [Float]).map(\.bitPattern))
  #expect(try file.read("/market/price").values == (0..<100_000).map { Double($0) / 3 })
  let cube = try file.read("/cube", as: Int32.self)
  #expect(cube.shape == [3, 4, 5] && cube.values == (0..<60).map(Int32.init))
  let rows = try file.read("/cube", rows: 1..<2, as: Int32.self)
  #expect(rows.shape == [1, 4, 5] && rows.values == (20..<40).map(Int32.init))
  #expect(try file.read("/cube", rows: 3..<3, as: Int32.self).shape == [0, 4, 5])
  #expect(try file.read("/deep/er/still/time").values == [Int64.min, Int64.max])
  #expect(try file.read("/bytes").values == [UInt8](0...255))
  #expect(try file.read("/none", as: Float.self).values.isEmpty)
  #expect(try file.shape(of: "/no rows") == [0, 7])
  #expect(try file.read("/scalar", as: Double.self) == ([], [Double.pi]))
  #expect(try file.stringAttribute("symbol", of: "/market") == "BTCUSDT-μ ≥ 65 %")
  #expect(try file.stringAttribute("empty").isEmpty)
  #expect(try file.integerAttribute("interval", of: "/market/price") == 60_000)
  #expect(try file.doubleAttribute("tick", of: "/market/price") == 0.1)
  #expect(try file.names() == ["bytes", "cube", "deep", "market", "no rows", "none", "scalar"])
  #expect(try file.names(in: "/market") == ["BTCUSDT", "price"])
  #expect(try file.exists("/deep/er") && !file.exists("/deep/err/x") && !file.exists("/bytes/x"))
  #expect(try file.kind(of: "/deep") == .group && file.kind(of: "/bytes") == .dataset)
  #expect(try file.elementType(of: "/cube") == .int32)
  #expect(try !file.hasAttribute("absent") && file.hasAttribute("empty"))
}

@Suite struct HDF5FileTests {
  @Test func everythingComesBackAsWritten() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.h5"
    let file = try HDF5File.create(path)
    try writeSample(file)
    try file.close()
    try checkSample(HDF5File.open(path))
    try checkSample(
      HDF5File.open(image: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))), named: "image"))
  }

  @Test func equalContentGivesEqualBytes() throws {
    let scratch = try Scratch()
    var images: [Data] = []
    for name in ["first.h5", "a much longer second name.h5"] {
      let file = try HDF5File.create(scratch.path + "/" + name)
      try writeSample(file)
      try file.close()
      images.append(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name)))
      // A stored time stamp has a resolution of one second.
      Thread.sleep(forTimeInterval: 1.1)
    }
    #expect(images[0] == images[1])
  }

  /// Parts in any order leave the bytes that one write leaves, contiguous or in chunks.
  @Test(arguments: [HDF5Storage.contiguous, HDF5Storage(chunkRows: 3)])
  func partsAddUpToTheDataset(storage: HDF5Storage) throws {
    let scratch = try Scratch()
    let (rows, columns) = (7, 1_000)
    let values = (0..<rows * columns).map { Float($0) }
    let whole = try HDF5File.create(scratch.path + "/whole.h5")
    try whole.write(values, shape: [rows, columns], to: "/group/values", storage: storage)
    try whole.write([Int64](arrayLiteral: 5), to: "/after")
    try whole.close()
    let parts = try HDF5File.create(scratch.path + "/parts.h5")
    try parts.create("/group/values", of: Float.self, shape: [rows, columns], storage: storage)
    for start in [0, 300, 600, 900] {
      let width = min(300, columns - start)
      let part = (0..<rows).flatMap { row in (0..<width).map { values[row * columns + start + $0] } }
      try part.withUnsafeBufferPointer { part in
        try parts.write(part, extent: [rows, width], at: [0, start], of: "/group/values")
      }
    }
    try parts.write([Int64](arrayLiteral: 5), to: "/after")
    try parts.close()
    #expect(
      try HDF5File.open(scratch.path + "/parts.h5").read("/group/values", as: Float.self).values == values)
    let images = try ["whole", "parts"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\($0).h5"))
    }
    #expect(images[0] == images[1])
  }

  @Test func partsOutsideTheDatasetAreRefused() throws {
    let scratch = try Scratch()
    let file = try HDF5File.create(scratch.path + "/a.h5")
    try file.create("/values", of: Float.self, shape: [4, 5])
    let bad: [(extent: [Int], offset: [Int])] = [
      ([2, 3], [3, 0]), ([2, 3], [0, 3]), ([6], [0]), ([2, 3], [-1, 0]),
    ]
    let numbers: (UnsafeBufferPointer<Float>) throws -> Void = { part in
      for (extent, offset) in bad {
        #expect(throws: TernError.self) { try file.write(part, extent: extent, at: offset, of: "/values") }
      }
      try file.write(part, extent: [2, 3], at: [2, 2], of: "/values")
    }
    try [Float](repeating: 1, count: 6).withUnsafeBufferPointer(numbers)
    let others: (UnsafeBufferPointer<Double>) -> Void = { part in
      let error = #expect(throws: TernError.self) {
        try file.write(part, extent: [2, 3], at: [0, 0], of: "/values")
      }
      #expect(error?.expected == "float64")
    }
    [Double](repeating: 2, count: 6).withUnsafeBufferPointer(others)
    try file.close()
    let expected: [Float] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1]
    #expect(try HDF5File.open(scratch.path + "/a.h5").read("/values", as: Float.self).values == expected)
  }
}
