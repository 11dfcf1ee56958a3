import Artifacts
import Checkpoints
import Chronology
import Diagnostics
import Files
import Glibc
import Registry

/// Works on a registry until it is killed, or does one thing; each acknowledged step is a line on standard output.
///
///     RegistryWriter work DIRECTORY SEED             registers, promotes, rolls back and publishes without end
///     RegistryWriter swap DIRECTORY REFERENCE COUNT  promotes a version to champion again and again
///     RegistryWriter claim DIRECTORY REFERENCE FROM  promotes to champion if version FROM holds it
///     RegistryWriter limited DIRECTORY BYTES         registers two MiB under a limit on the size of files
@main
enum RegistryWriter {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(TernError) {
      guard arguments.count >= 2 else { throw TernError(.usage, "RegistryWriter COMMAND DIRECTORY …") }
      let directory = arguments[1]
      switch arguments[0] {
      case "work": try work(directory, seed: Int(arguments[2]) ?? 0)
      case "swap": try swap(directory, arguments[2], count: Int(arguments[3]) ?? 1)
      case "claim": try claim(directory, arguments[2], from: Int(arguments[3]) ?? 1)
      case "limited": try limited(directory, bytes: UInt(arguments[2]) ?? 0)
      default: throw TernError(.usage, "unknown command", found: arguments[0])
      }
    } catch {
      say("\(error)", on: 2)
      exit(error.kind.rawValue)
    }
  }

  static func registration(_ content: Int) -> Registration {
    let dataset = Digest(of: [1])
    return Registration(
      name: "signal", kind: .model,
      files: [
        "weights": .bytes(
          (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* (content | 1) &+ content >> 3) }),
        "calibration": .bytes(Array("\(content)".utf8)),
      ],
      featureSchema: Digest(of: [2]), dataset: dataset,
      metrics: [Metric(split: "test", name: "auc", value: 0.6)],
      evaluation: EvaluationRecord(unseen: true, method: .holdout, dataset: dataset, passed: true))
  }

  private static func acknowledge(_ line: String) { say(line, on: 1) }

  private static func say(_ line: String, on descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
  }

  private static func work(_ directory: String, seed: Int) throws(TernError) {
    let registry = try ModelRegistry(directory: directory)
    for step in 0..<100_000 {
      let content = seed * 100_000 + step
      let version = try registry.register(registration(content)).version
      acknowledge("registered \(version.version) \(version.digest)")
      let promotion = try registry.promote("signal@\(version.version)", to: "champion")
      acknowledge("moved \(promotion.sequence)")
      if step % 3 == 2 {
        acknowledge("moved \(try registry.rollback("signal", alias: "champion").sequence)")
      }
      let checkpoint = Checkpoint(
        model: "test", weights: [NamedTensor("w", .int32(Array(repeating: Int32(step), count: 5_000)))],
        configuration: "{}", provenance: Provenance(seed: UInt64(seed), ternVersion: "test"))
      try checkpoint.write(to: directory + "-published.h5")
      let digest = try publish(checkpoint: checkpoint, to: directory + "-published.safetensors")
      acknowledge("published \(digest)")
    }
  }

  private static func swap(_ directory: String, _ reference: String, count: Int) throws(TernError) {
    let registry = try ModelRegistry(directory: directory)
    for _ in 0..<count { acknowledge("moved \(try registry.promote(reference, to: "champion").sequence)") }
  }

  private static func claim(_ directory: String, _ reference: String, from: Int) throws(TernError) {
    let registry = try ModelRegistry(directory: directory)
    let requirements = PromotionRequirements(replacing: .version(from))
    acknowledge(
      "moved \(try registry.promote(reference, to: "champion", requirements: requirements).sequence)")
  }

  private static func limited(_ directory: String, bytes: UInt) throws(TernError) {
    let registry = try ModelRegistry(directory: directory)
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else {
      throw TernError(.internalFailure, "cannot set the limit")
    }
    var large = registration(1)
    large.files["weights"] = .bytes([UInt8](repeating: 1, count: 2 << 20))
    _ = try registry.register(large)
  }
}
