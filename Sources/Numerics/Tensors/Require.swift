import Glibc

/// Stops the process when a caller breaks a rule such as a shape that does not fit.
///
/// Kernels are compiled without checks, where `precondition` would be taken for granted instead of tested.
@inline(__always)
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { stop(message()) }
}

/// Says why on standard error and stops the process.
@inline(never)
func stop(_ message: String) -> Never {
  let text = Array("tensors: \(message)\n".utf8)
  _ = write(STDERR_FILENO, text, text.count)
  abort()
}
