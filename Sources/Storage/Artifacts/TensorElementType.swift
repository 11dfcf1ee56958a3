/// The element types of safetensors files, in the order of the reference implementation.
///
/// The order decides where tensors lie in a file: greater types come first, so that wide elements stay aligned.
/// Types narrower than a byte and the 8-bit floating-point variants are refused.
public enum TensorElementType: String, Sendable, CaseIterable, Comparable {
  /// One byte holding 0 or 1.
  case bool = "BOOL"
  /// Unsigned 8-bit integer.
  case uint8 = "U8"
  /// Signed 8-bit integer.
  case int8 = "I8"
  /// Signed 16-bit integer.
  case int16 = "I16"
  /// Unsigned 16-bit integer.
  case uint16 = "U16"
  /// 16-bit IEEE floating point.
  case float16 = "F16"
  /// 16-bit brain floating point.
  case bfloat16 = "BF16"
  /// Signed 32-bit integer.
  case int32 = "I32"
  /// Unsigned 32-bit integer.
  case uint32 = "U32"
  /// 32-bit IEEE floating point.
  case float32 = "F32"
  /// 64-bit IEEE floating point.
  case float64 = "F64"
  /// Signed 64-bit integer.
  case int64 = "I64"
  /// Unsigned 64-bit integer.
  case uint64 = "U64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Orders as the reference implementation declares its types.
  public static func < (a: TensorElementType, b: TensorElementType) -> Bool { a.rank < b.rank }
}

/// A Swift number that a tensor of a file can be viewed as.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The element type in the file.
  static var tensorElementType: TensorElementType { get }
}

extension Float: TensorElement {
  /// `F32`.
  public static var tensorElementType: TensorElementType { .float32 }
}

extension Double: TensorElement {
  /// `F64`.
  public static var tensorElementType: TensorElementType { .float64 }
}

extension Int32: TensorElement {
  /// `I32`.
  public static var tensorElementType: TensorElementType { .int32 }
}

extension Int64: TensorElement {
  /// `I64`.
  public static var tensorElementType: TensorElementType { .int64 }
}

extension UInt8: TensorElement {
  /// `U8`.
  public static var tensorElementType: TensorElementType { .uint8 }
}
