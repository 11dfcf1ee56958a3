/// How far compressed input may expand.
///
/// A few kilobytes of deflate can claim gigabytes (the ratio reaches 1032 : 1), so every reader stops with an
/// error once its output passes a limit instead of exhausting the memory.
public enum CompressionLimits {
  /// Largest output of one whole-buffer decompression, bytes: 4 GiB.
  public static let wholeBuffer = 4 << 30
  /// Largest output of one stream, bytes: 256 GiB. A stream never holds more than one block of it.
  public static let stream = 256 << 30
}
