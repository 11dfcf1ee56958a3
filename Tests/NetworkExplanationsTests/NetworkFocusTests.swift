import Artifacts
import Compute
import Layers
import NetworkModels
import Networks
import Tensors
import Testing

@testable import NetworkExplanations

@Suite("What networks looked at")
struct NetworkFocusTests {
  @Test(
    "TabNet's masks are pytorch-tabnet's, column by column",
    arguments: ["tabnet-numeric", "tabnet-embedding-3"])
  func masks(name: String) throws {
    let golden = try GoldenModel(name)
    let file = try SafetensorsFile(path: GoldenModel.path("../NetworksTests/Golden/\(name).safetensors"))
    let shape = try file.shape(of: "batches")
    let first = try file.int64("batches").array.prefix(shape[1]).map { Int($0) }
    let columns = golden.columns.map { column in first.map { column[$0] } }
    let focus = try #require(
      try NetworkFocus(golden.model, columns: columns, pool: ThreadPool(threads: 2)))
    #expect(focus.kind == .masks && focus.rows == first.count && focus.features == columns.count)
    // The masks of later steps carry the rounding of those before.
    for (a, b) in zip(focus.importances, try file.float32("evaluation.importances").array) {
      #expect(abs(a - Double(b)) < 3e-5)
    }
    for (step, mask) in focus.steps.enumerated() {
      for (a, b) in zip(mask, try file.float32("evaluation.explain.\(step)").array) {
        #expect(abs(a - b) < 3e-5)
      }
    }
    let explained = try file.float32("evaluation.explain").array
    for row in 0..<focus.rows {
      let range = row * focus.features..<(row + 1) * focus.features
      let total = explained[range].reduce(0, +)
      for (a, b) in zip(focus.shares(row: row), explained[range]) where total > 0 {
        #expect(abs(a - b / total) < 1e-4)
      }
    }
  }

  @Test("attention's rollout adds up to 1 in each row, and is the network's own")
  func rollout() throws {
    let golden = try GoldenModel("ft-transformer-both")
    let focus = try #require(
      try NetworkFocus(golden.model, columns: golden.columns, pool: ThreadPool(threads: 1)))
    #expect(focus.kind == .attentionRollout && focus.steps.isEmpty)
    for row in 0..<focus.rows {
      // Rounding of a sum in single precision.
      #expect(abs(focus.shares(row: row).reduce(0, +) - 1) < 1e-5)
    }
    #expect(abs(focus.importances.reduce(0, +) - 1) < 1e-9)
    let network = try #require(try golden.model.network() as? FTTransformer)
    let rows = try golden.model.prepared(golden.columns, pool: ThreadPool(threads: 1))
    let reach = try network.attentionRollout(
      rows.batch(0..<rows.count, network.inputs), on: Eager(Workspace(pool: ThreadPool(threads: 1))))
    #expect(reach.elements == focus.shares)
  }

  @Test("attention to compressed keys shows nothing")
  func compressed() throws {
    let golden = try GoldenModel("ft-transformer-key-value")
    #expect(try NetworkFocus(golden.model, columns: golden.columns, pool: ThreadPool(threads: 1)) == nil)
  }
}
