import Diagnostics
import Files
import Foundation
import Testing

@testable import Artifacts

private let strangeName = "quote\"back\\slash/é\t\u{1}\u{7f}"

/// What `Golden/make.py` writes, in another order.
private let reference: [NamedTensor] = [
  NamedTensor(strangeName, .float32([1])),
  NamedTensor("empty", shape: [0, 4], .float32([])),
  NamedTensor("bytes", .uint8([0, 127, 255])),
  NamedTensor("nodes.feature", shape: [1, 2], .int32([-1, .max])),
  NamedTensor("a.count", shape: [], .int64([1 << 40])),
  NamedTensor("z.double", .float64([0.1, -2.5])),
  NamedTensor("encoder.0.bias", .float32([.infinity, -0.0, .leastNonzeroMagnitude])),
  NamedTensor("encoder.0.weight", shape: [2, 3], .float32((0..<6).map { Float($0) / 7 })),
]
private let referenceMetadata = ["configuration": "{\"a\": \"µ/\\\\ \n\u{1f}\"}"]

@Suite struct SafetensorsTests {
  @Test func theReferenceWritersFileIsReadBitForBit() throws {
    let file = try SafetensorsFile(path: goldenPath("reference.safetensors"))
    #expect(file.metadata == referenceMetadata)
    #expect(file.names.sorted() == reference.map(\.name).sorted())
    for tensor in reference { #expect(try file.tensor(tensor.name) == tensor) }
    #expect(try file.int32("nodes.feature").shape == [1, 2])
    #expect(try file.float64("z.double").array == [0.1, -2.5])
  }

  @Test func ourWriterGivesTheReferenceWritersBytes() throws {
    #expect(
      try Safetensors.encode(tensors: reference, metadata: referenceMetadata)
        == golden("reference.safetensors"))
    #expect(
      try Safetensors.encode(tensors: [NamedTensor("w", .float32([1, 2, 3]))]) == golden("plain.safetensors"))
    #expect(
      try Safetensors.encode(tensors: reference.reversed(), metadata: referenceMetadata)
        == Safetensors.encode(tensors: reference.shuffled(), metadata: referenceMetadata))
  }

  @Test func otherElementTypesAreListedAndRefused() throws {
    let file = try SafetensorsFile(path: goldenPath("other-types.safetensors"))
    #expect(try file.elementType(of: "half") == .float16)
    #expect(try file.elementType(of: "flag") == .bool)
    #expect(try file.float32("weight").array == [0.25])
    #expect(failure { try file.tensor("half") }?.found == "F16")
    #expect(failure { try file.float64("weight") }?.expected == "F64")
    #expect(failure { try file.float32("weigth") }?.expected == "did you mean weight?")
  }

  @Test func aViewOutlivesItsFileObject() throws {
    let path = temporaryPath("view.safetensors")
    defer { unlink(path) }
    try Safetensors.write(tensors: [NamedTensor("w", .float32((0..<4096).map(Float.init)))], to: path)
    func open() throws -> TensorView<Float> { try SafetensorsFile(path: path).float32("w") }
    let view = try open()
    #expect(view.array == (0..<4096).map(Float.init))
  }

  @Test func misalignedForeignDataIsReadCorrectly() throws {
    // A header of odd length without padding leaves every element at an odd address.
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
    var bytes = file(header)
    bytes += [7]
    for value in [1.5, -2.25] as [Float] { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    let opened = try SafetensorsFile(bytes: bytes, named: "misaligned")
    #expect(try opened.float32("b").array == [1.5, -2.25])
    #expect(try opened.uint8("a").array == [7])
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, "twice"
    ),
    (#"{"__metadata__":{"k":"1","k":"2"}}"#, 0, "twice"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "twice"),
    (#"{"__metadata__":{"k":1}}"#, 0, "expected"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "shape"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "hole"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
      6, "overlaps"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "cover"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "cover"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "overflows"),
    (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, 0, "too large"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "whole number"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "whole number"),
    (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "expected"),
    (#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, 1, "unsupported"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}}"#, 4, "unknown"),
    (#"{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "surrogate"),
    (#"{} x"#, 0, "follows"),
    (#" {}"#, 0, "not a JSON object"),
    (#"{"#, 0, "expected"),
    (#"[]"#, 0, "not a JSON object"),
  ])
  func aMalformedHeaderIsRefused(header: String, dataSize: Int, reason: String) throws {
    let error = try #require(
      failure { try SafetensorsFile(bytes: file(header, dataSize: dataSize), named: "x") })
    #expect(error.kind == .data && error.file == "x")
    #expect(error.message.contains(reason), "\(error)")
  }

  @Test func sizesAreCheckedBeforeTheyAreBelieved() throws {
    func refused(_ bytes: [UInt8]) -> String? {
      failure { try SafetensorsFile(bytes: bytes, named: "x") }?.message
    }
    #expect(refused([]) == "is too short for a safetensors file")
    #expect(refused([1, 0, 0, 0, 0, 0, 0]) == "is too short for a safetensors file")
    #expect(refused([9, 0, 0, 0, 0, 0, 0, 0, 123, 125]) == "the header is longer than the file")
    #expect(refused([UInt8](repeating: 255, count: 64)) == "the header is too long")
    #expect(refused([3, 0, 0, 0, 0, 0, 0, 0, 123, 0xFF, 125]) == "the header is not UTF-8")
    #expect(failure { try SafetensorsFile(path: "/") }?.kind == .data)
    #expect(
      failure { try SafetensorsFile(path: "/nonexistent.safetensors") }?.file == "/nonexistent.safetensors")
  }

  @Test func aNameTakenTwiceIsNotWritten() {
    let twice = [NamedTensor("w", .float32([1])), NamedTensor("w", .int64([1]))]
    #expect(failure { try Safetensors.encode(tensors: twice) }?.key == "w")
    #expect(
      failure { try Safetensors.encode(tensors: [NamedTensor("__metadata__", .uint8([1]))]) }?.kind == .data)
  }

  /// Every mutation is either refused with an error of ours or still a file whose views lie within its bytes.
  @Test func mutatedFilesAreRefusedOrValid() throws {
    let original = try golden("reference.safetensors")
    let headerEnd = 8 + Int(original[0]) + Int(original[1]) << 8
    var random = Mixer(state: 20_250_101)
    var refused = 0
    var accepted = 0
    for _ in 0..<150_000 {
      var bytes = original
      switch random.next() % 8 {
      case 0: bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
      case 1: bytes.append(contentsOf: (0..<random.next() % 9).map { UInt8(truncatingIfNeeded: $0) })
      case 2:
        let start = Int(random.next() % UInt64(headerEnd))
        bytes.removeSubrange(start..<min(bytes.count, start + 1 + Int(random.next() % 16)))
      case 3:
        let start = Int(random.next() % UInt64(headerEnd))
        let copied = Array(bytes[start..<min(bytes.count, start + 40)])
        bytes.insert(contentsOf: copied, at: Int(random.next() % UInt64(headerEnd)))
      case 4:
        for _ in 0..<1 + random.next() % 3 {
          bytes[Int(random.next() % UInt64(headerEnd))] =
            Array("0123456789[]{},:\"\\u".utf8)[Int(random.next() % 19)]
        }
      default:
        for _ in 0..<1 + random.next() % 4 {
          bytes[Int(random.next() % UInt64(headerEnd))] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      do throws(TernError) {
        let file = try SafetensorsFile(bytes: bytes, named: "mutated")
        accepted += 1
        for name in file.names {
          let shape = try file.shape(of: name)
          if case .float32 = try file.elementType(of: name) {
            #expect(try file.float32(name).array.count == shape.reduce(1, *))
          }
        }
      } catch {
        refused += 1
        guard error.kind == .data else {
          Issue.record("\(error)")
          return
        }
      }
    }
    // Both sides must be exercised: changes within names or metadata leave a valid file.
    #expect(refused > 100_000 && accepted > 1_000, "\(refused) refused, \(accepted) accepted")
  }
}

/// SplitMix64, for reproducible mutations.
struct Mixer: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
