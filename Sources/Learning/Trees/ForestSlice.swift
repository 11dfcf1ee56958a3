import Compute

/// Trees that are added to margins one round at a time, as a validation set is followed during training.
public struct ForestSlice: Sendable {
  private let compiled: CompiledForest<Float>
  private let general: GeneralForest?

  /// Prepares trees of a program's own making; unlike `Forest` nothing is checked.
  public init(nodes: ForestNodes, outputs: Int) {
    let isPlain = nodes.isPlain
    compiled = CompiledForest(nodes: isPlain ? nodes : ForestNodes(), outputs: outputs)
    let header = Forest.Header(
      link: .identity, outputs: outputs, featureNames: [],
      baseScores: [Float](repeating: 0, count: outputs))
    general = isPlain ? nil : GeneralForest(header: header, nodes: nodes)
  }

  /// Adds the trees' leaf values to margins.
  ///
  /// - Parameters:
  ///   - values: row-major (rows, features).
  ///   - margins: row-major (rows, outputs).
  public func add(rowMajor values: [Float], features: Int, to margins: inout [Float], pool: ThreadPool) {
    let rows = margins.count / compiled.outputs
    values.withUnsafeBufferPointer { source in
      margins.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        let input = SharedPointer(UnsafeMutablePointer(mutating: source))
        let output = SharedPointer(target)
        pool.parallelChunks(of: rows, chunk: Forest.blockRows) { range, _ in
          if let general {
            for row in range {
              general.add(
                input.pointer + row * features, stride: 1,
                to: output.pointer + row * compiled.outputs)
            }
            return
          }
          compiled.accumulate(
            .even(
              RowBlock(
                base: input.pointer + range.lowerBound * features, featureStride: 1, rowStride: features)),
            rows: range.count, margins: output.pointer + range.lowerBound * compiled.outputs)
        }
      }
    }
  }
}
