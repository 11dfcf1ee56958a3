public import Compute

/// The memory and the threads of one leading thread's computations.
///
/// Storages are kept by size class and handed out again as soon as nothing but the workspace refers to them, so that
/// releasing a tensor needs no call and, once every shape has occurred, nothing asks the system for memory. A workspace
/// belongs to one thread at a time; the lanes of its pool see pointers only.
public final class Workspace {
  /// The threads that kernels share.
  public let pool: ThreadPool
  /// What multiplies large matrices; nil leaves all to the kernels here.
  public var largeProducts: (any LargeMatrixProduct)?
  /// Whether it computes a part of a batch while other threads compute others.
  public let isPart: Bool
  private var classes: [[Storage]]
  private var parts: [Workspace] = []
  private var lanes = Storage(capacity: 16)
  private var laneStride = 0

  /// A workspace over a pool.
  public init(pool: ThreadPool, largeProducts: (any LargeMatrixProduct)? = nil) {
    self.pool = pool
    self.largeProducts = largeProducts
    isPart = false
    classes = Array(repeating: [], count: SizeClass.count)
  }

  private init(partOver pool: ThreadPool) {
    self.pool = pool
    isPart = true
    classes = Array(repeating: [], count: SizeClass.count)
  }

  /// Workspaces of one thread each that last as long as this one, for parts of a batch that lanes compute side by side.
  public func parts(_ count: Int) -> [Workspace] {
    let serial = parts.first?.pool ?? ThreadPool(threads: 1)
    while parts.count < count { parts.append(Workspace(partOver: serial)) }
    return Array(parts.prefix(count))
  }

  /// A tensor with undefined elements.
  public func tensor(_ shape: Shape) -> Tensor { Tensor(storage(shape.count), shape) }

  /// A tensor with every element the same.
  public func filled(_ shape: Shape, _ value: Float = 0) -> Tensor {
    let result = tensor(shape)
    result.pointer.update(repeating: value, count: shape.count)
    return result
  }

  /// A tensor of integers with undefined elements.
  public func indices(_ shape: Shape) -> IndexTensor { IndexTensor(storage(shape.count), shape) }

  /// A free storage for at least `count` elements.
  public func storage(_ count: Int) -> Storage {
    let own = SizeClass.index(of: count)
    // A block up to a quarter too large is better than another block.
    for index in own..<min(own + 3, SizeClass.count) {
      for position in classes[index].indices where isKnownUniquelyReferenced(&classes[index][position]) {
        return classes[index][position]
      }
    }
    let fresh = Storage(capacity: SizeClass.capacity(own))
    classes[own].append(fresh)
    return fresh
  }

  /// Number of elements in all storages, free or not.
  public var heldElements: Int {
    classes.reduce(0) { $0 + $1.reduce(0) { $0 + $1.capacity } } + lanes.capacity
      + parts.reduce(0) { $0 + $1.heldElements }
  }

  /// Scratch space of at least `count` elements for every lane, undefined at the start of each kernel.
  ///
  /// The space stays valid until the next call; a kernel asks once, before its parallel region.
  @inline(__always)
  func scratch(_ count: Int) -> LaneScratch {
    if laneStride < count {
      laneStride = SizeClass.rounded(count + 16) & ~15
      lanes = Storage(capacity: laneStride * pool.threads)
    }
    return LaneScratch(base: lanes.pointer, stride: laneStride)
  }
}

/// The scratch space of each lane.
struct LaneScratch: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let stride: Int

  @inline(__always)
  subscript(_ lane: Int) -> UnsafeMutablePointer<Float> { base + lane * stride }
}

/// Eight sizes for each power of two, so that a block is at most an eighth too large.
enum SizeClass {
  static let count = 8 * 40

  /// The class of the smallest block that holds `elements`.
  static func index(of elements: Int) -> Int {
    let wanted = max(elements, 16)
    // 2^exponent <= wanted - 1 < 2^(exponent + 1), eight steps between.
    let below = wanted - 1
    let exponent = Int.bitWidth - 1 - below.leadingZeroBitCount
    let step = (below >> (exponent - 3)) & 7
    return (exponent - 3) * 8 + step + 1
  }

  /// Number of elements of a class's blocks.
  static func capacity(_ index: Int) -> Int {
    let previous = index - 1
    let exponent = previous / 8 + 3
    return (8 + previous % 8 + 1) << (exponent - 3)
  }

  /// The size of the block that holds `elements`.
  static func rounded(_ elements: Int) -> Int { capacity(index(of: elements)) }
}
