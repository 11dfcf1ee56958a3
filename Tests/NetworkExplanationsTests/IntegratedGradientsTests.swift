import Artifacts
import Compute
import Diagnostics
import Layers
import NetworkModels
import Networks
import Preprocessing
import Testing

@testable import NetworkExplanations

@Suite("Integrated gradients of networks")
struct IntegratedGradientsTests {
  static let names = [
    "tabnet-numeric", "tabnet-multiclass-shared", "tabnet-embedding-3", "ft-transformer-numeric",
    "ft-transformer-categorical", "ft-transformer-both",
  ]

  static func head(_ columns: [[Float]], _ rows: Int) -> [[Float]] { columns.map { Array($0.prefix(rows)) } }

  static func attributions(
    _ golden: GoldenModel, _ rule: PathRule, steps: Int, background: Int, threads: Int = 1
  ) throws -> NetworkAttributions {
    var configuration = IntegratedGradients.Configuration()
    configuration.steps = steps
    configuration.rule = rule
    let pool = ThreadPool(threads: threads)
    let method = try IntegratedGradients(
      golden.model, baseline: head(golden.columns, background), configuration: configuration, pool: pool)
    return try method.attributions(columns: head(golden.columns, 6), pool: pool)
  }

  @Test(
    "are captum's, and those of the definition where categories move too", arguments: names, PathRule.allCases
  )
  func golden(name: String, rule: PathRule) throws {
    let file = try SafetensorsFile(path: GoldenModel.path("Golden/integrated-gradients.safetensors"))
    let steps = try #require(Int(file.metadata["steps"] ?? ""))
    let background = try #require(Int(file.metadata["background"] ?? ""))
    let found = try Self.attributions(try GoldenModel(name), rule, steps: steps, background: background)
    let wanted = try file.float32("\(name).\(rule.rawValue)")
    #expect(wanted.shape == [found.rows, found.outputs, found.features])
    let largest = wanted.array.reduce(Float(1e-3)) { max($0, abs($1)) }
    for (a, b) in zip(found.values, wanted.array) {
      // Gradients of single precision, held within 1e-4 of the original's elsewhere.
      #expect(abs(a - Double(b)) < 1e-4 * Double(largest))
    }
    for (values, key) in [(found.margins, "margins"), (found.baseline, "baseline")] {
      for (a, b) in zip(values, try file.float32("\(name).\(key)").array) {
        // The same, because rounding of the baseline moves margins by its slopes.
        #expect(abs(a - Double(b)) < 1e-4 * Double(largest))
      }
    }
  }

  @Test("add up to what the row's margin has more than the baseline's", arguments: names)
  func completeness(name: String) throws {
    let golden = try GoldenModel(name)
    let errors = try [PathRule.riemann, .gaussLegendre].map { rule in
      try Self.attributions(golden, rule, steps: 2000, background: 4).completenessError
    }
    let few = try Self.attributions(golden, .riemann, steps: 20, background: 4)
    let span = few.margins.reduce(0) { max($0, abs($1 - few.baseline[0])) }
    // What 2,000 points leave over where masks turn on and off along the way; a smooth network leaves rounding.
    for error in errors { #expect(error < 0.05 * span, "\(error) of \(span)") }
    #expect(errors[0] < few.completenessError)
  }

  @Test("of the baseline itself are nothing")
  func baselineItself() throws {
    let golden = try GoldenModel("ft-transformer-both")
    let pool = ThreadPool(threads: 1)
    let row = golden.columns.map { [$0[3]] }
    let found = try IntegratedGradients(golden.model, baseline: row, pool: pool)
      .attributions(columns: row, pool: pool)
    #expect(found.values.allSatisfy { $0 == 0 })
    #expect(found.margins == found.baseline)
  }

  @Test("do not depend on the number of threads", arguments: ["tabnet-embedding-3", "ft-transformer-both"])
  func threads(name: String) throws {
    let golden = try GoldenModel(name)
    let one = try Self.attributions(golden, .gaussLegendre, steps: 300, background: 6, threads: 1)
    let three = try Self.attributions(golden, .gaussLegendre, steps: 300, background: 6, threads: 3)
    #expect(one == three)
  }

  @Test("are in the target's units, the indicator of a missing number counted to its column")
  func units() throws {
    let (pool, columns) = (ThreadPool(threads: 1), Self.table)
    var preprocessing = PreprocessingConfiguration()
    preprocessing.missing = .indicator
    let preparation = try TablePreparation(
      fitting: columns, names: ["a", "b", "c"], vocabularySizes: [nil, nil, 3], configuration: preprocessing,
      pool: pool)
    #expect(preparation.numericWidth == 3)
    let header = NetworkModel.Header(
      architecture: .tabnet(TabNetConfiguration()), featureNames: ["a", "b", "c"], preparation: preparation,
      target: try TargetScaling(fitting: [10, 30]), outputs: 1, link: .identity)
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: 1, ParameterScope(RandomSource(seed: 8), into: Parameters()))
    let model = try NetworkModel(header: header, weights: network.parameters.values)
    var configuration = IntegratedGradients.Configuration()
    configuration.steps = 400
    let found = try IntegratedGradients(model, baseline: columns, configuration: configuration, pool: pool)
      .attributions(columns: columns, pool: pool)
    let predictions = try model.predict(columns: columns, pool: pool)
    // Rounding of single precision at numbers of about 20.
    for (margin, prediction) in zip(found.margins, predictions) {
      #expect(abs(margin - Double(prediction)) < 2e-4)
    }
    let span = found.margins.reduce(0) { max($0, abs($1 - found.baseline[0])) }
    #expect(found.completenessError < 0.05 * span)
    #expect(found.meanMagnitudes.allSatisfy { $0 > 0 })
  }

  /// Two numbers, the second with missing cells, and a category.
  static let table: [[Float]] = {
    var generator = Philox(seed: 4)
    return [
      (0..<60).map { _ in Float(generator.normal()) * 3 + 1 },
      (0..<60).map { $0 % 7 == 0 ? .nan : Float(generator.uniform()) },
      (0..<60).map { Float($0 % 3) },
    ]
  }()

  @Test("refuse no baseline, no steps and another number of columns")
  func refusals() throws {
    let golden = try GoldenModel("ft-transformer-numeric")
    let pool = ThreadPool(threads: 1)
    let empty = golden.columns.map { _ in [Float]() }
    #expect(throws: TernError.self) { try IntegratedGradients(golden.model, baseline: empty, pool: pool) }
    var configuration = IntegratedGradients.Configuration()
    configuration.steps = 0
    #expect(throws: TernError.self) {
      try IntegratedGradients(
        golden.model, baseline: golden.columns, configuration: configuration, pool: pool)
    }
    let method = try IntegratedGradients(golden.model, baseline: golden.columns, pool: pool)
    #expect(throws: TernError.self) { try method.attributions(columns: [[1]], pool: pool) }
    let none = try method.attributions(columns: empty, pool: pool)
    #expect(none.rows == 0 && none.values.isEmpty && none.completenessError == 0)
  }
}
