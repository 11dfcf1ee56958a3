import Boosting
import Compute

/// Small tables for tests.
enum TestTables {
  /// Normal features, some missing, one constant, one infinite now and then; a noisy label.
  static func mixed(rows: Int, seed: UInt64, classes: Int = 2, missing: Double = 0.1) -> TrainingTable {
    var random = Philox(seed: seed)
    var columns = [[Float]](repeating: [], count: 11)
    var labels: [Float] = []
    for _ in 0..<rows {
      var sum = 0.0
      for feature in 0..<11 {
        var x = Float(random.normal())
        if feature == 1 { x = (x * 3).rounded() }
        if feature == 4 { x = 2.5 }
        if feature == 5, random.uniform() < 0.02 { x = random.uniform() < 0.5 ? .infinity : -.infinity }
        let isMissing = feature != 4 && feature != 7 && random.uniform() < missing
        if isMissing { x = .nan }
        columns[feature].append(x)
        if feature == 0 { sum += isMissing ? 1 : Double(x) }
        if feature == 2 { sum += isMissing ? 0 : Double(x * x) }
      }
      sum += 0.5 * random.normal()
      labels.append(Float(min(classes - 1, max(0, Int((sum + 1).rounded(.down))))))
    }
    return TrainingTable(
      featureNames: (0..<11).map { "f\($0)" }, columns: columns, labels: labels)
  }
}
