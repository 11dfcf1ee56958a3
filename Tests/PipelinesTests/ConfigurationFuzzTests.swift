import Datasets
import Feeds
import Diagnostics
import Files
import Pipelines
import Settings
import Testing

/// Bytes of the configuration files that come with the programs, altered at random: every outcome is a value or a
/// located error of kind `configuration`, never a trap.
@Suite struct ConfigurationFuzzTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    // SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  private static let root = #filePath.before("/Tests/")

  private static let fragments: [[UInt8]] = [
    "\n", "  ", "- ", ": ", "[", "]", "{", "}", "\"", "'", "#", "|", ">", "&a ", "*a", "!!str ", "!x ", "? ",
    "---\n",
    "...\n", "%YAML 1.1\n", "null", "~", "-1", "1e999", "99999999999999999999", ".nan", ".inf", "\t",
    "\u{feff}",
    "<<: ", "seed: 1\n", "\\x", "[[[[[[[[", "é",
  ].map { Array($0.utf8) }

  private func mutate(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.removeSubrange(place..<end)
      case 3:
        bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      case 4: bytes.removeSubrange(place...)
      default:
        bytes.insert(
          contentsOf: ConfigurationFuzzTests.fragments.randomElement(using: &generator) ?? [], at: place)
      }
    }
    return bytes
  }

  /// The lines of a comment say nothing, and mutations there would test nothing.
  private func withoutComments(_ path: String) throws -> [UInt8] {
    let text = String(decoding: try AtomicFile.read(ConfigurationFuzzTests.root + path), as: UTF8.self)
    let lines = text.split(separator: "\n").filter { !$0.drop(while: { $0 == " " }).hasPrefix("#") }
    return Array(lines.joined(separator: "\n").utf8)
  }

  @Test func mutatedFilesGiveAValueOrAnError() throws {
    let pipeline = try withoutComments("pipelines/phase1.yaml")
    let market = try withoutComments("datasets/synthetic.yaml")
    let model = try withoutComments("models/lightgbm.yaml")
    var generator = Generator(state: 20_260_101)
    var accepted = 0
    var refused = 0
    func attempt(_ bytes: [UInt8], _ read: (SettingsDocument) throws(TernError) -> Void) {
      do throws(TernError) {
        try read(try SettingsDocument(bytes: bytes, file: "x.yaml"))
        accepted += 1
      } catch {
        refused += 1
        #expect(error.kind == .configuration)
        #expect(error.file == "x.yaml")
      }
    }
    for _ in 0..<25_000 {
      attempt(mutate(pipeline, &generator)) { document throws(TernError) in
        _ = try document.decode(PipelineConfiguration.self)
      }
      attempt(mutate(market, &generator)) { document throws(TernError) in
        _ = try document.decode(SyntheticMarket.Configuration.self)
      }
      for _ in 0..<2 {
        attempt(mutate(model, &generator)) { document throws(TernError) in _ = try document.scalars() }
      }
    }
    #expect(accepted + refused == 100_000)
    // Both outcomes are common, or the mutations would prove little.
    #expect(accepted > 10_000 && refused > 10_000)
  }
}

extension String {
  /// The part before the last occurrence of a folder's name, with a slash at its end.
  fileprivate func before(_ marker: String) -> String {
    guard let range = ranges(of: marker).last else { return "" }
    return String(self[..<range.lowerBound]) + "/"
  }
}
