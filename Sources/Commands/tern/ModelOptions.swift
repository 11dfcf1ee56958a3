import ArgumentParser
import Artifacts
import Diagnostics
import Files
import Registry
import Training

/// The model a verb applies: a run directory, an artifact file, or a registry reference.
struct ModelOptions: ParsableArguments {
  @Option(help: "Run directory, model.safetensors file, or registry reference such as signal@champion.")
  var model: String

  @Option(help: "Registry folder, for references.")
  var registry = "registry"

  @Option(help: "A member to take in place of its ensemble, counted from 0.")
  var member: Int?

  func load() throws(TernError) -> ModelArtifact {
    let whole = try ModelOptions.load(model, registry: registry)
    return if let member { try whole.member(member) } else { whole }
  }

  /// The model of a run directory, a file or a reference.
  static func load(_ model: String, registry: String) throws(TernError) -> ModelArtifact {
    if AtomicFile.exists(model) || !model.contains("@") { return try RunDirectory.model(at: model) }
    let store = try ModelRegistry(directory: registry, create: false)
    let version = try store.resolve(model)
    guard let file = version.manifest.files.first(where: { $0.role == "artifact" }) else {
      throw TernError(
        .data, "holds no model of its own", file: registry, key: model,
        found: "a \(version.manifest.kind.rawValue)",
        expected: "a model; a stack's layers are registered under its name followed by -regime and -signal")
    }
    let path = store.path(of: file.digest)
    guard Digest(of: try AtomicFile.read(path)) == file.digest else {
      throw TernError(
        .data, "the artifact does not have its digest any more", file: path, expected: "\(file.digest)")
    }
    return try ModelArtifact(path: path)
  }
}
