import Artifacts
import Boosting
import Compute
import Diagnostics
import Evaluation
import Files
import RowModels
import Training

/// Trains one layer's model, or the members of its ensemble and their blend.
struct LayerTrainer {
  let section: PipelineConfiguration.LayerSection
  let signature: ModelSignature
  /// Hash of the feature schema that the inputs begin with.
  let featureSchema: Digest
  /// When each row of the market is decided and its label known.
  let times: RowTimes
  /// How far labels reach.
  let horizon: Int64
  /// Distance kept beyond them.
  let embargo: Int64
  let pool: ThreadPool

  /// One block of rows with those that may be trained on to predict it, as places in a list of rows.
  struct Part {
    var index: Int
    var train: [Int]
    var heldOut: [Int]
  }

  /// Trains on rows.
  /// - Parameters:
  ///   - columns: shape (input, row).
  ///   - labels: class of each row.
  ///   - rows: which rows of the market they are.
  func fit(
    _ columns: [[Float]], labels: [Float], weights: [Float], rows: [Int], seed: UInt64
  ) throws(TernError) -> any ModelFit {
    guard let blend = section.blend else {
      return try fit(section.members[0], columns, labels, weights, seed: seed)
    }
    var fits: [any ModelFit] = []
    var unseen: [[Float]] = []
    let parts = try parts(of: rows, blocks: section.blendBlocks)
    for (place, member) in section.members.enumerated() {
      func own(_ block: Int) -> UInt64 {
        var generator = Philox(seed: seed, stream: UInt64(place * (parts.count + 1) + block))
        // Seeds go through JSON, whose readers are exact to 53 bits only.
        return generator.next() >> 11
      }
      var predictions = [Float](repeating: 0, count: rows.count * signature.outputs)
      for part in parts {
        let fit = try fit(
          member, columns.gathered(part.train), part.train.map { labels[$0] }, part.train.map { weights[$0] },
          seed: own(part.index + 1))
        let values = try fit.model.predict(columns: columns.gathered(part.heldOut), pool: pool)
        for (index, row) in part.heldOut.enumerated() {
          for k in 0..<signature.outputs {
            predictions[row * signature.outputs + k] = values[index * signature.outputs + k]
          }
        }
      }
      unseen.append(predictions)
      fits.append(try fit(member, columns, labels, weights, seed: own(0)))
    }
    return try EnsembleFit(
      fits, try blended(blend, unseen, labels, weights, parts), signature: signature,
      featureSchema: featureSchema,
      parameters: try CanonicalJSON.decode(JSONValue.self, from: try CanonicalJSON.encode(section)),
      seed: seed)
  }

  /// The blend of what members said of rows that they had not seen; each row belongs to at most one block.
  private func blended(
    _ method: Blend.Method, _ predictions: [[Float]], _ labels: [Float], _ weights: [Float], _ parts: [Part]
  ) throws(TernError) -> Blend {
    let rows = parts.flatMap(\.heldOut)
    let outputs = signature.outputs
    return try Blend(
      method,
      fitting: predictions.map { values in
        rows.flatMap { values[$0 * outputs..<($0 + 1) * outputs] }
      },
      labels: rows.map { Int(labels[$0]) }, weights: rows.map { weights[$0] }, classes: outputs)
  }

  private func fit(
    _ method: TableTraining.Method, _ columns: [[Float]], _ labels: [Float], _ weights: [Float], seed: UInt64
  ) throws(TernError) -> any ModelFit {
    let table = TrainingTable(
      featureNames: signature.inputs.map(\.name), columns: columns, labels: labels, weights: weights)
    switch method {
    case .boosting(let family, let parameters):
      return try BoostingFit(
        family, parameters: parameters, signature: signature, featureSchema: featureSchema, train: table,
        seed: seed, pool: pool)
    case .network(let configuration):
      return try NetworkTableFit(
        configuration, signature: signature, featureSchema: featureSchema, train: table, seed: seed,
        pool: pool)
    }
  }

  /// Divides rows into blocks, each with the rows whose labels do not reach into it.
  func parts(of rows: [Int], blocks: Int) throws(TernError) -> [Part] {
    let splitter = try CrossFitting(blocks: blocks, horizon: horizon, embargo: embargo)
    let parts = try splitter.parts(times, rows: rows)
    var places = [Int](repeating: -1, count: (rows.max() ?? -1) + 1)
    for (place, row) in rows.enumerated() { places[row] = place }
    return parts.map { part in
      Part(index: part.index, train: part.train.map { places[$0] }, heldOut: part.heldOut.map { places[$0] })
    }
  }
}

extension [[Float]] {
  /// Some rows of columns.
  func gathered(_ rows: [Int]) -> [[Float]] { map { column in rows.map { column[$0] } } }
}
