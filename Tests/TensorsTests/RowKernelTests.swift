import Foundation
import Tensors
import Testing

/// Kernels that make each row or element into another, with their gradients.
@Suite struct RowKernelTests {
  static let sizes: [(Int, Int)] = [
    (0, 3), (1, 1), (3, 2), (2, 15), (4, 16), (3, 17), (2, 33), (1, 64), (130, 4), (5, 1),
  ]

  /// A kernel, its way back from its input and output, and what it means for one row.
  struct Kernel: Sendable, CustomTestStringConvertible {
    let name: String
    /// Numbers of an input row for a width.
    let inputs: @Sendable (Int) -> Int
    let forward: @Sendable (Workspace, Tensor) -> Tensor
    let backward: @Sendable (Workspace, _ g: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor
    let row: @Sendable ([Double]) -> [Double]
    var testDescription: String { name }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  static func value(_ function: Activation, _ x: Double) -> Double {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .silu: x * sigmoid(x)
    case .sigmoid: sigmoid(x)
    case .tanh: tanh(x)
    }
  }

  static func softmax(_ x: [Double]) -> [Double] {
    let powers = x.map { exp($0 - (x.max() ?? 0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  /// Bisection for the threshold at which `max(scale·x - τ, 0)^power` adds up to 1.
  static func projection(_ x: [Double], scale: Double, power: Double) -> [Double] {
    let z = x.map { $0 * scale }
    func values(_ threshold: Double) -> [Double] { z.map { pow(max($0 - threshold, 0), power) } }
    var (low, high) = ((z.max() ?? 0) - 1, z.max() ?? 0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if values(middle).reduce(0, +) > 1 { low = middle } else { high = middle }
    }
    return values((low + high) / 2)
  }

  static func kernel(_ function: Activation) -> Kernel {
    Kernel(
      name: function.rawValue, inputs: { $0 }, forward: { $0.activation($1, function) },
      backward: { $0.activationGradient($1, kept: function.derivativeReadsInput ? $2 : $3, function) },
      row: { row in row.map { value(function, $0) } })
  }

  static func kernel(_ gate: Gate) -> Kernel {
    let function: Activation = gate == .glu ? .sigmoid : gate == .reglu ? .relu : .silu
    return Kernel(
      name: gate.rawValue, inputs: { 2 * $0 }, forward: { $0.gated($1, gate) },
      backward: { space, g, x, _ in space.gatedGradient(g, x, gate, dropout: nil) },
      row: { row in
        let half = row.count / 2
        return (0..<half).map { row[$0] * value(function, row[half + $0]) }
      })
  }

  static let others: [Kernel] = [
    Kernel(
      name: "softmax", inputs: { $0 }, forward: { $0.softmax($1) },
      backward: { space, g, _, y in space.softmaxGradient(g, y) }, row: { softmax($0) }),
    Kernel(
      name: "sparsemax", inputs: { $0 }, forward: { $0.sparsemax($1) },
      backward: { space, g, _, y in space.sparsemaxGradient(g, y) },
      row: { projection($0, scale: 1, power: 1) }),
    Kernel(
      name: "entmax15", inputs: { $0 }, forward: { $0.entmax15($1) },
      backward: { space, g, _, y in space.entmax15Gradient(g, y) },
      row: { projection($0, scale: 0.5, power: 2) }),
    Kernel(
      name: "sine and cosine", inputs: { $0 }, forward: { $0.sineCosine($1) },
      backward: { space, g, _, y in space.sineCosineGradient(g, y) },
      row: { row in row.map { sin($0) } + row.map { cos($0) } }),
    Kernel(
      name: "affine", inputs: { $0 }, forward: { $0.affine($1, factor: -1.5, offset: 0.25) },
      backward: { space, g, _, _ in space.affine(g, factor: -1.5, offset: 0) },
      row: { row in row.map { -1.5 * $0 + 0.25 } }),
  ]

  static var kernels: [Kernel] {
    var kernels = others
    for function in Activation.allCases { kernels.append(kernel(function)) }
    for gate in Gate.allCases { kernels.append(kernel(gate)) }
    return kernels
  }

  @Test(arguments: kernels) func agreesWithItsTwin(kernel: Kernel) {
    let space = workspace()
    for (index, (rows, width)) in Self.sizes.enumerated() {
      var dice = Dice(UInt64(index))
      let inputs = kernel.inputs(width)
      let x = dice.tensor(Shape(rows, inputs))
      let y = kernel.forward(space, x)
      let values = (0..<rows).map { Array(x.doubles[$0 * inputs..<($0 + 1) * inputs]) }
      let what = "\(kernel.name) \(rows)×\(width)"
      // Elementary functions are right within 2e-7; a row adds up some tens of them.
      expectClose(y.elements, values.flatMap(kernel.row), 2e-6, what)
      let g = dice.tensor(y.shape)
      let outputs = y.shape.last
      var wanted: [Double] = []
      for (row, x) in values.enumerated() {
        wanted += slopes(Array(g.doubles[row * outputs..<(row + 1) * outputs]), at: x, of: kernel.row)
      }
      // The same, and differences of the bisection are right to some 1e-9.
      expectClose(kernel.backward(space, g, x, y).elements, wanted, 5e-6, "gradient of \(what)")
    }
  }

  @Test func largeAndSmallNumbersStayFinite() {
    let x = Tensor([-1e4, -200, -90, -1e-30, 0, 1e-30, 90, 200, 1e4], Shape(1, 9))
    let space = workspace()
    for function in Activation.allCases {
      expectClose(
        space.activation(x, function).elements, x.doubles.map { Self.value(function, $0) }, 1e-6,
        function.rawValue)
    }
    for result in [space.softmax(x), space.sparsemax(x), space.entmax15(x)] {
      // Powers of e end at e^-87.
      expectClose(result.elements, [0, 0, 0, 0, 0, 0, 0, 0, 1], 1e-37, "far apart")
    }
  }

  @Test func entropyTermsOfProbabilities() {
    let space = workspace()
    for width in [1, 15, 16, 17] {
      var dice = Dice(UInt64(width))
      let x = space.softmax(dice.tensor(Shape(3, width)))
      let f = { (row: [Double]) in row.map { $0 * log($0 + 1e-6) } }
      expectClose(space.entropyTerms(x, epsilon: 1e-6).elements, f(x.doubles), 1e-6, "\(width)")
      let g = dice.tensor(x.shape)
      expectClose(
        space.entropyTermsGradient(g, x, epsilon: 1e-6).elements, slopes(g.doubles, at: x.doubles, of: f),
        1e-5, "gradient \(width)")
    }
    #expect(space.entropyTerms(Tensor([0], Shape(1)), epsilon: 1e-15).elements == [0])
  }

  /// An element on the threshold, but for rounding, is in the support of one pass and not of the next: of a row from a training
  /// that never ended, and of rows made so.
  @Test func sparsemaxEndsWhereAnElementIsOnItsThreshold() {
    let space = workspace()
    let known: [Float] = [
      -0.471089929, -0.0168187525, 0.413254231, 0.473317534, 0.691895545, -0.084193103, 0.192822441,
      -0.117581591,
      -0.579136014, -0.27423808, -0.212598503, -0.7335729, -0.211483836, -0.277689725,
    ]
    var rows = [known]
    var dice = Dice(11)
    for count in 1...40 {
      for _ in 0..<40 {
        let own = dice.tensor(Shape(count)).elements.map { $0 / Float(8 * count) }
        let top = own.max() ?? 0
        let threshold = (own.reduce(0) { $0 + ($1 - top) } - 1) / Float(count)
        for edge in [threshold.nextDown, threshold, threshold.nextUp] { rows.append(own + [top + edge]) }
      }
    }
    for row in rows {
      let p = space.sparsemax(Tensor(row, Shape(1, row.count))).elements
      #expect(p.allSatisfy { $0 >= 0 })
      #expect(abs(p.reduce(0.0) { $0 + Double($1) } - 1) < 2e-6)
    }
  }

  @Test(arguments: sizes) func layerNormalisation(rows: Int, width: Int) {
    var dice = Dice(3)
    let space = workspace()
    let (x, weight, bias) = (
      dice.tensor(Shape(rows, width)), dice.tensor(Shape(width)), dice.tensor(Shape(width))
    )
    func normal(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
      (0..<rows).flatMap { row -> [Double] in
        let own = Array(x[row * width..<(row + 1) * width])
        let mean = own.reduce(0, +) / Double(width)
        let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
        return own.indices.map { (own[$0] - mean) / (variance + 1e-3).squareRoot() * weight[$0] + bias[$0] }
      }
    }
    let y = space.layerNorm(x, weight, bias, epsilon: 1e-3)
    expectClose(y.elements, normal(x.doubles, weight.doubles, bias.doubles), 2e-5, "\(rows)×\(width)")
    let g = dice.tensor(y.shape)
    let parts = space.layerNormGradient(g, x, weight, epsilon: 1e-3)
    // A row of one number is divided by √ε, which multiplies rounding.
    let tolerance = 2e-4
    expectClose(
      parts.x.elements,
      slopes(g.doubles, at: x.doubles) { normal($0, weight.doubles, bias.doubles) }, tolerance, "x")
    expectClose(
      parts.weight.elements,
      slopes(g.doubles, at: weight.doubles) { normal(x.doubles, $0, bias.doubles) }, tolerance, "weight")
    expectClose(
      parts.bias.elements,
      slopes(g.doubles, at: bias.doubles) { normal(x.doubles, weight.doubles, $0) }, tolerance, "bias")
    let present = dice.tensor(x.shape)
    let wanted = zip(present.elements, parts.x.elements).map { $0 + $1 }
    let added = space.layerNormGradient(g, x, weight, epsilon: 1e-3, addingTo: present)
    #expect(added.x.elements == wanted)
    #expect(added.weight.elements == parts.weight.elements && added.bias.elements == parts.bias.elements)
  }
}
