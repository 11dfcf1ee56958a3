import Diagnostics
import NetworkModels
import Trees

/// Predicts one row after the other with a model of any kind; it belongs to one thread at a time.
///
/// After the first row nothing is allocated, and a row's predictions are those of `RowModel.predict`, bit for bit.
public final class RowPredictor {
  /// What it predicts with.
  public let model: RowModel
  private let engine: Engine
  /// Predictions of the members of a blend, one behind the other.
  private let parts: UnsafeMutableBufferPointer<Float>

  private enum Engine {
    case forest(Forest)
    case network(NetworkPredictor)
    case blend([RowPredictor], Blend)
  }

  /// Makes a model ready.
  /// - Throws: `TernError` of kind `data` as the model does.
  public init(_ model: RowModel) throws(TernError) {
    try model.validate()
    self.model = model
    var room = 0
    switch model {
    case .forest(let forest): engine = .forest(forest)
    case .network(let network): engine = .network(try NetworkPredictor(network))
    case .blend(let members, let blend):
      engine = .blend(
        try members.map { member throws(TernError) in try RowPredictor(member) }, blend)
      room = members.count * model.outputs
    }
    parts = .allocate(capacity: room)
    parts.initialize(repeating: 0)
  }

  deinit { parts.deallocate() }

  /// Predicts a row.
  /// - Parameters:
  ///   - row: a cell for each input.
  ///   - prediction: room for as many numbers as the model has outputs.
  public func predict(
    _ row: UnsafeBufferPointer<Float>, into prediction: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(prediction.count == model.outputs, "room for another number of outputs")
    switch engine {
    case .forest(let forest):
      precondition(row.count == forest.features, "a row of another width")
      guard let row = row.baseAddress, let prediction = prediction.baseAddress else { return }
      forest.predict(row: row, into: prediction)
    case .network(let predictor): predictor.predict(row, into: prediction)
    case .blend(let members, let blend):
      let classes = prediction.count
      for place in members.indices {
        members[place].predict(
          row, into: UnsafeMutableBufferPointer(rebasing: parts[place * classes..<(place + 1) * classes]))
      }
      guard let parts = parts.baseAddress, let prediction = prediction.baseAddress else { return }
      blend.apply(parts, classes: classes, into: prediction)
    }
  }
}
