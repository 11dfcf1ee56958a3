import Glibc
import Synchronization

/// A fixed set of threads that run the same small parallel regions over and over.
///
/// A region is `count` independent items; lanes claim items one after another, so an item must write only what
/// belongs to it. Which lane runs an item is unspecified: results that do not depend on the lane are the same for
/// any number of threads. Sums over items are formed by the caller in item order.
///
/// Idle lanes spin for some tens of microseconds and then sleep on a condition variable. A region never waits for a lane
/// that did not wake up in time: the calling thread takes the remaining items itself. A region opened while
/// another one is running (from an item, or from another thread) runs on its calling thread alone.
public final class ThreadPool: Sendable {
  /// Number of lanes, the calling thread included.
  public let threads: Int
  private let core: PoolCore
  private let handles: [pthread_t]

  /// Starts `threads - 1` threads; values below one count as one.
  public init(threads: Int) {
    let wanted = min(max(threads, 1), 1024)
    let core = PoolCore()
    var handles: [pthread_t] = []
    for lane in 1..<max(wanted, 1) {
      let ticket = Unmanaged.passRetained(LaneTicket(core: core, lane: lane))
      var handle = pthread_t()
      let status = pthread_create(
        &handle, nil,
        { raw in
          guard let raw else { return nil }
          let ticket = Unmanaged<LaneTicket>.fromOpaque(raw).takeRetainedValue()
          ticket.core.serve(lane: ticket.lane)
          return nil
        }, ticket.toOpaque())
      if status != 0 {
        ticket.release()
        break
      }
      handles.append(handle)
    }
    self.core = core
    self.handles = handles
    self.threads = handles.count + 1
  }

  deinit {
    core.stop()
    for handle in handles { pthread_join(handle, nil) }
  }

  /// Number of processors that are online.
  public static var availableThreads: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Runs `body(item, lane)` for every item in `0..<count` and returns when all are done.
  ///
  /// `lane` is in `0..<threads` and no two items run on one lane at a time, so it may index scratch space.
  public func parallelFor(count: Int, _ body: (_ item: Int, _ lane: Int) -> Void) {
    if count <= 0 { return }
    if threads == 1 || count == 1 {
      for item in 0..<count { body(item, 0) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      parallelFor(count: count, with: escaping) { body, item, lane in body(item, lane) }
    }
  }

  /// The same for a body that works on a value and captures nothing: such a region allocates nothing on the heap.
  @inlinable
  public func parallelFor<Work>(
    count: Int, with work: Work, _ body: @escaping (_ work: Work, _ item: Int, _ lane: Int) -> Void
  ) {
    if count <= 0 { return }
    if threads > 1, count > 1 {
      let isDone = withUnsafePointer(to: ParallelRegion(work: work, body: body)) { region in
        open(count: count, UnsafeRawPointer(region), ParallelRegion<Work>.self)
      }
      if isDone { return }
    }
    for item in 0..<count { body(work, item, 0) }
  }

  /// `parallelChunks` for a body that works on a value and captures nothing.
  @inlinable
  public func parallelChunks<Work>(
    of total: Int, chunk: Int, with work: Work,
    _ body: @escaping (_ work: Work, _ range: Range<Int>, _ lane: Int) -> Void
  ) {
    let size = max(chunk, 1)
    parallelFor(
      count: (total + size - 1) / size, with: ChunkedWork(work: work, body: body, total: total, size: size)
    ) { own, item, lane in
      own.body(own.work, item * own.size..<min(own.total, (item + 1) * own.size), lane)
    }
  }

  /// Runs a region on all lanes; false, and nothing done, if another one is running.
  @usableFromInline
  func open(count: Int, _ region: UnsafeRawPointer, _ type: any ParallelItems.Type) -> Bool {
    guard core.acquire() else { return false }
    core.run(count: count, region, type)
    core.release()
    return true
  }

  /// Runs `body(range, lane)` over fixed chunks of `chunk` consecutive elements of `0..<total`.
  ///
  /// The chunks depend on `total` and `chunk` only, never on the number of threads.
  public func parallelChunks(of total: Int, chunk: Int, _ body: (_ range: Range<Int>, _ lane: Int) -> Void) {
    let size = max(chunk, 1)
    parallelFor(count: (total + size - 1) / size) { item, lane in
      body(item * size..<min(total, (item + 1) * size), lane)
    }
  }
}

/// Something that consists of items, in memory that a pool knows the address of.
@usableFromInline
protocol ParallelItems {
  static func run(_ region: UnsafeRawPointer, item: Int, lane: Int)
}

/// A body and what it works on.
@frozen
@usableFromInline
struct ParallelRegion<Work>: ParallelItems {
  @usableFromInline let work: Work
  @usableFromInline let body: (Work, Int, Int) -> Void

  @inlinable
  init(work: Work, body: @escaping (Work, Int, Int) -> Void) {
    self.work = work
    self.body = body
  }

