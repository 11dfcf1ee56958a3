import ArgumentParser
import Chronology
import CommandFrame
import Diagnostics
import Files
import Registry
import Training

struct RegistryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registry",
    abstract: "List, show, register, promote, roll back, verify, compare and clean up models and stacks.",
    subcommands: [
      RegistryListCommand.self, RegistryShowCommand.self, RegistryRegisterCommand.self,
      RegistryPromoteCommand.self,
      RegistryRollbackCommand.self, RegistryVerifyCommand.self, RegistryDiffCommand.self,
      RegistryCollectCommand.self, RegistryTagCommand.self,
    ])
}

/// The registry a verb works on.
struct RegistryOptions: ParsableArguments {
  @Option(help: "Registry folder.")
  var registry = "registry"

  func open(create: Bool = false) throws(TernError) -> ModelRegistry {
    try ModelRegistry(directory: registry, create: create)
  }
}

struct RegistryListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every name with its versions and aliases.")

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let entries = try options.open().list()
    try Console.show(entries, json: global.json) {
      var table = TextTable(["name", "kind", "versions", "aliases"])
      for entry in entries {
        table.append([
          entry.name, entry.kind.rawValue, entry.versions.map(String.init).joined(separator: " "),
          entry.aliases.map { "\($0.alias)=\($0.version)" }.joined(separator: " "),
        ])
      }
      return table.text
    }
  }
}

struct RegistryShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One version with its files, lineage, metrics, evaluation and history.")

  @Argument(help: "Reference such as phase1@champion, phase1@3 or phase1@sha256:….")
  var reference: String

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let registry = try options.open()
    let version = try registry.resolve(reference)
    let document = Document(version: version, history: try registry.history(of: version.name))
    try Console.show(document, json: global.json) { text(document) }
  }

  private struct Document: Encodable {
    var version: RegisteredVersion
    var history: [Promotion]
  }

  private func text(_ document: Document) -> String {
    let version = document.version
    let manifest = version.manifest
    var lines = [
      "\(version.name)@\(version.version)  \(manifest.kind.rawValue)  \(version.digest)",
      "registered  \(Timestamp.text(version.createdAt))",
      "aliases     \(version.aliases.joined(separator: " "))",
      "tags        \(version.tags.joined(separator: " "))",
      "schema      \(manifest.featureSchema?.description ?? "-")",
      "dataset     \(manifest.lineage.dataset?.description ?? "-")",
    ]
    lines += manifest.lineage.parents.map { "built on    \($0.role) \($0.name)@\($0.version)" }
    lines += manifest.files.map { "file        \($0.role) \($0.size) bytes \($0.digest)" }
    if let evaluation = manifest.evaluation {
      lines.append(
        "evaluation  \(evaluation.passed ? "passed" : "failed"), \(evaluation.method.rawValue), "
          + (evaluation.unseen ? "unseen data" : "seen data"))
      lines += evaluation.reasons.map { "            \($0)" }
    }
    lines += manifest.metrics.map { "metric      \($0.split) \($0.name) \($0.value.fixed(6))" }
    lines += document.history.map {
      "history     \(Timestamp.text($0.at)) \($0.cause.rawValue) \($0.alias) → \($0.version)"
    }
    return lines.joined(separator: "\n")
  }
}

struct RegistryRegisterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register", abstract: "Register a run directory as the next version of a name.",
    discussion:
      "Equal content gives the version that is there already. Only evaluated versions can be promoted.")

  @Argument(help: "Run directory that tern train wrote.")
  var directory: String

  @Option(help: "Name to register under.")
  var name: String

  @Option(help: "A tag; repeat for several.")
  var tag: [String] = []

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let result = try RunRegistration.register(
      directory: directory, name: name, tags: tag, in: try options.open(create: true))
    try Console.show(result, json: global.json) {
      "\(result.version.name)@\(result.version.version) \(result.version.digest)"
        + (result.isNew ? "" : " (was registered already)")
    }
  }
}

struct RegistryPromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Point an alias to a version, if every gate holds.")

  @Argument(help: "Reference such as phase1@3.")
  var reference: String

  @Option(help: "Alias to move.")
  var alias = "champion"

  @Option(help: "Feature schema that the version must carry; that of the present holder when absent.")
  var schema: String?

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    var requirements = PromotionRequirements()
    if let schema {
      guard let digest = Digest(schema) else {
        throw TernError(
          .usage, "is not a digest", key: "--schema", found: schema, expected: "sha256:<64 digits>")
      }
      requirements.featureSchema = digest
    }
    let promotion = try options.open().promote(reference, to: alias, requirements: requirements)
    try Console.show(promotion, json: global.json) {
      "\(promotion.name)@\(promotion.alias) is version \(promotion.version)"
    }
  }
}

struct RegistryRollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Point an alias back to the version before the last promotion.")

  @Argument(help: "Name.")
  var name: String

  @Option(help: "Alias to move.")
  var alias = "champion"

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let promotion = try options.open().rollback(name, alias: alias)
    try Console.show(promotion, json: global.json) {
      "\(promotion.name)@\(promotion.alias) is version \(promotion.version)"
    }
  }
}

struct RegistryVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Hash every object and check every reference; damage exits with 65.")

  @Flag(help: "Write exported records anew where they contradict the database.")
  var repair = false

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let report = try options.open().verify(repair: repair)
    if let problem = report.problems.first {
      report.problems.forEach { global.log("\($0.kind.rawValue): \($0.subject): \($0.detail)") }
      throw TernError(
        .data, "\(report.problems.count) problems, the first: \(problem.detail)", file: options.registry,
        key: problem.subject)
    }
    try Console.show(report, json: global.json) {
      "\(options.registry): \(report.versions) versions, \(report.objects) objects, \(report.bytes) bytes verified, "
        + "\(report.orphans.count) orphans, \(report.repaired.count) records repaired"
    }
  }
}

struct RegistryDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What differs between two versions: configuration, metrics, files, lineage.")

  @Argument(help: "First reference.")
  var first: String

  @Argument(help: "Second reference.")
  var second: String

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let difference = try options.open().diff(first, second)
    try Console.show(difference, json: global.json) {
      if difference.identical { return "\(difference.first) and \(difference.second) are identical" }
      var table = TextTable(["key", difference.first, difference.second])
      for change in difference.changes {
        table.append([change.key, change.first ?? "-", change.second ?? "-"])
      }
      return table.text
    }
  }
}

struct RegistryCollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove objects that no version refers to and what interrupted work left.")

  @Option(help: "Only what is older than this many hours.")
  var olderThanHours = 24

  @Flag(help: "Only say what would be removed.")
  var dryRun = false

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let report = try options.open().gc(olderThan: Int64(olderThanHours) * Timestamp.hour, dryRun: dryRun)
    try Console.show(report, json: global.json) {
      "\(report.dryRun ? "would remove" : "removed") \(report.objects.count) objects and "
        + "\(report.temporaries.count) temporaries, \(report.bytes) bytes"
    }
  }
}

struct RegistryTagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Add tags to a version or remove them.")

  @Argument(help: "Reference such as phase1@3.")
  var reference: String

  @Option(help: "A tag to add; repeat for several.")
  var add: [String] = []

  @Option(help: "A tag to remove; repeat for several.")
  var remove: [String] = []

  @OptionGroup var options: RegistryOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let version = try options.open().tag(reference, adding: add, removing: remove)
    try Console.show(version, json: global.json) {
      "\(version.name)@\(version.version) \(version.tags.joined(separator: " "))"
    }
  }
}
