import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@testable import Journal

@Suite struct DamageTests {
  /// Wherever the file ends, resuming finds exactly the last commit before, and the journal goes on from there.
  @Test func everyTruncationRecoversToTheLastCommit() throws {
    let slate = Slate()
    let original = Slate()
    unlink(original.path)
    let sample = try Sample.small(at: original.path)
    for size in 0...sample.bytes.count {
      slate.write(Array(sample.bytes[..<size]))
      let expected = sample.boundary(before: size)
      let isWhole = expected.offset == size && size > 0
      let error = failure { try read(slate.path, .strict) }
      #expect(isWhole ? error == nil : error?.kind == .data, "\(size) bytes")
      var count: UInt64 = 0
      let journal = try JournalWriter(resuming: slate.path) { _ in count += 1 }
      #expect(count == expected.sequence && journal.sequence == count && journal.lastHash == expected.hash)
      #expect(journal.byteCount == max(expected.offset, JournalFormat.headerBytes))
      #expect(journal.tornTail?.byteCount ?? 0 == size - expected.offset)
      #expect((journal.tornTail == nil) == isWhole)
      #expect(try AtomicFile.read(slate.path) == Array(sample.bytes[..<journal.byteCount]))
      try journal.append(journal.sequence == 0 ? .session : .stop, time: 9) { _ in }
      try journal.commit(flush: true)
      #expect(try read(slate.path, .strict).count == Int(count) + 1)
    }
  }

