import CAllocator

/// The heaps that the C library keeps side by side, so that threads need not wait for one another.
///
/// Each of them stays as large as it ever was. Threads that come and go, such as those that decode a stack, spread over
/// more heaps the busier the machine is, so a program that runs for months is better off with few.
public enum AllocatorArenas {
  /// Allows so many heaps from now on; those that exist stay.
  /// - Returns: whether the C library has such heaps.
  @discardableResult
  public static func limit(to count: Int) -> Bool { tern_limit_arenas(Int32(clamping: count)) == 1 }
}
