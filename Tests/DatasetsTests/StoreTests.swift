import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Datasets
@testable import Feeds

@Suite struct StoreTests {
  private let provenance = CandleStore.Provenance(origin: "import", settings: ["note": "test"])

  @Test func holdsAWholeMarket() throws {
    let folder = try Folder()
    let data = try Sample.market()
    let path = folder.path + "/market.h5"
    let written = try CandleStore.write(data, to: path, provenance: provenance)
    let (read, manifest) = try CandleStore.read(path)
    #expect(read == data && manifest == written)
    #expect(try CandleStore.manifest(of: path) == written)
    #expect(try CandleStore.describe(data, provenance: provenance) == written)
    #expect(
      read.funding?.time.count == 3 && read.quotes?.time.count == 1440 && read.markPrice?.time.count == 1440)
    let again = folder.path + "/again.h5"
    try CandleStore.write(data, to: again, provenance: provenance)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contentsOf: URL(fileURLWithPath: again)))
    #expect(folder.names == ["again.h5", "market.h5"])
  }

  @Test func identityIgnoresProvenanceButNotData() throws {
    var data = try Sample.market()
    let first = try CandleStore.describe(data, provenance: provenance).digest
    #expect(try CandleStore.describe(data, provenance: .init(origin: "fetch")).digest == first)
    data.candles.close[7] =
      data.candles.open[7] == data.candles.close[7] ? data.candles.high[7] : data.candles.open[7]
    #expect(try CandleStore.describe(data, provenance: provenance).digest != first)
  }

  @Test func aRefusedMarketLeavesNothingAndKeepsWhatWasThere() throws {
    let folder = try Folder()
    let good = try Sample.market()
    func refuse(_ change: (inout MarketData) -> Void) throws {
      var bad = good
      change(&bad)
      let error = #expect(throws: TernError.self) {
        try CandleStore.write(bad, to: folder.path + "/bad.h5", provenance: provenance)
      }
      #expect(error?.kind == .data && folder.names.isEmpty, "\(folder.names)")
    }
    try refuse { $0.candles.high[3] = $0.candles.low[3] - 1 }
    try refuse { $0.candles.close[3] = .nan }
    try refuse { $0.candles.openTime[3] = $0.candles.openTime[2] }
    try refuse { $0.candles.openTime[3] += 1 }
    try refuse { $0.candles.volume[3] = -1 }
    try refuse { $0.candles.volume.removeLast() }
    try refuse { $0.candles = CandleSeries(symbol: "X", interval: .minute) }
    try refuse { $0.funding?.rate[0] = 2 }
    try refuse { $0.markPrice?.price[0] = 0 }
    try refuse { $0.quotes?.bidPrice[0] = 1e9 }
    let path = folder.path + "/kept.h5"
    try CandleStore.write(good, to: path, provenance: provenance)
    var bad = good
    bad.candles.volume[0] = -1
    #expect(throws: TernError.self) { try CandleStore.write(bad, to: path, provenance: provenance) }
    #expect(try CandleStore.read(path).data == good && folder.names == ["kept.h5"])
  }

  @Test func flippedBytesAndTruncationsAreNoticed() throws {
    let folder = try Folder()
    var recipe = SyntheticMarket.Configuration()
    recipe.days = 1
    recipe.interval = try Interval("30m")
    let data = try SyntheticMarket.generate(recipe)
    let path = folder.path + "/market.h5"
    try CandleStore.write(data, to: path, provenance: provenance)
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    // A step prime to the file's structure visits every kind of region.
    for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 997)) {
      var changed = bytes
      changed[index] ^= 0x10
      let place = try folder.write(changed, "changed.h5")
      do throws(TernError) {
        let read = try CandleStore.read(place)
        #expect(read.data == data, "byte \(index) changed the data unnoticed")
      } catch { #expect(error.kind == .data && error.file == place, "byte \(index): \(error)") }
    }
    for count in [0, 1, 100, bytes.count / 2, bytes.count - 1] {
      let error = #expect(throws: TernError.self) {
        try CandleStore.read(try folder.write(bytes.prefix(count), "cut.h5"))
      }
      #expect(error?.kind == .data)
    }
  }

  private static let python: String? = {
    let program = ProcessInfo.processInfo.environment["TERN_PYTHON"] ?? "python3"
    return run(program, ["-c", "import h5py, numpy"]) == nil ? nil : program
  }()

  private static func run(_ program: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? output : nil
  }

  @Test(.enabled(if: StoreTests.python != nil, "skipped: no Python with h5py"))
  func h5pyReadsTheSameValues() throws {
    let folder = try Folder()
    let data = try Sample.market()
    let path = folder.path + "/market.h5"
    let manifest = try CandleStore.write(data, to: path, provenance: provenance)
    let script = """
      import h5py, hashlib, json, sys
      f = h5py.File(sys.argv[1])
      m = json.loads(f.attrs['manifest'])
      assert hashlib.sha256(f.attrs['manifest'].encode()).hexdigest() in f.attrs['manifest_digest']
      for c in m['columns']:
          d = f[c['path']][:]
          assert d.shape == (c['rows'],)
          print(c['path'], hashlib.sha256(d.tobytes()).hexdigest())
      """
    let program = try #require(StoreTests.python)
    let output = try #require(StoreTests.run(program, ["-c", script, path]))
    let expected = manifest.columns.map {
      "\($0.path) \($0.digest)".replacingOccurrences(of: "sha256:", with: "")
    }
    #expect(output.split(separator: "\n").map(String.init) == expected && expected.count == 17)
  }
}
