import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The seal of an open file, checked on a thread of its own while the caller does something else.
///
/// The descriptor must stay open until `wait` has returned.
final class SealCheck: @unchecked Sendable {
  private let descriptor: Int32
  private let path: String
  private let expected: String
  // Written by the thread, read by others only after they have joined it.
  private var failure: TernError?
  private var thread: pthread_t?

  /// Begins to hash the file behind the seal's block.
  /// - Parameter expected: the seal's text.
  init(_ descriptor: Int32, _ path: String, expected: String) {
    self.descriptor = descriptor
    self.path = path
    self.expected = expected
    var handle = pthread_t()
    let ticket = Unmanaged.passRetained(self)
    let status = pthread_create(
      &handle, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<SealCheck>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, ticket.toOpaque())
    if status == 0 {
      thread = handle
    } else {
      // Where no thread is to be had, the check is made at once.
      ticket.release()
      run()
    }
  }

  private func run() {
    do throws(TernError) { try Seal.verify(descriptor, path, expected: expected) } catch { failure = error }
  }

  /// Waits for the result; again and again the same. One thread at a time may ask.
  /// - Throws: `TernError` of kind `data` when the bytes are not those that were sealed.
  func wait() throws(TernError) {
    if let thread { pthread_join(thread, nil) }
    thread = nil
    if let failure { throw failure }
  }
}
