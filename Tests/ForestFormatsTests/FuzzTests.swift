import Compute
import Diagnostics
import Testing
import Trees

@testable import ForestFormats

/// Damaged model files are refused with an error that names the file, or they are other models that predict and can be
/// written. Some thousands of mutations ordinarily, 120,000 with TERN_PROOF=full.
@Suite("Damaged model files")
struct FuzzTests {
  static let files: [(String, ForestFormat)] = [
    ("xgboost-categorical.json", .xgboostJSON), ("xgboost-names.json", .xgboostJSON),
    ("xgboost-dart.json", .xgboostJSON), ("xgboost-categorical.ubj", .xgboostUBJ),
    ("lightgbm-categorical.txt", .lightgbm), ("lightgbm-linear.txt", .lightgbm),
    ("lightgbm-names.txt", .lightgbm), ("catboost-lossguide.json", .catboostJSON),
    ("catboost-onehot.json", .catboostJSON), ("catboost-ctr-regression.json", .catboostJSON),
  ]

  private static let tokens = [
    "-1", "0", "1e999", "-1e-400", "NaN", "nan", "inf", "[", "]", "{", "}", "\"", "\\",
    "99999999999999999999", "2147483648",
    "null", "true", "=", "\n", "Tree=0", "4294967296", "[]", "\\ud800", "1.5", "[$L#L", " ",
  ].map { Array($0.utf8) }

  static func mutate(_ source: [UInt8], _ random: inout Philox) -> [UInt8] {
    var bytes = source
    for _ in 0...random.integer(below: 3) where !bytes.isEmpty {
      let at = random.integer(below: bytes.count)
      switch random.integer(below: 7) {
      case 0: bytes[at] = UInt8(random.integer(below: 256))
      case 1: bytes[at] ^= 1 << UInt8(random.integer(below: 8))
      case 2: bytes.removeSubrange(at..<min(at + 1 + random.integer(below: 20), bytes.count))
      case 3:
        bytes.insert(contentsOf: bytes[at..<min(at + 1 + random.integer(below: 40), bytes.count)], at: at)
      case 4: bytes.insert(contentsOf: tokens[random.integer(below: tokens.count)], at: at)
      case 5 where random.integer(below: 8) == 0: bytes.removeSubrange(at...)
      default:
        // One number's digits, where most of a model's meaning lies.
        guard let digit = bytes[at...].firstIndex(where: { $0 >= 48 && $0 < 58 }) else { continue }
        bytes[digit] = 48 + UInt8(random.integer(below: 10))
      }
    }
    return bytes
  }

  /// Whether the bytes were refused; if not, the model must predict and be writable or refused as a whole.
  static func isRefused(_ bytes: [UInt8], _ format: ForestFormat, writing: ForestFormat) -> Bool {
    let model: ForeignForest
    do throws(TernError) {
      model = try format.read(bytes, file: "model")
    } catch {
      #expect(error.file == "model" && error.kind == .data && !error.message.isEmpty)
      return true
    }
    guard model.forest.features <= 64, model.forest.outputs <= 64 else { return false }
    let special: [Float] = [.nan, 0, -1, 3, 1000, -0.5, 1e30]
    let columns = (0..<model.forest.features).map { feature in
      special.indices.map { special[($0 + feature) % 7] }
    }
    let margins = try? model.forest.exactMargins(columns: columns, pool: ThreadPool(threads: 1))
    #expect(margins?.count == 7 * model.forest.outputs || model.forest.features == 0)
    _ = try? model.withSortedCategories()
    if let written = try? writing.write(model) { _ = try? writing.read(written) }
    return false
  }

  @Test(arguments: files)
  func neverTrap(name: String, format: ForestFormat) throws {
    let source = try Golden.bytes(name)
    var random = Philox(seed: UInt64(source.count))
    let rounds = Golden.isFull ? 11_000 : 300
    var refused = 0
    for round in 0..<rounds {
      let writing = ForestFormat.allCases[round % ForestFormat.allCases.count]
      if FuzzTests.isRefused(FuzzTests.mutate(source, &random), format, writing: writing) { refused += 1 }
    }
    #expect(refused > rounds / 4)
  }

  @Test
  func onnxNeverTraps() throws {
    let source = try ForestFormat.onnx.write(try Golden.read("xgboost-categorical.json", .xgboostJSON))
    var random = Philox(seed: 17)
    let rounds = Golden.isFull ? 11_000 : 300
    var refused = 0
    for _ in 0..<rounds
    where FuzzTests.isRefused(FuzzTests.mutate(source, &random), .onnx, writing: .onnx) { refused += 1 }
    #expect(refused > rounds / 4)
  }

  /// A file of another format, an empty one, and deep nesting are refused.
  @Test(arguments: ForestFormat.allCases)
  func othersAreRefused(format: ForestFormat) throws {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    for bytes in [[], Array("{}".utf8), Array("tree\n".utf8), deep, [0, 255, 3]] {
      #expect(FuzzTests.isRefused(bytes, format, writing: format))
    }
  }
}
