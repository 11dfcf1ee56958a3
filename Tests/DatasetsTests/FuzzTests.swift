import Compression
import Compute
import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Datasets
@testable import Feeds

/// Small random damage must give an error or a valid series, never a trap.
@Suite struct FuzzTests {
  private static let alphabet = Array("0123456789.,-+eE\"\n\r;:\tnaif \u{0}ÿ".utf8)

  private func mutate(_ bytes: [UInt8], _ random: inout Philox) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.integer(below: 3) {
      guard !bytes.isEmpty else { break }
      let place = random.integer(below: bytes.count)
      switch random.integer(below: 5) {
      case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
      case 1: bytes[place] = FuzzTests.alphabet[random.integer(below: FuzzTests.alphabet.count)]
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(FuzzTests.alphabet[random.integer(below: FuzzTests.alphabet.count)], at: place)
      default:
        let end = min(bytes.count, place + random.integer(below: 20))
        random.integer(below: 2) == 0
          ? bytes.removeSubrange(place..<end) : bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }

  @Test(arguments: ["csv", "csv.gz", "zip"])
  func mutationsGiveErrorsOrValidSeries(suffix: String) throws {
    let folder = try Folder()
    let text = Array(Sample.text().utf8)
    let original = suffix == "csv" ? text : suffix == "zip" ? Sample.zip(text) : try Gzip.compress(text)
    var random = Philox(seed: 5, stream: UInt64(suffix.utf8.count))
    var (accepted, refused) = (0, 0)
    for _ in 0..<7000 {
      let path = try folder.write(mutate(original, &random), "fuzz.\(suffix)")
      do throws(TernError) {
        let series = try Sample.minute.candles(from: [path]).series
        try StoreRules.check(MarketData(candles: series))
        accepted += 1
      } catch {
        #expect(error.kind == .data && error.file?.hasPrefix(path) == true, "\(error)")
        refused += 1
      }
      do throws(TernError) {
        let raw = try Sample.minute.rawCandles(from: [path]).raw
        #expect(CandleInspection.inspect(raw).rows == raw.series.count)
        let series = try CandleRepair.repair(raw).series
        try StoreRules.check(MarketData(candles: series))
      } catch { #expect(error.kind == .data, "\(error)") }
    }
    #expect(accepted > 10 && refused > 1000, "both outcomes occur: \(accepted) and \(refused)")
  }
}
