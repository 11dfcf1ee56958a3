import Diagnostics
import Tensors
import Testing

@testable import Layers

/// Where parameters come from and how they are kept.
@Suite struct ParameterTests {
  private static func scope(_ source: any ParameterSource = RandomSource(seed: 3)) -> ParameterScope {
    ParameterScope(source, into: Parameters())
  }

  @Test func namesAreDottedAndTakenOnce() throws {
    let scope = Self.scope()
    let weight = try scope["blocks"][2]["head"].parameter("weight", Shape(3, 4), .kaiming)
    let mean = try scope["norm"].parameter("mean", Shape(4), .constant(0), role: .statistic)
    #expect(weight.name == "blocks.2.head.weight" && mean.index == 1)
    let parameters = scope.parameters
    #expect(parameters["blocks.2.head.weight"] === weight && parameters["head"] == nil)
    #expect(parameters.trainable.map(\.name) == ["blocks.2.head.weight"] && parameters.trainableCount == 12)
    #expect(throws: TernError.self) { try scope["norm"].parameter("mean", Shape(4), .constant(0)) }
    weight.gradient = Tensor(repeating: 1, Shape(3, 4))
    parameters.clearGradients()
    #expect(weight.gradient == nil)
    #expect(parameters.values.map(\.shape) == [[3, 4], [4]])
  }

  @Test func packedMatricesFollowTheValues() throws {
    let weight = try Self.scope().parameter("weight", Shape(5, 3), .kaiming)
    let packed = weight.packedMatrix()
    #expect(weight.packedMatrix() === packed && !packed.isStale)
    weight.assign(Tensor(repeating: 2, Shape(5, 3)))
    #expect(packed.isStale)
    #expect(weight.packedMatrix() === packed && !packed.isStale)
    weight.value.pointer[0] = 7
    weight.changed()
    #expect(packed.isStale)
  }

  @Test(arguments: [
    Initialiser.constant(0.5), .uniform(0.3), .kaiming, .xavierUniform(gain: 2), .normal(deviation: 0.2),
    .xavierNormal(gain: 0.5),
  ])
  func valuesAreDrawnAsTheRuleSays(rule: Initialiser) {
    let (outputs, inputs) = (60, 100)
    let tensor = Tensor(uninitialised: Shape(outputs, inputs))
    rule.fill(tensor, seed: 1, stream: 4)
    let values = tensor.elements.map(Double.init)
    let mean = values.reduce(0, +) / 6000
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6000).squareRoot()
    let (bound, expected): (Double?, Double) =
      switch rule {
      case .constant(let value): (Double(value), 0)
      case .uniform(let bound): (Double(bound), Double(bound) / 3.0.squareRoot())
      case .kaiming: (0.1, 0.1 / 3.0.squareRoot())
      case .xavierUniform: (2 * (6.0 / 160).squareRoot(), 2 * (2.0 / 160).squareRoot())
      case .normal: (nil, 0.2)
      case .xavierNormal: (nil, 0.5 * (2.0 / 160).squareRoot())
      }
    if let bound { #expect(values.allSatisfy { abs($0) <= bound * 1.000001 }) }
    // Five standard errors of 6,000 draws.
    #expect(abs(deviation - expected) <= 5 * expected / 12_000.0.squareRoot())
    if case .constant = rule { return }
    #expect(abs(mean) < 5 * expected / 6000.0.squareRoot())
    let other = Tensor(uninitialised: tensor.shape)
    rule.fill(other, seed: 1, stream: 5)
    #expect(other.elements != tensor.elements)
    rule.fill(other, seed: 1, stream: 4)
    #expect(other.elements == tensor.elements)
  }

  @Test func storedValuesAreReadByName() throws {
    let stored: [(name: String, shape: [Int])] = [("a.weight", [2, 2]), ("a.bias", [2]), ("b", [1])]
    let source = StoredSource(stored: stored, mapping: { $0.replacing("layer", with: "a") }) { name, tensor in
      for index in 0..<tensor.count { tensor.pointer[index] = Float(index) + (name == "a.bias" ? 10 : 0) }
    }
    let scope = Self.scope(source)["layer"]
    #expect(try scope.parameter("weight", Shape(2, 2), .kaiming).value.elements == [0, 1, 2, 3])
    #expect(try scope.parameter("bias", Shape(2), .kaiming).value.elements == [10, 11])
    #expect(source.unused == ["b"])
    let superfluous = #expect(throws: TernError.self) { try source.requireAllUsed() }
    #expect(superfluous?.key == "b")
    let absent = #expect(throws: TernError.self) { try scope.parameter("wight", Shape(2, 2), .kaiming) }
    #expect(absent?.key == "a.wight" && absent?.message.contains("a.weight") == true)
    let other = Self.scope(source)["a"]
    let misshapen = #expect(throws: TernError.self) { try other.parameter("weight", Shape(2, 3), .kaiming) }
    #expect(misshapen?.found == "[2, 2]" && misshapen?.expected == "[2, 3]")
  }
}
