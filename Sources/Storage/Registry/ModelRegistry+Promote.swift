import Artifacts
import Diagnostics
import Files
import GRDB

/// What a promotion demands beyond the gates that always stand.
public struct PromotionRequirements: Sendable, Equatable {
  /// What the alias must point to for the promotion to go ahead.
  public enum Holder: Sendable, Equatable {
    /// Whatever it points to.
    case any
    /// Nothing: the alias must be new.
    case nobody
    /// This version.
    case version(Int)
  }

  /// The feature schema that the version must carry; nil demands the one of the version it replaces, if any.
  public var featureSchema: Digest?
  /// What the alias must point to now; a caller that compared two versions names the one it compared with.
  public var replacing: Holder

  /// Describes the demands.
  public init(featureSchema: Digest? = nil, replacing: Holder = .any) {
    self.featureSchema = featureSchema
    self.replacing = replacing
  }
}

extension ModelRegistry {
  /// Points an alias to a version, through every gate.
  ///
  /// The gates: an evaluation on unseen data exists and passed; a holdout does not overlap the training span; metrics
  /// keep the version's own bounds; the feature schema is the expected one; every layer of a stack is registered, unaltered
  /// and of the stack's schema; every file still has its digest. The alias moves in one transaction
  /// that compares the holder first, so of two promotions at once one is after the other, and there is never more than
  /// one holder. Promoting the holder again changes nothing.
  /// - Throws: `TernError` of kind `data` naming every gate that refuses; `temporary` when the alias moved
  ///   against `requirements.replacing` or the registry stays locked.
  @discardableResult
  public func promote(
    _ reference: String, to alias: String, requirements: PromotionRequirements = PromotionRequirements()
  ) throws(TernError) -> Promotion {
    try checkAlias(alias)
    return try lock.hold(.shared) { () throws(TernError) in
      let version = try resolve(reference)
      let exact = try ArtifactReference("\(version.name)@\(version.version)")
      let integrity = integrityFindings(of: version)
      let promotion = try write { database in
        let holder = try self.holder(of: alias, in: version.name, database)
        try self.compare(holder?.version, requirements.replacing, reference: "\(version.name)@\(alias)")
        let findings =
          try self.gateFindings(version, replacing: holder, requirements, in: database) + integrity
        try self.refuse(findings, exact, alias)
        if holder?.version == version.version,
          let last = try self.history(version.name, alias, in: database).last
        {
          return last
        }
        return try self.move(alias, to: exact, from: holder, cause: .promote, in: database)
      }
      try synchroniseExports()
      return promotion
    }
  }

  /// What every gate would say, without promoting.
  public func gateFindings(
    _ reference: String, for alias: String, requirements: PromotionRequirements = PromotionRequirements()
  ) throws(TernError) -> [GateFinding] {
    try checkAlias(alias)
    let version = try resolve(reference)
    let integrity = integrityFindings(of: version)
    return try read { database in
      let holder = try self.holder(of: alias, in: version.name, database)
      return try self.gateFindings(version, replacing: holder, requirements, in: database) + integrity
    }
  }

  /// Points an alias back to the version that it pointed to before the last promotion that still stands.
  ///
  /// Rolling back twice goes back two promotions. The version returned to passed the gates when it was promoted; that
  /// its files are unaltered is checked again.
  /// - Throws: `TernError` of kind `data` when there is nothing to return to or a file is altered.
  @discardableResult
  public func rollback(_ name: String, alias: String) throws(TernError) -> Promotion {
    try checkAlias(alias)
    return try lock.hold(.shared) { () throws(TernError) in
      let target = try read { try self.rollbackTarget(name, alias, in: $0) }
      let exact = try ArtifactReference("\(name)@\(target)")
      let integrity = integrityFindings(of: try resolve("\(exact)"))
      let promotion = try write { database in
        guard try self.rollbackTarget(name, alias, in: database) == target else {
          throw TernError(
            .temporary, "the alias moved meanwhile", file: self.directory, key: "\(name)@\(alias)")
        }
        try self.refuse(integrity, exact, alias)
        let holder = try self.holder(of: alias, in: name, database)
        return try self.move(alias, to: exact, from: holder, cause: .rollback, in: database)
      }
      try synchroniseExports()
      return promotion
    }
  }

  /// Replays the history as a stack: a promotion pushes, a rollback pops.
  private func rollbackTarget(_ name: String, _ alias: String, in database: Database) throws -> Int {
    _ = try entry(name, in: database)
    var standing: [Int] = []
    for movement in try history(name, alias, in: database) {
      switch movement.cause {
      case .promote: standing.append(movement.version)
      case .rollback: standing.removeLast()
      }
    }
    guard standing.count >= 2 else {
      throw TernError(
        .data, standing.isEmpty ? "the alias does not exist" : "there is no earlier version to return to",
        file: directory, key: "\(name)@\(alias)")
    }
    return standing[standing.count - 2]
  }

  private func holder(
    of alias: String, in name: String, _ database: Database
  ) throws -> RegisteredVersion? {
    let entry = try entry(name, in: database)
    guard let holder = entry.aliases.first(where: { $0.alias == alias }) else { return nil }
    return try version(ArtifactReference("\(name)@\(holder.version)"), in: database).value
  }

  private func compare(
    _ found: Int?, _ expected: PromotionRequirements.Holder, reference: String
  ) throws(TernError) {
    let matches =
      switch expected {
      case .any: true
      case .nobody: found == nil
      case .version(let number): found == number
      }
    guard matches else {
      throw TernError(
        .temporary, "the alias points to another version than expected", file: directory, key: reference,
        found: found.map { "version \($0)" } ?? "no version", expected: "\(expected)")
    }
  }

  private func refuse(
    _ findings: [GateFinding], _ reference: ArtifactReference, _ alias: String
  ) throws(TernError) {
    let refusals = findings.filter { !$0.passed }
    if refusals.isEmpty { return }
    throw TernError(
      .data,
      "\(reference) cannot become \(alias): "
        + refusals.map { "\($0.gate): \($0.detail)" }.joined(separator: "; "),
      file: directory, key: refusals.map(\.gate).joined(separator: ","))
  }

  private func move(
    _ alias: String, to reference: ArtifactReference, from holder: RegisteredVersion?, cause: Promotion.Cause,
    in database: Database
  ) throws -> Promotion {
    let (identifier, version) = try self.version(reference, in: database)
    let name = version.name
    let previous = try holder.map {
      try self.version(ArtifactReference("\(name)@\($0.version)"), in: database).id
    }
    let entry = try Int64.fetchOne(database, sql: "SELECT id FROM entry WHERE name = ?", arguments: [name])
    try database.execute(
      sql: """
        INSERT INTO alias (entry_id, alias, version_id) VALUES (?, ?, ?)
        ON CONFLICT (entry_id, alias) DO UPDATE SET version_id = excluded.version_id
        """, arguments: [entry, alias, identifier])
    let at = clock.now
    try database.execute(
      sql: """
        INSERT INTO promotion (entry_id, alias, cause, version_id, previous_id, at) VALUES (?, ?, ?, ?, ?, ?)
        """, arguments: [entry, alias, cause.rawValue, identifier, previous, at])
    let sequence = database.lastInsertedRowID
    try advanceGeneration(in: database)
    return Promotion(
      sequence: sequence, name: name, alias: alias, cause: cause, version: version.version,
      previous: holder?.version, at: at)
  }

  private func checkAlias(_ alias: String) throws(TernError) { try check(alias, "alias") }
}
