import Boosting
import Compute
import Testing

/// NDCG of LightGBM 4.7.0 (`lambdarank`, defaults) and XGBoost 3.2.0 (`rank:ndcg`, eta 0.1) on LightGBM's ranking example.
@Suite("Peers' rankings on LightGBM's example", .enabled(if: SharedData.isPresent, "skipped: no shared data"))
struct RankingExampleTests {
  struct Peer: Sendable, CustomTestStringConvertible {
    var style: BoostingConfiguration.Style
    var parameters: [String: String]
    /// A left-out feature: zero for LightGBM, missing for XGBoost.
    var absent: Float
    /// NDCG@1, 3, 5 of the training rows after the first and the hundredth round, and of the test rows after the hundredth.
    var first: [Double]
    var train: [Double]
    var test: [Double]
    var testDescription: String { style.rawValue }
  }

  static let peers: [Peer] = [
    Peer(
      style: .lightgbm, parameters: [:], absent: 0, first: [0.732528, 0.730039, 0.753672],
      train: [1, 0.998538, 0.997443], test: [0.641714, 0.651209, 0.673931]),
    Peer(
      style: .xgboost, parameters: ["eta": "0.1"], absent: .nan, first: [0.768301, 0.748620, 0.761866],
      train: [0.989007, 0.992553, 0.990854], test: [0.520571, 0.611977, 0.651182]),
  ]

  /// The first tree ties within 2 %, a hundred within 2 % of the training rows. Fifty test queries scatter: the peers themselves
  /// differ by 0.12 in NDCG@1, so a test figure may be 0.1 below the peer's.
  @Test(arguments: peers)
  func rankingsAreAsGood(_ peer: Peer) throws {
    let train = try SharedData.rankingTable("train", absent: peer.absent)
    let test = try SharedData.rankingTable("test", absent: peer.absent)
    let configuration = try BoostingConfiguration(
      style: peer.style,
      parameters: ["objective": "lambdarank", "eval_at": "1,3,5"].merging(peer.parameters) { a, _ in a })
    let result = try Booster.train(
      configuration: configuration, train: train, valid: test, pool: ThreadPool(threads: 2))
    for (index, position) in [1, 3, 5].enumerated() {
      let metric = Metric(.ndcg, number: Double(position))
      let own = try #require(result.history.first { $0.dataset == "train" && $0.metric == metric }).values
      let valid = try #require(result.history.first { $0.dataset == "valid" && $0.metric == metric }).values
      print(
        "\(peer.style) ndcg@\(position): round 1 \(own[0]) (\(peer.first[index])), train \(own[99]) (\(peer.train[index])), test \(valid[99]) (\(peer.test[index]))"
      )
      #expect(abs(own[0] - peer.first[index]) < 0.02)
      #expect(abs(own[99] - peer.train[index]) < 0.02)
      #expect(valid[99] > peer.test[index] - 0.1)
    }
  }
}
