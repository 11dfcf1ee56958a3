import Artifacts
import Diagnostics
import Files

extension ModelRegistry {
  /// What differs between two versions: configuration, metrics, files, lineage, schema, evaluation.
  /// - Throws: `TernError` of kind `usage` or `data` when a reference leads nowhere.
  public func diff(_ first: String, _ second: String) throws(TernError) -> VersionDifference {
    let a = try resolve(first)
    let b = try resolve(second)
    let left = try Self.facts(a.manifest)
    let right = try Self.facts(b.manifest)
    var changes: [VersionDifference.Change] = []
    for key in Set(left.keys).union(right.keys).sorted() where left[key] != right[key] {
      changes.append(VersionDifference.Change(key: key, first: left[key], second: right[key]))
    }
    return VersionDifference(
      first: "\(a.name)@\(a.version)", second: "\(b.name)@\(b.version)", identical: a.digest == b.digest,
      changes: changes)
  }

  /// The manifest as flat keys, with lists keyed by what names their members instead of by position.
  private static func facts(_ manifest: Manifest) throws(TernError) -> [String: String] {
    var facts: [String: String] = [:]
    facts["kind"] = manifest.kind.rawValue
    facts["feature_schema"] = manifest.featureSchema?.description
    for file in manifest.files {
      facts["files.\(file.role).digest"] = file.digest.description
      facts["files.\(file.role).size"] = "\(file.size)"
    }
    for metric in manifest.metrics { facts["metrics.\(metric.split).\(metric.name)"] = "\(metric.value)" }
    for gate in manifest.gates {
      facts["gates.\(gate.split).\(gate.name).at_least"] = gate.atLeast.map { "\($0)" }
      facts["gates.\(gate.split).\(gate.name).at_most"] = gate.atMost.map { "\($0)" }
    }
    for parent in manifest.lineage.parents {
      facts["lineage.parents.\(parent.role)"] = "\(parent.name)@\(parent.version) \(parent.digest)"
    }
    facts["lineage.dataset"] = manifest.lineage.dataset?.description
    facts["lineage.code_revision"] = manifest.lineage.codeRevision
    facts["lineage.training_span"] = manifest.lineage.trainingSpan.map { "\($0.start)..<\($0.end)" }
    if let evaluation = manifest.evaluation {
      facts["evaluation.unseen"] = "\(evaluation.unseen)"
      facts["evaluation.method"] = evaluation.method.rawValue
      facts["evaluation.dataset"] = evaluation.dataset.description
      facts["evaluation.span"] = evaluation.span.map { "\($0.start)..<\($0.end)" }
      facts["evaluation.passed"] = "\(evaluation.passed)"
      facts["evaluation.reasons"] = evaluation.reasons.joined(separator: "; ")
    }
    for (path, value) in manifest.configuration?.flattened(prefix: "configuration") ?? [] {
      facts[path] = String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
    }
    return facts
  }
}
