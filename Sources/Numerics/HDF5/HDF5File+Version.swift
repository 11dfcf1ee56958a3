import CHDF5

extension HDF5File {
  /// Version of the library in use, such as `1.10.8`.
  public static var libraryVersion: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }
}
