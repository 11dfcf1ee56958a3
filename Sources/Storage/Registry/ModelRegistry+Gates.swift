import Artifacts
import Diagnostics
import Files
import GRDB

extension ModelRegistry {
  /// The gates that the database can answer.
  func gateFindings(
    _ version: RegisteredVersion, replacing holder: RegisteredVersion?, _ requirements: PromotionRequirements,
    in database: Database
  ) throws -> [GateFinding] {
    let manifest = version.manifest
    var findings = evaluationFindings(manifest) + metricFindings(manifest)
    findings.append(schemaFinding(manifest, replacing: holder, requirements))
    if manifest.kind == .stack { findings.append(try layerFinding(manifest, in: database)) }
    return findings
  }

  /// Hashes the manifest and every file, those of a stack's layers included.
  func integrityFindings(of version: RegisteredVersion) -> [GateFinding] {
    var objects = [(version.digest, "the manifest of \(version.name)@\(version.version)")]
    objects += version.manifest.files.map { ($0.digest, "\($0.role) of \(version.name)@\(version.version)") }
    if version.manifest.kind == .stack {
      for parent in version.manifest.lineage.parents {
        guard let layer = try? resolve("\(parent.name)@\(parent.version)") else { continue }
        objects.append((layer.digest, "the manifest of \(layer.name)@\(layer.version)"))
        objects += layer.manifest.files.map { ($0.digest, "\($0.role) of \(layer.name)@\(layer.version)") }
      }
    }
    for (digest, what) in objects {
      if let problem = store.problem(with: digest) {
        return [
          GateFinding(
            gate: "integrity", passed: false, detail: "\(what) (\(problem.subject)) is bad: \(problem.detail)"
          )
        ]
      }
    }
    return [
      GateFinding(gate: "integrity", passed: true, detail: "\(objects.count) objects have their digests")
    ]
  }

  private func evaluationFindings(_ manifest: Manifest) -> [GateFinding] {
    guard let evaluation = manifest.evaluation else {
      return [GateFinding(gate: "evaluation", passed: false, detail: "there is no evaluation on unseen data")]
    }
    var findings = [
      GateFinding(
        gate: "evaluation", passed: evaluation.unseen,
        detail: evaluation.unseen
          ? "evaluated on unseen data (\(evaluation.method.rawValue))"
          : "was evaluated on data seen in training"),
      GateFinding(
        gate: "verdict", passed: evaluation.passed,
        detail: (evaluation.passed ? "the evaluation passed" : "the evaluation did not pass")
          + (evaluation.reasons.isEmpty ? "" : ": " + evaluation.reasons.joined(separator: "; "))),
    ]
    if evaluation.method == .holdout, let span = evaluation.span, let training = manifest.lineage.trainingSpan
    {
      findings.append(
        GateFinding(
          gate: "span", passed: !span.overlaps(training),
          detail: span.overlaps(training)
            ? "the holdout overlaps the training span" : "the holdout lies apart from the training span"))
    }
    return findings
  }

  private func metricFindings(_ manifest: Manifest) -> [GateFinding] {
    manifest.gates.map { gate in
      let key = "\(gate.split).\(gate.name)"
      guard let value = manifest.metric(gate.split, gate.name) else {
        return GateFinding(gate: "metrics", passed: false, detail: "\(key) was not recorded")
      }
      if let atLeast = gate.atLeast, value < atLeast {
        return GateFinding(gate: "metrics", passed: false, detail: "\(key) is \(value), below \(atLeast)")
      }
      if let atMost = gate.atMost, value > atMost {
        return GateFinding(gate: "metrics", passed: false, detail: "\(key) is \(value), above \(atMost)")
      }
      return GateFinding(gate: "metrics", passed: true, detail: "\(key) is \(value)")
    }
  }

  private func schemaFinding(
    _ manifest: Manifest, replacing holder: RegisteredVersion?, _ requirements: PromotionRequirements
  ) -> GateFinding {
    guard let schema = manifest.featureSchema else {
      return GateFinding(gate: "feature-schema", passed: false, detail: "the version names no feature schema")
    }
    guard let expected = requirements.featureSchema ?? holder?.manifest.featureSchema else {
      return GateFinding(gate: "feature-schema", passed: true, detail: "nothing to agree with yet: \(schema)")
    }
    return GateFinding(
      gate: "feature-schema", passed: schema == expected,
      detail: schema == expected ? "is the expected one" : "is foreign: found \(schema), expected \(expected)"
    )
  }

  private func layerFinding(_ manifest: Manifest, in database: Database) throws -> GateFinding {
    func refusal(_ detail: String) -> GateFinding {
      GateFinding(gate: "layers", passed: false, detail: detail)
    }
    for parent in manifest.lineage.parents {
      let reference = "\(parent.name)@\(parent.version)"
      let layer: RegisteredVersion
      do {
        layer = try version(ArtifactReference(reference), in: database).value
      } catch let error as TernError where error.kind == .data {
        return refusal("\(parent.role): \(error.message)")
      }
      guard layer.digest == parent.digest else {
        return refusal("\(parent.role): \(reference) is not the version that the stack was built from")
      }
      guard layer.manifest.featureSchema == manifest.featureSchema else {
        let found = layer.manifest.featureSchema?.description ?? "none"
        let expected = manifest.featureSchema?.description ?? "none"
        return refusal(
          "\(parent.role): \(reference) has a foreign feature schema: found \(found), expected \(expected)")
      }
    }
    return GateFinding(
      gate: "layers", passed: true,
      detail: "\(manifest.lineage.parents.count) layers share the stack's schema")
  }
}
