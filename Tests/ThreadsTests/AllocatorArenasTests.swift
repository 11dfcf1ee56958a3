import Testing
import Threads

@Suite("Heaps of the C library")
struct AllocatorArenasTests {
  /// As many as the library allows itself on two processors, so that other tests notice nothing.
  @Test("can be limited") func limit() { #expect(AllocatorArenas.limit(to: 16)) }
}
