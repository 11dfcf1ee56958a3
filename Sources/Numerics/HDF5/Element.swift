import CHDF5

/// The kinds of number that a dataset may hold.
public enum HDF5ElementType: String, Sendable, CaseIterable {
  /// 32-bit IEEE floating point.
  case float32
  /// 64-bit IEEE floating point.
  case float64
  /// Signed 32-bit integer.
  case int32
  /// Signed 64-bit integer.
  case int64
  /// Unsigned 8-bit integer.
  case uint8

  var fileType: hid_t {
    switch self {
    case .float32: tern_h5t_file_float()
    case .float64: tern_h5t_file_double()
    case .int32: tern_h5t_file_int32()
    case .int64: tern_h5t_file_int64()
    case .uint8: tern_h5t_file_uint8()
    }
  }

  var memoryType: hid_t {
    switch self {
    case .float32: tern_h5t_native_float()
    case .float64: tern_h5t_native_double()
    case .int32: tern_h5t_native_int32()
    case .int64: tern_h5t_native_int64()
    case .uint8: tern_h5t_native_uint8()
    }
  }

  /// The element type that a stored type means, whatever its byte order; nil for any other type.
  init?(stored type: hid_t) {
    switch (H5Tget_class(type), H5Tget_size(type), H5Tget_sign(type)) {
    case (H5T_FLOAT, 4, _): self = .float32
    case (H5T_FLOAT, 8, _): self = .float64
    case (H5T_INTEGER, 4, H5T_SGN_2): self = .int32
    case (H5T_INTEGER, 8, H5T_SGN_2): self = .int64
    case (H5T_INTEGER, 1, H5T_SGN_NONE): self = .uint8
    default: return nil
    }
  }
}

/// A Swift number that datasets can hold.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  /// How the number is stored.
  static var elementType: HDF5ElementType { get }
}

extension Float: HDF5Element {
  /// `float32`.
  public static var elementType: HDF5ElementType { .float32 }
}

extension Double: HDF5Element {
  /// `float64`.
  public static var elementType: HDF5ElementType { .float64 }
}

extension Int32: HDF5Element {
  /// `int32`.
  public static var elementType: HDF5ElementType { .int32 }
}

extension Int64: HDF5Element {
  /// `int64`.
  public static var elementType: HDF5ElementType { .int64 }
}

extension UInt8: HDF5Element {
  /// `uint8`.
  public static var elementType: HDF5ElementType { .uint8 }
}
