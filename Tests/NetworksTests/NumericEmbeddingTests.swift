import Autograd
import Layers
import NetworkFormats
import Tensors
import Testing

@testable import Networks

/// Embeddings of numbers against rtdl_num_embeddings.
struct NumericEmbeddingTests {
  static let cases = [
    "piecewise-A-linear", "piecewise-A-relu", "piecewise-B-linear", "piecewise-B-relu", "periodic-lite",
    "periodic", "periodic-linear",
  ]

  static func bins(_ golden: Golden, _ kind: String) throws -> [[Float]] {
    try (0..<3).map { try golden.floats("bins.\(kind).\($0)") }
  }

  static func configuration(_ name: String, _ golden: Golden) throws -> NumericEmbeddingConfiguration {
    var configuration = NumericEmbeddingConfiguration(
      name.hasPrefix("periodic") ? .periodic : .piecewiseLinear)
    configuration.activation = !name.hasSuffix("linear")
    configuration.frequencies = 4
    configuration.lite = name.hasSuffix("lite")
    configuration.version = name.contains("-A-") ? .a : .b
    if configuration.kind == .piecewiseLinear { configuration.bins = try bins(golden, "quantile") }
    return configuration
  }

  @Test(arguments: cases) func embedsAndDerivesAsTheOriginal(_ name: String) throws {
    let golden = try Golden("numeric-embeddings")
    let parameters = Parameters()
    let source = ForeignSource(try golden.foreign("\(name).weight."), names: .numericEmbeddings)
    let embedding = try NumericEmbedding(
      try NumericEmbeddingTests.configuration(name, golden), features: 3, width: 5,
      ParameterScope(source, into: parameters))
    try source.requireAllUsed()
    let tape = Tape(workspace(), seed: 1)
    tape.begin(step: 0)
    let input = tape.watch(try golden.tensor("input.probe"))
    let output = embedding(input, tape)
    // The probe reaches values of 99 and angles of 200, whose last bit in single precision is 1.5e-5.
    let tolerance: Float = name.hasPrefix("periodic") ? 5e-5 : 1e-5
    #expect(relativeDistance(output.tensor.elements, try golden.floats("\(name).output")) < tolerance)
    tape.backward(output, gradient: try golden.tensor("input.target"))
    for parameter in parameters.all {
      let wanted = Tensor(uninitialised: parameter.shape)
      try ForeignSource(try golden.foreign("\(name).gradient."), names: .numericEmbeddings).fill(
        wanted, name: parameter.name, initialiser: .constant(0))
      let found = try #require(parameter.gradient)
      #expect(relativeDistance(found.elements, wanted.elements) < 1e-4, "\(parameter.name)")
    }
    let found = try #require(tape.gradient(of: input)).elements
    let wanted = try golden.floats("\(name).gradient.input")
    // The second feature is whole numbers that lie on the edges of bins, where either side's slope is right.
    func smooth(_ all: [Float]) -> [Float] {
      all.indices.filter { !name.hasPrefix("piecewise") || $0 % 3 != 1 }.map { all[$0] }
    }
    #expect(relativeDistance(smooth(found), smooth(wanted)) < 1e-4)
  }

  @Test(arguments: ["quantile", "single"]) func encodesAsTheOriginal(_ kind: String) throws {
    let golden = try Golden("numeric-embeddings")
    var bins = try NumericEmbeddingTests.bins(golden, "quantile")
    if kind == "single" { bins[0] = [0, 1] }
    let encoding = PiecewiseLinearEncoding(bins)
    let found = encoding(try golden.tensor("input.probe"), Eager(workspace())).elements
    // The original leaves out the zeros of features with fewer bins.
    let width = encoding.width
    let kept = found.indices.filter { index in
      let (feature, bin) = (index / width % 3, index % width)
      return bin == width - 1 || bin < bins[feature].count - 2
    }.map { found[$0] }
    #expect(relativeDistance(kept, try golden.floats("encoding.\(kind)")) < 1e-6)
  }
}
