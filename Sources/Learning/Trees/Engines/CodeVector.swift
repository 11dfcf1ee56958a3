/// One byte for each of 64 rows: codes of a feature, or leaf numbers.
typealias CodeVector = SIMD64<UInt8>

/// One yes or no for each of 64 rows.
typealias CodeMask = SIMDMask<SIMD64<Int8>>

/// Bitwise operations on 64 bytes, written on words: on bytes the standard library works lane by lane.
extension CodeVector {
  private typealias Words = SIMD8<UInt64>

  /// The four bytes of a word over and over; the word holds one byte four times, which is loaded at no cost.
  @inline(__always)
  init(word: UInt32) { self = unsafeBitCast(SIMD16<UInt32>(repeating: word), to: CodeVector.self) }

  /// `yes` where the mask holds, else `self`.
  @inline(__always)
  func replaced(by yes: CodeVector, where mask: CodeMask) -> CodeVector {
    let chosen = unsafeBitCast(mask, to: Words.self)
    let no = unsafeBitCast(self, to: Words.self)
    return unsafeBitCast((unsafeBitCast(yes, to: Words.self) & chosen) | (no & ~chosen), to: CodeVector.self)
  }

  /// `self` plus one where the mask holds.
  @inline(__always)
  func incremented(where mask: CodeMask) -> CodeVector { self &- unsafeBitCast(mask, to: CodeVector.self) }

  /// Where both masks hold.
  @inline(__always)
  static func both(_ a: CodeMask, _ b: CodeMask) -> CodeMask {
    unsafeBitCast(unsafeBitCast(a, to: Words.self) & unsafeBitCast(b, to: Words.self), to: CodeMask.self)
  }
}

/// A node's test of coded rows: passed, and the row goes right, if the code is at least the node's.
struct CodedTest: Sendable, Equatable {
  /// The node's code in each of four bytes.
  var code: UInt32
  /// First byte of the column among the codes of a block.
  var offset: UInt32

  /// The rows among 64 that go right.
  @inline(__always)
  func passes(_ codes: UnsafeRawPointer) -> CodeMask {
    (codes + Int(offset)).loadUnaligned(as: CodeVector.self) .>= CodeVector(word: code)
  }
}
