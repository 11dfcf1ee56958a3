import Foundation
@testable import Monitoring
import Testing

/// Reads the text format strictly: every line is HELP, TYPE or a sample of the family just declared.
private struct Exposition {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: Double
  }
  struct Malformed: Error { var line: String }

  var types: [String: String] = [:]
  var help: [String: String] = [:]
  var samples: [Sample] = []

  init(_ bytes: [UInt8]) throws {
    let text = try #require(String(validating: bytes, as: UTF8.self))
    #expect(text.hasSuffix("\n"))
    var family = ""
    for line in text.split(separator: "\n").map(String.init) {
      let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      if words[0] == "#" {
        guard words.count >= 3 else { throw Malformed(line: line) }
        switch words[1] {
        case "HELP":
          guard help[words[2]] == nil else { throw Malformed(line: line) }
          family = words[2]
          help[family] = words.count > 3 ? words[3] : ""
        case "TYPE":
          guard words.count == 4, words[2] == family, types[family] == nil else {
            throw Malformed(line: line)
          }
          types[family] = words[3]
        default: throw Malformed(line: line)
        }
      } else {
        let sample = try Exposition.sample(line)
        let suffixes = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { sample.name == family + $0 }) else { throw Malformed(line: line) }
        samples.append(sample)
      }
    }
  }

  private static func sample(_ line: String) throws -> Sample {
    var rest = line[...]
    let name = String(rest.prefix { $0 != "{" && $0 != " " })
    rest = rest.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      while rest.first != "}" {
        let key = String(rest.prefix { $0 != "=" })
        rest = rest.dropFirst(key.count)
        guard rest.hasPrefix("=\""), labels[key] == nil else { throw Malformed(line: line) }
        rest = rest.dropFirst(2)
        var value = ""
        while let character = rest.first, character != "\"" {
          rest.removeFirst()
          guard character == "\\" else {
            value.append(character)
            continue
          }
          switch rest.popFirst() {
          case "n": value.append("\n")
          case "\\": value.append("\\")
          case "\"": value.append("\"")
          default: throw Malformed(line: line)
          }
        }
        guard rest.popFirst() == "\"" else { throw Malformed(line: line) }
        labels[key] = value
        if rest.first == "," { rest.removeFirst() }
      }
      rest.removeFirst()
    }
    guard rest.popFirst() == " ", let value = number(String(rest)) else { throw Malformed(line: line) }
    return Sample(name: name, labels: labels, value: value)
  }

  private static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: text.first?.isLetter ?? true ? nil : Double(text)
    }
  }
}

@Suite struct ExpositionTests {
  /// The registry whose exposition stands in `Golden/exposition.txt`; `Golden/read_exposition.py` made
  /// `Golden/exposition.json` of it with prometheus_client 0.26.0.
  private func registry() -> MetricsRegistry {
    let registry = MetricsRegistry()
    registry.counter("tern_bars_total", help: "Bars decided.", labels: [MetricLabel("symbol", "BTCUSDT")])
      .increment(by: 41)
    registry.counter(
      "tern_bars_total", help: "Bars decided.", labels: [MetricLabel("symbol", "a\"b\\c\nd é")]
    )
    .increment()
    registry.gauge("tern_equity", help: "Equity, with a \\ and a\nline feed.").set(10_123.25)
    registry.gauge("tern_limit", help: "Infinite.", labels: [MetricLabel("kind", "upper")]).set(.infinity)
    registry.gauge("tern_limit", help: "Infinite.", labels: [MetricLabel("kind", "lower")]).set(-.infinity)
    registry.gauge("tern_tiny", help: "Exponents.").set(-1.5e-9)
    let stage = registry.histogram(
      "tern_stage_seconds", help: "Latency.", labels: [MetricLabel("stage", "features")])
    for nanoseconds in [500, 1_000, 1_500, 40_000, 2_000_000_000] as [UInt64] {
      stage.observe(nanoseconds: nanoseconds)
    }
    _ = registry.histogram("tern_empty_seconds", help: "Nothing yet.", bounds: [0.5])
    return registry
  }

  private func golden(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  @Test func equalsTheBytesThatThePeerAccepted() throws {
    #expect(
      String(decoding: registry().exposition(), as: UTF8.self)
        == String(decoding: try golden("exposition.txt"), as: UTF8.self))
  }

  @Test func readsAsThePeerReadIt() throws {
    struct Peer: Decodable {
      var type: String
      var help: String
      var samples: [Entry]
      struct Entry: Decodable {
        var name: String
        var labels: [String: String]
        var value: String
      }
    }
    let families = try JSONDecoder().decode([String: Peer].self, from: Data(try golden("exposition.json")))
    let own = try Exposition(registry().exposition())
    #expect(own.types == families.mapValues(\.type))
    let expected = families.values.flatMap(\.samples)
    #expect(own.samples.count == expected.count)
    for entry in expected {
      let found = own.samples.first { $0.name == entry.name && $0.labels == entry.labels }
      let value = try #require(found?.value, "\(entry.name) \(entry.labels)")
      #expect(value == Double(entry.value.replacingOccurrences(of: "Inf", with: "inf")))
    }
  }

  @Test func bucketsAreCumulativeAndEndInTheCount() throws {
    let samples = try Exposition(registry().exposition()).samples
    let buckets = samples.filter { $0.name == "tern_stage_seconds_bucket" }
    #expect(buckets.count == Histogram.latencyBounds.count + 1)
    #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value })
    #expect(buckets.last?.labels["le"] == "+Inf")
    #expect(buckets.last?.value == samples.first { $0.name == "tern_stage_seconds_count" }?.value)
    // 500 ns and the bound itself fall into the first bucket.
    #expect(buckets.first?.value == 2)
  }

  @Test func registeringAgainFindsTheSameMetric() {
    let registry = MetricsRegistry()
    let labels = [MetricLabel("stack", "a")]
    registry.counter("x_total", help: "X.", labels: labels).increment()
    registry.counter("x_total", help: "X.", labels: labels).increment()
    #expect(registry.counter("x_total", help: "X.", labels: labels).value == 2)
    #expect(registry.counter("x_total", help: "X.", labels: [MetricLabel("stack", "b")]).value == 0)
  }

  @Test func updatesFromManyThreadsAreNeitherLostNorTorn() async throws {
    let registry = MetricsRegistry()
    let counter = registry.counter("c_total", help: "C.")
    let gauge = registry.gauge("g", help: "G.")
    let histogram = registry.histogram("h", help: "H.", bounds: [1])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<50_000 {
            counter.increment()
            gauge.add(0.5)
            histogram.observe(2)
          }
        }
      }
      group.addTask {
        for _ in 0..<50 { _ = try? Exposition(registry.exposition()) }
      }
    }
    #expect(counter.value == 200_000)
    #expect(gauge.value == 100_000)
    #expect(histogram.snapshot() == Histogram.Snapshot(bounds: [1], counts: [0, 200_000], sum: 400_000))
  }
}
