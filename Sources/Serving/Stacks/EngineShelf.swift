import Features
import Synchronization

/// The feature engine that proved a stack's schema, kept for the first decider that is made with the stack: building one
/// takes milliseconds of a start.
final class EngineShelf: Sendable {
  private let engine: Mutex<FeatureEngine?>

  init(_ engine: sending FeatureEngine) { self.engine = Mutex(engine) }

  /// The engine, which nobody has fed; nil once it was taken.
  func take() -> sending FeatureEngine? {
    engine.withLock { engine in
      let taken = engine
      engine = nil
      return taken
    }
  }
}
