import Foundation

/// A disk of one MiB, for tests of what happens when it is full.
public struct TinyDisk {
  /// Where it is mounted.
  public let path: String

  /// Mounts a disk; nil where that is not permitted.
  public init?() {
    let path = NSTemporaryDirectory() + "tern-disk-\(UUID().uuidString)"
    guard mkdir(path, 0o700) == 0, mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else {
      rmdir(path)
      return nil
    }
    self.path = path
  }

  /// Takes the disk away.
  public func unmount() {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Whether a disk can be mounted here.
  public static let isAvailable: Bool = {
    guard let disk = TinyDisk() else { return false }
    disk.unmount()
    return true
  }()

  /// Fills the disk but for about `spare` bytes.
  public func fill(sparing spare: Int) {
    let filler = open(path + "/filler", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    var written = 0
    let block = [UInt8](repeating: 1, count: 4096)
    while write(filler, block, block.count) == block.count { written += block.count }
    ftruncate(filler, off_t(max(0, written - spare)))
    close(filler)
  }

  /// Frees what `fill` took, even while a process that was forked meanwhile holds the file open.
  public func empty() {
    truncate(path + "/filler", 0)
    unlink(path + "/filler")
  }
}
