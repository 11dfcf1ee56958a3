import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A value that is computed on a thread of its own while the caller does something else.
///
/// Where no thread is to be had, the value is computed at once.
///
/// ```swift
/// let parsed = Background { () throws(TernError) in try ForestArtifact(path: path) }
/// // … other work …
/// let artifact = try parsed.value()
/// ```
public final class Background<Value: Sendable>: @unchecked Sendable {
  private let errand: Errand<Value>
  private var thread: pthread_t?

  /// Begins to compute.
  public init(_ work: @escaping @Sendable () throws(TernError) -> Value) {
    let errand = Errand(work)
    self.errand = errand
    var handle = pthread_t()
    let ticket = Unmanaged.passRetained(errand as AnyErrand)
    let status = pthread_create(
      &handle, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<AnyErrand>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, ticket.toOpaque())
    if status == 0 {
      thread = handle
    } else {
      ticket.release()
      errand.run()
    }
  }

  deinit {
    if let thread { pthread_detach(thread) }
  }

  /// Waits for the value; again and again the same. One thread at a time may ask.
  /// - Throws: the error of the work.
  public func value() throws(TernError) -> Value {
    if let thread { pthread_join(thread, nil) }
    thread = nil
    guard let result = errand.result else { preconditionFailure("a joined thread has left a result") }
    return try result.get()
  }
}

/// What a thread can be told to do without knowing what it gives.
private class AnyErrand {
  func run() {}
}

/// Work, and afterwards its result: written by the thread, read by others only after they have joined it.
private final class Errand<Value: Sendable>: AnyErrand {
  private let work: @Sendable () throws(TernError) -> Value
  var result: Result<Value, TernError>?

  init(_ work: @escaping @Sendable () throws(TernError) -> Value) { self.work = work }

  override func run() {
    do throws(TernError) { result = .success(try work()) } catch { result = .failure(error) }
  }
}
