import Artifacts
import Chronology
import Diagnostics
import Files
import Foundation
@testable import Registry
import Testing

@Suite struct RegistrationTests {
  @Test func versionsCountUpAndKeepTheirContent() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry(at: 5)
    let file = scratch.path + "/weights"
    try Data("from a file".utf8).write(to: URL(fileURLWithPath: file))
    var first = registration()
    first.files["weights"] = .path(file)
    first.tags = ["nightly"]
    let one = try registry.register(first)
    let two = try registry.register(registration(content: "second"))
    #expect(one.isNew && one.version.version == 1 && two.version.version == 2)
    #expect(one.version.createdAt == 5 && one.version.tags == ["nightly"])
    let weights = try #require(one.version.manifest.files.first { $0.role == "weights" })
    #expect(weights.digest == Digest(of: Array("from a file".utf8)) && weights.size == 11)
    #expect(try AtomicFile.read(registry.path(of: weights.digest)) == Array("from a file".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: registry.path(of: weights.digest))
    #expect((attributes[.posixPermissions] as? Int) == 0o444)
    #expect(
      try AtomicFile.read(registry.path(of: one.version.digest)) == CanonicalJSON.encode(one.version.manifest)
    )
    // The shared file exists once.
    #expect(try registry.verify().objects == 5)
    #expect(try registry.list() == [Entry(name: "signal", kind: .model, versions: [1, 2], aliases: [])])
    #expect(try registry.versions(of: "signal").map(\.digest) == [one.version.digest, two.version.digest])
  }

  @Test func theSameContentIsTheSameVersion() throws {
    let scratch = try Scratch()
    let one = try scratch.registry(at: 1).register(registration())
    var again = registration()
    again.tags = ["later"]
    let two = try scratch.registry(at: 2).register(again)
    #expect(one.isNew && !two.isNew)
    #expect(two.version.version == 1 && two.version.createdAt == 1 && two.version.tags == ["later"])
    // The digest does not depend on the registry, its clock or the name.
    let other = try Scratch()
    #expect(try other.registry(at: 9).register(registration("another")).version.digest == one.version.digest)
    // A judgement is content.
    again.evaluation = nil
    #expect(try scratch.registry().register(again).version.version == 2)
  }

  @Test func referencesLeadToVersions() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    let one = try registry.register(registration()).version
    let two = try registry.register(registration(content: "second")).version
    try registry.promote("signal@2", to: "champion")
    #expect(try registry.resolve("signal@1").digest == one.digest)
    #expect(try registry.resolve("signal@champion").digest == two.digest)
    #expect(try registry.resolve("signal@champion").aliases == ["champion"])
    #expect(try registry.resolve("signal@\(one.digest)").version == 1)
    #expect(try registry.resolve("signal@sha256:\(two.digest.hexadecimal.prefix(8))").version == 2)
    #expect(failure { try registry.resolve("signal@3") }?.expected == "versions 1…2 or champion")
    #expect(failure { try registry.resolve("signal@shadow") }?.kind == .data)
    #expect(failure { try registry.resolve("signal@sha256:00000000") }?.kind == .data)
    #expect(failure { try registry.resolve("signl@1") }?.expected == "did you mean signal?")
    #expect(failure { try registry.resolve("signal") }?.kind == .usage)
  }

  @Test func theCatalogueWithoutADatabaseAgrees() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for layer in ["regime", "signal"] { _ = try registry.register(registration(layer, content: layer)) }
    var stack = registration("btc", content: "thresholds")
    stack.kind = .stack
    stack.parents = ["l1": "regime@1", "l3": "signal@1"]
    let version = try registry.register(stack).version
    try registry.promote("btc@1", to: "champion")
    let catalogue = ArtifactCatalogue(directory: scratch.path + "/registry")
    let record = try catalogue.resolve("btc@champion")
    #expect(record.alias == "champion" && record.version == 1 && record.kind == "stack")
    #expect(record.digest == version.digest && record.featureSchema == schema)
    #expect(record.layers.map(\.role) == ["l1", "l3"] && record.layers.map(\.name) == ["regime", "signal"])
    #expect(
      try AtomicFile.read(catalogue.path(of: try #require(record.file("weights"))))
        == Array("thresholds".utf8))
    #expect(
      try AtomicFile.read(
        catalogue.path(of: try #require(record.layers.first?.files.first { $0.role == "weights" })))
        == Array("regime".utf8))
    for reference in [
      "btc@1", "btc@\(version.digest)", "btc@sha256:\(version.digest.hexadecimal.prefix(10))",
    ] {
      var expected = record
      expected.alias = nil
      #expect(try catalogue.resolve(reference) == expected)
    }
    try catalogue.verify(record)
    let layer = try #require(record.layers.last?.files.last)
    try damage(catalogue.path(of: layer))
    #expect(failure { try catalogue.verify(record) }?.file == catalogue.path(of: layer))
    #expect(failure { try catalogue.resolve("btc@shadow") }?.kind == .data)
    #expect(failure { try catalogue.resolve("../btc@champion") }?.kind == .usage)
  }

  @Test func badRegistrationsChangeNothing() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    func refused(_ change: (inout Registration) -> Void) -> TernError? {
      var bad = registration()
      change(&bad)
      return failure { try registry.register(bad) }
    }
    #expect(refused { $0.name = "../x" }?.kind == .data)
    #expect(refused { $0.name = "7" }?.kind == .data)
    #expect(refused { $0.files = [:] }?.kind == .data)
    #expect(refused { $0.files["a/b"] = .bytes([]) }?.key == "a/b")
    #expect(refused { $0.files["weights"] = .path("/nonexistent") }?.file == "/nonexistent")
    #expect(refused { $0.files["weights"] = .path("/") }?.file == "/")
    #expect(
      refused { $0.metrics = [Metric(split: "test", name: "auc", value: .nan)] }?.key == "metrics.test.auc")
    #expect(refused { $0.metrics += $0.metrics }?.key == "metrics.test.auc")
    #expect(refused { $0.parents = ["base": "absent@1"] }?.key == "absent")
    #expect(refused { $0.kind = .stack }?.kind == .data)
    #expect(refused { $0.tags = ["no tag"] }?.key == "no tag")
    #expect(try registry.list().isEmpty)
    #expect(try registry.verify().healthy)
    _ = try registry.register(registration())
    #expect(
      refused {
        $0.kind = .stack
        $0.parents = ["l3": "signal@1"]
      }?.key == "signal")
  }

  @Test func tagsComeAndGo() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    let digest = try registry.register(registration()).version.digest
    #expect(try registry.tag("signal@1", adding: ["b", "a", "a"]).tags == ["a", "b"])
    #expect(try registry.tag("signal@1", adding: ["c"], removing: ["a", "x"]).tags == ["b", "c"])
    #expect(try registry.resolve("signal@1").digest == digest)
    #expect(failure { try registry.tag("signal@1", adding: ["-"]) }?.kind == .data)
  }

  @Test func differencesAreNamed() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    _ = try registry.register(registration())
    var other = registration()
    other.configuration = .object(["max_depth": .integer(8), "eta": .number(0.1), "seed": .integer(1)])
    other.metrics = [Metric(split: "test", name: "auc", value: 0.7)]
    other.files["weights"] = .bytes([1, 2])
    _ = try registry.register(other)
    let difference = try registry.diff("signal@1", "signal@2")
    func change(_ key: String) -> VersionDifference.Change? { difference.changes.first { $0.key == key } }
    #expect(!difference.identical)
    #expect(
      difference.changes.map(\.key) == [
        "configuration.max_depth", "configuration.seed", "files.weights.digest", "files.weights.size",
        "metrics.test.auc",
      ])
    #expect(
      change("configuration.max_depth")?.first == "6" && change("configuration.max_depth")?.second == "8")
    #expect(change("configuration.seed")?.first == nil && change("configuration.seed")?.second == "1")
    #expect(change("metrics.test.auc")?.second == "0.7")
    let same = try registry.diff("signal@1", "signal@1")
    #expect(same.identical && same.changes.isEmpty)
  }
}
