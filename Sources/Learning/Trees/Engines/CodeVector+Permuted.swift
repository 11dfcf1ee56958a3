extension CodeVector {
  /// The bytes of this vector that the lanes of `places` name, each below 64: lane i holds `self[places[i]]`.
  ///
  /// In loops so short that they are unrolled: of lanes with constant numbers the compiler makes one permutation.
  @inline(__always)
  func permuted(_ places: CodeVector) -> CodeVector {
    var result = CodeVector(repeating: 0)
    for lane in 0..<16 { result[lane] = self[Int(places[lane])] }
    for lane in 16..<32 { result[lane] = self[Int(places[lane])] }
    for lane in 32..<48 { result[lane] = self[Int(places[lane])] }
    for lane in 48..<64 { result[lane] = self[Int(places[lane])] }
    return result
  }
}
