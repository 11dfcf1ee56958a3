/// Memory of fixed size that lives as long as some copy of this value; the elements are shared by the copies.
struct Storage<Element> {
  /// The elements. Read in place, so that a kernel reaches them in one step.
  let start: UnsafeMutablePointer<Element>
  let count: Int
  private let owner: Owner

  private final class Owner {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int, _ value: Element) {
      self.count = count
      start = .allocate(capacity: count)
      start.initialize(repeating: value, count: count)
    }

    deinit {
      start.deinitialize(count: count)
      start.deallocate()
    }
  }

  init(_ count: Int, repeating value: Element) {
    self.count = count
    owner = Owner(max(1, count), value)
    start = owner.start
  }
}