  @inlinable
  static func run(_ region: UnsafeRawPointer, item: Int, lane: Int) {
    let own = region.assumingMemoryBound(to: ParallelRegion<Work>.self)
    own.pointee.body(own.pointee.work, item, lane)
  }
}

/// A body that takes ranges of elements.
@frozen
@usableFromInline
struct ChunkedWork<Work> {
  @usableFromInline let work: Work
  @usableFromInline let body: (Work, Range<Int>, Int) -> Void
  @usableFromInline let total: Int
  @usableFromInline let size: Int

  @inlinable
  init(work: Work, body: @escaping (Work, Range<Int>, Int) -> Void, total: Int, size: Int) {
    self.work = work
    self.body = body
    self.total = total
    self.size = size
  }
}

/// What a new lane needs to know.
private final class LaneTicket: Sendable {
  let core: PoolCore
  let lane: Int

  init(core: PoolCore, lane: Int) {
    self.core = core
    self.lane = lane
  }
}

/// The shared state of a pool.
///
/// `state` packs the region's generation (high 32 bits), an open flag and the number of lanes inside. A lane joins an
/// open region by adding one; the caller closes the region when its items are claimed and waits for the
/// count to return to zero. So `region`, `count` and `next` are written only while no lane can read them.
private final class PoolCore: @unchecked Sendable {
  private static let open: UInt64 = 1 << 31
  /// Looks before a lane sleeps: some tens of microseconds, about the serial work between the regions of a small tree. To wake
  /// a sleeping processor takes as long.
  private static let spinLimit = 40_000

  private let state = Atomic<UInt64>(0)
  private let next = Atomic<Int>(0)
  private let busy = Atomic<Bool>(false)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let callerWaits = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var count = 0
  private var region: (items: UnsafeRawPointer, type: any ParallelItems.Type)?

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_cond_destroy(done)
    pthread_mutex_destroy(mutex)
    wake.deallocate()
    done.deallocate()
    mutex.deallocate()
  }

  func acquire() -> Bool {
    busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func release() { busy.store(false, ordering: .releasing) }

  func run(count: Int, _ items: UnsafeRawPointer, _ type: any ParallelItems.Type) {
    self.count = count
    region = (items, type)
    next.store(0, ordering: .relaxed)
    let generation = (state.load(ordering: .relaxed) >> 32) &+ 1
    state.store(generation << 32 | PoolCore.open, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
    }
    drain(lane: 0, count: count, items, type)
    state.bitwiseAnd(~PoolCore.open, ordering: .acquiringAndReleasing)
    waitForLanes()
    region = nil
  }

  private func waitForLanes() {
    for _ in 0..<PoolCore.spinLimit where inside == 0 { return }
    pthread_mutex_lock(mutex)
    callerWaits.store(true, ordering: .sequentiallyConsistent)
    while inside != 0 { pthread_cond_wait(done, mutex) }
    callerWaits.store(false, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }

  private var inside: UInt64 { state.load(ordering: .sequentiallyConsistent) & (PoolCore.open - 1) }

  @inline(__always)
  private func drain(lane: Int, count: Int, _ items: UnsafeRawPointer, _ type: any ParallelItems.Type) {
    while true {
      let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if item >= count { return }
      type.run(items, item: item, lane: lane)
    }
  }

  func serve(lane: Int) {
    var seen: UInt64 = 0
    while let generation = join(after: seen) {
      seen = generation
      if let region { drain(lane: lane, count: count, region.items, region.type) }
      let left = state.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
      if left & (PoolCore.open - 1) == 0, callerWaits.load(ordering: .sequentiallyConsistent) {
        pthread_mutex_lock(mutex)
        pthread_cond_signal(done)
        pthread_mutex_unlock(mutex)
      }
    }
  }

  /// Waits for an open region newer than `seen`, joins it and returns its generation; nil when the pool stops.
  private func join(after seen: UInt64) -> UInt64? {
    for _ in 0..<PoolCore.spinLimit {
      if let generation = tryJoin(after: seen) { return generation }
      if stopping.load(ordering: .relaxed) { return nil }
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    while true {
      if let generation = tryJoin(after: seen) { return generation }
      if stopping.load(ordering: .sequentiallyConsistent) { return nil }
      pthread_cond_wait(wake, mutex)
    }
  }

  private func tryJoin(after seen: UInt64) -> UInt64? {
    var current = state.load(ordering: .sequentiallyConsistent)
    while current & PoolCore.open != 0, current >> 32 != seen {
      let attempt = state.compareExchange(
        expected: current, desired: current &+ 1, ordering: .sequentiallyConsistent)
      if attempt.exchanged { return current >> 32 }
      current = attempt.original
    }
    return nil
  }

  func stop() {
    pthread_mutex_lock(mutex)
    stopping.store(true, ordering: .sequentiallyConsistent)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
  }
}
