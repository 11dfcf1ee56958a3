import Diagnostics
import Files
import Sessions
import Stacks

/// The stacks of a registry by digest, each loaded once.
public final class RegistryStacks: StackSource {
  /// The registry's folder.
  public let directory: String
  private var known: [(digest: Digest, stack: LoadedStack)] = []

  /// Stacks of a registry; nothing is read yet.
  public init(_ directory: String) { self.directory = directory }

  /// The stack with a digest.
  /// - Throws: `TernError` of kind `data` when the registry has none, or it is damaged.
  public func stack(_ digest: Digest) throws(TernError) -> LoadedStack {
    if let entry = known.first(where: { $0.digest == digest }) { return entry.stack }
    return keep(try LoadedStack(digest: digest, registry: directory))
  }

  /// The stack that a reference leads to now.
  /// - Throws: `TernError` of kind `usage` for a malformed reference, `data` for one that leads nowhere.
  public func stack(reference: String) throws(TernError) -> LoadedStack {
    keep(try LoadedStack(reference: reference, registry: directory))
  }

  private func keep(_ stack: LoadedStack) -> LoadedStack {
    if !known.contains(where: { $0.digest == stack.digest }) { known.append((stack.digest, stack)) }
    return stack
  }
}