  /// No single bit changes unnoticed: neither reading nor resuming takes it for a crash, and the error names the
  /// record that holds the bit.
  @Test func everyFlippedBitIsNamed() throws {
    let slate = Slate()
    let original = Slate()
    unlink(original.path)
    let sample = try Sample.small(at: original.path)
    var bytes = sample.bytes
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      slate.write(bytes)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let record = sample.record(at: bit / 8)
      for mode in [JournalReader.Mode.strict, .recovering] {
        guard record != nil else {
          let error = failure { try JournalReader(path: slate.path, mode: mode) }
          #expect(error?.kind == .data && error?.key == "header", "bit \(bit)")
          continue
        }
        let reader = try JournalReader(path: slate.path, mode: mode)
        let error = failure { while try reader.next() != nil {} }
        #expect(
          error?.kind == .data && error?.message.contains("altered") == true,
          "bit \(bit): \(String(describing: error))")
        #expect(reader.faultPlace?.sequence == record, "bit \(bit)")
        #expect(error?.key == reader.faultPlace?.description && error?.file == slate.path)
        // What was given out before is a prefix of what was committed.
        #expect(sample.boundaries.contains { $0.offset == reader.offset && $0.hash == reader.lastHash })
        #expect(reader.offset <= bit / 8)
      }
    }
  }

  /// A bit that makes the last record seem to run beyond the end, in every journal of one to five groups.
  @Test func aLengthBeyondTheEndIsNotTakenForACrash() throws {
    let slate = Slate()
    let original = Slate()
    unlink(original.path)
    let sample = try Sample.small(at: original.path)
    for (start, next) in zip(sample.starts, sample.starts.dropFirst() + [sample.bytes.count]) {
      // Only a record whose group is complete counts; what follows a later one is torn and may go.
      guard let end = sample.boundaries.first(where: { $0.offset >= next })?.offset else { continue }
      // These bits reach beyond the end of so small a file.
      for bit in 12..<24 {
        var bytes = Array(sample.bytes[..<end])
        bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
        slate.write(bytes)
        let error = failure { try JournalWriter(resuming: slate.path) }
        #expect(error?.kind == .data && error?.message.contains("length") == true)
        #expect(error?.expected == "\(next - start - JournalFormat.overheadBytes)")
        #expect(try AtomicFile.read(slate.path) == bytes)
      }
    }
  }

  /// A loss of power leaves zeros from a sector on, whatever the size that the file had reached.
  @Test func zerosAfterALossOfPowerAreATornTail() throws {
    let slate = Slate()
    let original = Slate()
    unlink(original.path)
    var random = SplitMix(state: 3)
    var groups = [[Entry(kind: .session, lane: 0, time: 0, payload: [])]]
    for _ in 0..<60 { groups.append((0..<3).map { _ in .random(&random, longest: 300) }) }
    let sample = try Sample(groups, at: original.path)
    for boundary in stride(from: 512, to: sample.bytes.count - 8, by: 512) {
      var bytes = sample.bytes
      for index in boundary..<bytes.count { bytes[index] = 0 }
      slate.write(bytes)
      let expected = sample.boundary(before: boundary)
      #expect(failure { try read(slate.path, .strict) }?.message.contains("torn") == true)
      let journal = try JournalWriter(resuming: slate.path)
      #expect(journal.sequence == expected.sequence && journal.lastHash == expected.hash)
      #expect(journal.tornTail?.cause == .zeros && journal.tornTail?.offset == expected.offset)
      #expect(try AtomicFile.read(slate.path) == Array(sample.bytes[..<expected.offset]))
    }
    for extra in [1, 7, 24, 55, 56, 57, 4096, 1 << 20] {
      slate.write(sample.bytes + [UInt8](repeating: 0, count: extra))
      let journal = try JournalWriter(resuming: slate.path)
      #expect(journal.tornTail?.cause == .zeros && journal.tornTail?.byteCount == extra)
      #expect(journal.byteCount == sample.bytes.count)
    }
  }

  @Test func aWholeRecordOfAnUnknownKindIsNotCalledAltered() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path + "/a.journal"
    let sample = try Sample.small(at: path)
    for (offset, value) in [(4, UInt8(200)), (5, 2)] {
      // The last record of the journal, with another kind or version and a hash that fits.
      let start = sample.starts[sample.starts.count - 1]
      var bytes = sample.bytes
      bytes[start + offset] = value
      let end = bytes.count - ChainHash.byteCount
      let hash = bytes.withUnsafeBytes {
        StreamingSHA256.hash(UnsafeRawBufferPointer(rebasing: $0[(start - ChainHash.byteCount)..<end]))
      }
      bytes.withUnsafeMutableBytes { hash.write(to: UnsafeMutableRawBufferPointer(rebasing: $0[end...])) }
      try AtomicFile.write(bytes, to: path)
      let error = failure { try JournalWriter(resuming: path) }
      #expect(error?.kind == .data && error?.message.contains("does not know") == true)
      #expect(try AtomicFile.read(path) == bytes)
    }
  }

  /// Two hundred thousand random mutations: an error, or exactly a prefix of what was committed.
  @Test func randomMutationsAreRefusedOrCutToACommit() throws {
    var random = SplitMix(state: 99)
    let slate = Slate()
    var kinds = [0, 0, 0]
    for seed in 1...20 {
      let original = Slate()
      unlink(original.path)
      let sample = try Sample.small(at: original.path, seed: UInt64(seed))
      for round in 0..<10_000 {
        var bytes = sample.bytes
        for _ in 0..<(Int.random(in: 0..<4, using: &random) == 0 ? 2 : 1) { mutate(&bytes, &random) }
        slate.write(bytes)
        kinds[try outcome(bytes, of: sample, in: slate.path, resume: round % 20 == 0)] += 1
      }
    }
    // Refused, cut to a commit, and mutations without effect: all must have happened, or the test proves little.
    #expect(kinds[0] > 100_000 && kinds[1] > 1_000 && kinds[2] > 100, "\(kinds)")
  }

  /// 0 when refused, 1 when cut to a commit, 2 when whole.
  private func outcome(
    _ bytes: [UInt8], of sample: Sample, in path: String, resume: Bool
  ) throws -> Int {
    let strict = failure { try drain(path, .strict, bytes, of: sample) }
    if strict == nil {
      // Only the original or one that ends at a commit of it.
      #expect(sample.boundaries.contains { $0.offset == bytes.count })
      #expect(bytes == Array(sample.bytes[..<bytes.count]))
    }
    var tail: TornTail?
    let error = failure { tail = try drain(path, .recovering, bytes, of: sample) }
    let agree = strict?.kind == .data || (strict == nil && error == nil && tail == nil)
    if !agree || (error != nil && error?.kind != .data) {
      Issue.record("\(String(describing: strict)) and \(String(describing: error))")
    }
    if resume {
      let resumed = failure { try JournalWriter(resuming: path) }
      #expect(resumed == error)
      let left = try AtomicFile.read(path)
      if error != nil {
        #expect(left == bytes)
      } else {
        let size = max(JournalFormat.headerBytes, tail?.offset ?? bytes.count)
        #expect(left == Array(sample.bytes[..<size]))
      }
    }
    return error != nil ? 0 : tail != nil ? 1 : 2
  }

  private func drain(
    _ path: String, _ mode: JournalReader.Mode, _ bytes: [UInt8], of sample: Sample
  ) throws -> TornTail? {
    let reader = try JournalReader(path: path, mode: mode)
    defer {
      let boundary = sample.boundary(before: reader.offset)
      let isPrefix =
        boundary == Boundary(offset: reader.offset, sequence: reader.sequence, hash: reader.lastHash)
        && bytes[..<reader.offset].elementsEqual(sample.bytes[..<reader.offset])
      if !isPrefix {
        Issue.record("record \(reader.sequence) at \(reader.offset) is not as it was committed")
      }
    }
    while try reader.next() != nil {}
    return reader.tornTail
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    let start = Int.random(in: 0..<bytes.count, using: &random)
    let most = Bool.random(using: &random) ? 8 : bytes.count
    let end = min(bytes.count, start + Int.random(in: 1...most, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[start] = .random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(start..<end)
    case 3: bytes.removeSubrange(start...)
    case 4: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
    case 5:
      let noise = (start..<end).map { _ in UInt8.random(in: 0...255, using: &random) }
      bytes.insert(contentsOf: noise, at: start)
    case 6: for index in start..<end { bytes[index] = 0 }
    default:
      let other = Int.random(in: 0..<bytes.count, using: &random)
      for step in 0..<min(end - start, bytes.count - max(start, other)) {
        bytes.swapAt(start + step, other + step)
      }
    }
  }
}
