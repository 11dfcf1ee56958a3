import Compute
import Glibc
import Layers
import Tensors
import Testing

@testable import Autograd

/// Every loss against its formula in double precision, and its gradient against central differences of that formula.
@Suite("Losses")
struct LossTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let outputs: Int
    /// The loss by its formula.
    let formula: @Sendable (_ x: [Double]) -> Double
    let loss: @Sendable (_ x: Variable, _ tape: Tape) -> Variable
  }

  static let rows = 5
  static let labels: [Int32] = [2, 0, 1, 2, 1]
  static let targets: [Float] = [0.3, -1.2, 0, 2.5, 0.7]
  static let shares: [Float] = [0, 1, 0.25, 1, 0]
  static let sampleWeights: [Float] = [1, 0.5, 2, 0, 1.5]
  static let classWeights: [Float] = [1, 2, 0.5]

  static func softmax(_ x: [Double], _ row: Int) -> [Double] {
    let part = x[3 * row..<3 * row + 3].map { exp($0) }
    return part.map { $0 / part.reduce(0, +) }
  }

  /// The mean of a function of rows under the sample weights.
  static func mean(_ isWeighted: Bool, _ row: (Int) -> Double) -> Double {
    var (sum, norm) = (0.0, 0.0)
    for index in 0..<rows {
      let weight = isWeighted ? Double(sampleWeights[index]) : 1
      sum += weight * row(index)
      norm += weight
    }
    return sum / norm
  }

  static var weights: Tensor { Tensor(sampleWeights, Shape(rows)) }
  static func column(_ values: [Float]) -> Tensor { Tensor(values, Shape(rows, 1)) }
  static var labelled: IndexTensor { IndexTensor(labels, Shape(rows)) }

  /// PyTorch's weighted cross-entropy with smoothing.
  static func crossEntropy(_ x: [Double], smoothing: Double, classWeights: [Float], isWeighted: Bool)
    -> Double
  {
    var (sum, norm) = (0.0, 0.0)
    for row in 0..<rows {
      let p = softmax(x, row)
      let label = Int(labels[row])
      let sample = isWeighted ? Double(sampleWeights[row]) : 1
      let hard = Double(classWeights[label]) * -log(p[label])
      let soft = (0..<3).reduce(0.0) { $0 - Double(classWeights[$1]) * log(p[$1]) } / 3
      sum += sample * ((1 - smoothing) * hard + smoothing * soft)
      norm += sample * Double(classWeights[label])
    }
    return sum / norm
  }

  static let cases: [Case] = [
    Case(
      testDescription: "cross-entropy", outputs: 3,
      formula: { crossEntropy($0, smoothing: 0, classWeights: [1, 1, 1], isWeighted: false) },
      loss: { x, tape in tape.crossEntropy(x, labels: labelled) }),
    Case(
      testDescription: "cross-entropy, smoothed and weighted", outputs: 3,
      formula: { crossEntropy($0, smoothing: 0.1, classWeights: classWeights, isWeighted: true) },
      loss: { x, tape in
        tape.crossEntropy(
          x, labels: labelled, smoothing: 0.1, classWeights: classWeights,
          sampleWeights: weights)
      }),
    Case(
      testDescription: "focal", outputs: 3,
      formula: { x in
        mean(true) { row in
          let label = Int(labels[row])
          let p = softmax(x, row)[label]
          return Double(classWeights[label]) * pow(1 - p, 2) * -log(p)
        }
      },
      loss: { x, tape in
        tape.focalLoss(
          x, labels: labelled, focus: 2, classWeights: classWeights,
          sampleWeights: weights)
      }),
    Case(
      testDescription: "binary cross-entropy", outputs: 1,
      formula: { x in
        mean(true) { row in
          let p = 1 / (1 + exp(-x[row]))
          return -Double(shares[row]) * log(p) - (1 - Double(shares[row])) * log(1 - p)
        }
      },
      loss: { x, tape in
        tape.binaryCrossEntropy(x, targets: column(shares), sampleWeights: weights)
      }),
    regression("squared", .squared) { $0 * $0 },
    regression("absolute", .absolute) { abs($0) },
    regression("huber", .huber(delta: 0.8)) { abs($0) <= 0.8 ? $0 * $0 / 2 : 0.8 * (abs($0) - 0.4) },
    // The distance is prediction minus target.
    regression("quantile", .quantile(levels: [0.3])) { max(-0.3 * $0, 0.7 * $0) },
    Case(
      testDescription: "gaussian", outputs: 2,
      formula: { x in
        mean(true) { row in
          let distance = Double(targets[row]) - x[2 * row]
          return (x[2 * row + 1] + distance * distance / exp(x[2 * row + 1])) / 2
        }
      },
      loss: { x, tape in
        tape.gaussianLoss(x, targets: column(targets), sampleWeights: weights)
      }),
  ]

  static func regression(
    _ name: String, _ kind: RegressionLoss, _ formula: @escaping @Sendable (Double) -> Double
  ) -> Case {
    Case(
      testDescription: name, outputs: 1,
      formula: { x in mean(true) { formula(x[$0] - Double(targets[$0])) } },
      loss: { x, tape in
        tape.regressionLoss(
          x, targets: column(targets), kind, sampleWeights: weights)
      })
  }

  @Test(arguments: cases) func agreesWithItsFormula(_ test: Case) throws {
    var random = Philox(seed: 21)
    let x = (0..<Self.rows * test.outputs).map { _ in Float(random.normal()) }
    let tape = Tape(Workspace(pool: ThreadPool(threads: 1)), seed: 1)
    tape.begin(step: 0)
    let input = tape.watch(Tensor(x, Shape(Self.rows, test.outputs)))
    let loss = test.loss(input, tape)
    let wide = x.map(Double.init)
    // The loss is a single-precision number of about one.
    #expect(abs(Double(tape.tensor(loss).scalar) - test.formula(wide)) < 1e-6)
    tape.backward(loss)
    let gradient = try #require(tape.gradient(of: input)).elements
    for place in wide.indices {
      var (above, below) = (wide, wide)
      above[place] += 1e-5
      below[place] -= 1e-5
      let slope = (test.formula(above) - test.formula(below)) / 2e-5
      // Central differences in double precision are good to 1e-9; the gradient is rounded to single precision.
      #expect(abs(Double(gradient[place]) - slope) < 1e-6, "place \(place)")
    }
  }
}
