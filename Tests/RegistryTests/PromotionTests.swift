import Artifacts
import Diagnostics
import Files
import Foundation
@testable import Registry
import Testing

@Suite struct PromotionTests {
  @Test(arguments: [
    ("evaluation", { @Sendable (r: inout Registration) in r.evaluation = nil }),
    ("evaluation", { @Sendable (r: inout Registration) in r.evaluation?.unseen = false }),
    (
      "verdict",
      { @Sendable (r: inout Registration) in
        r.evaluation?.passed = false
        r.evaluation?.reasons = ["deflated Sharpe 0.2"]
      }
    ),
    (
      "span",
      { @Sendable (r: inout Registration) in
        r.trainingSpan = TimeSpan(start: 0, end: 100)
        r.evaluation?.method = .holdout
        r.evaluation?.span = TimeSpan(start: 99, end: 200)
      }
    ),
    (
      "metrics",
      { @Sendable (r: inout Registration) in r.gates = [MetricGate(split: "test", name: "auc", atLeast: 0.62)]
      }
    ),
    (
      "metrics",
      { @Sendable (r: inout Registration) in r.gates = [MetricGate(split: "test", name: "auc", atMost: 0.6)] }
    ),
    (
      "metrics",
      { @Sendable (r: inout Registration) in r.gates = [MetricGate(split: "test", name: "ece", atMost: 1)] }
    ),
    ("feature-schema", { @Sendable (r: inout Registration) in r.featureSchema = nil }),
  ])
  func aGateRefuses(gate: String, change: @Sendable (inout Registration) -> Void) throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    var bad = registration()
    change(&bad)
    _ = try registry.register(bad)
    let error = try #require(failure { try registry.promote("signal@1", to: "champion") })
    #expect(error.kind == .data && error.key == gate, "\(error)")
    #expect(
      try registry.gateFindings("signal@1", for: "champion").filter { !$0.passed }.map(\.gate) == [gate])
    #expect(try registry.entry("signal").aliases.isEmpty && registry.history(of: "signal").isEmpty)
    #expect(
      failure { try ArtifactCatalogue(directory: registry.directory).resolve("signal@champion") } != nil)
    if gate == "verdict" { #expect(error.message.contains("deflated Sharpe 0.2")) }
  }

  @Test func whatKeepsItsBoundsPasses() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    var good = registration()
    good.gates = [MetricGate(split: "test", name: "auc", atLeast: 0.61, atMost: 0.61)]
    good.trainingSpan = TimeSpan(start: 0, end: 100)
    good.evaluation?.method = .holdout
    good.evaluation?.span = TimeSpan(start: 100, end: 200)
    _ = try registry.register(good)
    let promotion = try registry.promote("signal@1", to: "champion")
    #expect(promotion.version == 1 && promotion.previous == nil && promotion.at == 1_700_000_000_000)
    #expect(try registry.gateFindings("signal@1", for: "champion").allSatisfy(\.passed))
  }

  @Test func aForeignSchemaNeedsToBeNamed() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    _ = try registry.register(registration())
    var other = registration(content: "other")
    let newSchema = Digest(of: [9])
    other.featureSchema = newSchema
    _ = try registry.register(other)
    try registry.promote("signal@1", to: "champion")
    #expect(failure { try registry.promote("signal@2", to: "champion") }?.key == "feature-schema")
    let wrong = PromotionRequirements(featureSchema: newSchema)
    #expect(
      failure { try registry.promote("signal@1", to: "shadow", requirements: wrong) }?.key == "feature-schema"
    )
    #expect(try registry.promote("signal@2", to: "champion", requirements: wrong).previous == 1)
  }

  @Test func aStackAndItsLayersShareOneSchema() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    _ = try registry.register(registration("regime"))
    var foreign = registration("pattern")
    foreign.featureSchema = Digest(of: [9])
    _ = try registry.register(foreign)
    var stack = registration("btc")
    stack.kind = .stack
    stack.parents = ["l1": "regime@1", "l2": "pattern@1"]
    _ = try registry.register(stack)
    let error = try #require(failure { try registry.promote("btc@1", to: "champion") })
    #expect(error.key == "layers" && error.message.contains("pattern@1"))
    stack.parents = ["l1": "regime@1"]
    _ = try registry.register(stack)
    let weights = try #require(try registry.resolve("regime@1").manifest.files.last)
    #expect(try registry.gateFindings("btc@2", for: "champion").allSatisfy(\.passed))
    try damage(registry.path(of: weights.digest))
    let broken = try #require(failure { try registry.promote("btc@2", to: "champion") })
    #expect(broken.key == "integrity" && broken.message.contains("weights of"), "\(broken)")
  }

  @Test func anAlteredFileStopsPromotionAndVerification() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    let version = try registry.register(registration()).version
    for digest in version.manifest.files.map(\.digest) + [version.digest] {
      let path = registry.path(of: digest)
      let original = try AtomicFile.read(path)
      let relative = String(path.dropFirst(registry.directory.count + 1))
      try damage(path)
      let error = try #require(failure { try registry.promote("signal@1", to: "champion") })
      #expect(error.key == "integrity" && error.message.contains(relative))
      #expect(
        try registry.verify().problems.map { [$0.kind.rawValue, $0.subject] } == [["damaged", relative]])
      unlink(path)
      #expect(failure { try registry.promote("signal@1", to: "champion") }?.key == "integrity")
      #expect(try registry.verify(repair: true).problems.map(\.kind) == [.missing])
      try AtomicFile.write(original, to: path)
    }
    #expect(try registry.verify().healthy)
    // Registering the content again replaces a damaged object.
    try damage(registry.path(of: version.manifest.files[0].digest))
    #expect(try !registry.register(registration()).isNew)
    try registry.promote("signal@1", to: "champion")
  }

  @Test func rollingBackUndoesPromotionsOneByOne() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for content in ["a", "b", "c"] { _ = try registry.register(registration(content: content)) }
    func champion() throws -> Int { try registry.resolve("signal@champion").version }
    #expect(
      failure { try registry.rollback("signal", alias: "champion") }?.message == "the alias does not exist")
    try registry.promote("signal@1", to: "champion")
    #expect(failure { try registry.rollback("signal", alias: "champion") }?.kind == .data)
    try registry.promote("signal@2", to: "champion")
    try registry.promote("signal@2", to: "champion")
    try registry.promote("signal@3", to: "champion")
    try registry.promote("signal@3", to: "shadow")
    let back = try registry.rollback("signal", alias: "champion")
    #expect(back.cause == .rollback && back.version == 2 && back.previous == 3)
    #expect(try champion() == 2)
    let catalogue = ArtifactCatalogue(directory: registry.directory)
    #expect(try catalogue.resolve("signal@champion").version == 2)
    _ = try registry.rollback("signal", alias: "champion")
    #expect(try champion() == 1)
    #expect(failure { try registry.rollback("signal", alias: "champion") }?.kind == .data)
    try registry.promote("signal@3", to: "champion")
    _ = try registry.rollback("signal", alias: "champion")
    #expect(try champion() == 1)
    #expect(try registry.resolve("signal@shadow").version == 3)
    let history = try registry.history(of: "signal", alias: "champion")
    #expect(history.map(\.version) == [1, 2, 3, 2, 1, 3, 1])
    #expect(history.dropFirst().map(\.previous) == history.dropLast().map(\.version))
    try damage(registry.path(of: registry.resolve("signal@2").digest))
    try registry.promote("signal@3", to: "champion")
    #expect(try champion() == 3)
  }

  @Test func aRollbackToAnAlteredFileIsRefused() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for content in ["a", "b"] {
      let version = try registry.register(registration(content: content)).version
      try registry.promote("signal@\(version.version)", to: "champion")
    }
    let file = try #require(try registry.resolve("signal@1").manifest.files.last)
    try damage(registry.path(of: file.digest))
    #expect(failure { try registry.rollback("signal", alias: "champion") }?.key == "integrity")
    #expect(try registry.resolve("signal@champion").version == 2)
  }

  @Test func anAliasThatMovedIsNotOverwritten() throws {
    let scratch = try Scratch()
    let registry = try scratch.registry()
    for content in ["a", "b", "c"] { _ = try registry.register(registration(content: content)) }
    let fresh = PromotionRequirements(replacing: .nobody)
    try registry.promote("signal@1", to: "champion", requirements: fresh)
    #expect(
      failure { try registry.promote("signal@2", to: "champion", requirements: fresh) }?.kind == .temporary)
    let second = PromotionRequirements(replacing: .version(1))
    try registry.promote("signal@2", to: "champion", requirements: second)
    #expect(
      failure { try registry.promote("signal@3", to: "champion", requirements: second) }?.kind == .temporary)
    #expect(failure { try registry.promote("signal@2", to: "7") }?.kind == .data)
    #expect(failure { try registry.promote("signal@2", to: "../x") }?.kind == .data)
  }
}
