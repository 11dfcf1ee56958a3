import CHDF5
import Diagnostics
import Synchronization

/// The library is one shared machine: a single lock serialises every call into it.
private let lock = Mutex(())

/// Runs `body` alone in the library, with its error printing silenced.
func alone<Result: ~Copyable>(_ body: () throws(TernError) -> Result) throws(TernError) -> Result {
  try lock.withLock { _ throws(TernError) in
    tern_h5_silence()
    H5Eclear2(hid_t(H5E_DEFAULT))
    return try body()
  }
}

/// An identifier of the library that is released when it goes out of scope.
struct Handle: ~Copyable {
  let id: hid_t
  private let release: (hid_t) -> herr_t

  init?(_ id: hid_t, _ release: @escaping (hid_t) -> herr_t) {
    guard id >= 0 else { return nil }
    self.id = id
    self.release = release
  }

  deinit { _ = release(id) }
}

/// The error of the call that just failed: its kind tells a full disk from bad data.
func failure(_ what: String, file: String, object: String? = nil, kind: TernError.Kind = .data) -> TernError {
  let last = tern_h5_last_failure()
  let detail = withUnsafeBytes(of: last.innermost) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  let text = detail.isEmpty ? what : "\(what): \(detail)"
  return TernError(last.no_space != 0 ? .temporary : kind, text, file: file, key: object)
}
