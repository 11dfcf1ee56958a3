import Files
import Foundation
import TestSupport
import Testing

@Suite struct CommandTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
    try AtomicFile.createDirectory(folder)
  }

  private func file(_ name: String, _ text: String) throws -> String {
    try AtomicFile.write(Array(text.utf8), to: "\(folder)/\(name)")
    return "\(folder)/\(name)"
  }

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func helpSucceedsAndBadUsageExitsWithTwo() throws {
    defer { clean() }
    #expect(try Programs.tern(["--help"]).status == 0)
    #expect(try Programs.tern(["train", "--help"]).status == 0)
    #expect(try Programs.tern(["fly"]).status == 2)
    #expect(try Programs.tern(["train"]).status == 2)
    #expect(try Programs.tern(["data", "import", "x.csv", "--output", "\(folder)/x.h5"]).status == 2)
  }

  @Test(arguments: [
    ("open_time,open,high,low,close,volume\n1672531200000,1,2,0.5,abc,1\n", "close"),
    ("open_time,open,high,low,close,volume\n1672531200000,1,2,0.5,nan,1\n", "close"),
    ("open_time,open,high,low,close,volume\n1672531200000,1,2,0.5,1,-1\n", "volume"),
    ("open_time,open,high,low,close,volume\n1672531200000,1,0.5,2,1,1\n", "high"),
    (
      "open_time,open,high,low,close,volume\n1672531260000,1,2,0.5,1,1\n1672531260000,1,2,0.5,1,1\n",
      "open_time"
    ),
    (
      "open_time,open,high,low,close,volume\n1672531260000,1,2,0.5,1,1\n1672531200000,1,2,0.5,1,1\n",
      "open_time"
    ),
    ("", "is empty"),
  ])
  func badCandlesAreRefusedAndLeaveNothing(text: String, column: String) throws {
    defer { clean() }
    let input = try file("BTCUSDT-1m.csv", text)
    let result = try Programs.tern(["data", "import", input, "--output", "\(folder)/out.h5", "--json"])
    #expect(result.status == 65)
    #expect(result.error.contains(input))
    #expect(result.error.contains(column))
    #expect(result.output.contains("\"exit_code\" : 65"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["BTCUSDT-1m.csv"])
  }

  @Test func importBuildAndLabelFollowTheContract() throws {
    defer { clean() }
    let store = "\(folder)/s.h5"
    #expect(
      try Programs.tern(["data", "synthesize", "--days", "2", "--output", store, "--json"]).status == 0)
    #expect(try Programs.tern(["data", "inspect", store, "--json"]).status == 0)
    let built = try Programs.tern(
      [
        "features", "build", "--data", store, "--output", "\(folder)/f.h5", "--csv", "\(folder)/f.csv",
      ])
    #expect(built.status == 0, "\(built.error)")
    let features = try String(contentsOfFile: "\(folder)/f.csv", encoding: .utf8).split(separator: "\n")
    #expect(features.count == 2881)
    #expect(features[0].hasPrefix("open_time,"))
    #expect(features[1].contains(",,"), "warm-up cells are empty")
    let labelled = try Programs.tern(
      [
        "label", "--data", store, "--upper", "0.015", "--lower", "0.005", "--horizon", "60m", "--mode",
        "one-sided",
        "--output", "\(folder)/l.h5", "--csv", "\(folder)/l.csv", "--json",
      ])
    #expect(labelled.status == 0)
    #expect(labelled.error.contains("warning"), "one-sided labels warn")
    let labels = try String(contentsOfFile: "\(folder)/l.csv", encoding: .utf8)
    #expect(labels.hasPrefix("open_time,label,exit_time,barrier,gross_return,net_return,weight,ambiguous\n"))
    var bytes = try AtomicFile.read(store)
    bytes[bytes.count / 2] ^= 1
    try AtomicFile.write(bytes, to: store)
    #expect(
      try Programs.tern(["features", "build", "--data", store, "--output", "\(folder)/g.h5"]).status == 65)
    #expect(!AtomicFile.exists("\(folder)/g.h5"))
  }

  @Test func configurationErrorsExitWithSeventyEight() throws {
    defer { clean() }
    let pipeline = try file("p.yaml", "name: x\nwalk_forward:\n  trian: 6mo\n")
    let result = try Programs.tern(
      ["run", pipeline, "--registry", "\(folder)/registry", "--output", "\(folder)/out"])
    #expect(result.status == 78)
    #expect(result.error.contains("p.yaml:3: walk_forward.trian: is not a known key; did you mean train?"))
    #expect(!AtomicFile.exists("\(folder)/registry"))
    let data = try file("t.csv", "x,y\n1,0\n2,1\n")
    let train = [
      "train", "--model", "xgboost", "--data", data, "--target", "y", "--task", "binary", "--output",
      "\(folder)/r",
    ]
    let unknown = try Programs.tern(train + ["--set", "max_dept=3"])
    #expect(unknown.status == 78)
    #expect(unknown.error.contains("max_depth"))
    #expect(!AtomicFile.exists("\(folder)/r"))
  }

  @Test func aLockedRegistryIsATemporaryFailure() throws {
    defer { clean() }
    let registry = "\(folder)/registry"
    let data = try file("t.csv", "x,y\n" + (0..<60).map { "\($0),\($0 % 2)\n" }.joined())
    let train = [
      "train", "--model", "lightgbm", "--data", data, "--target", "y", "--task", "binary", "--output",
      "\(folder)/r",
    ]
    #expect(try Programs.tern(train).status == 0)
    let register = ["registry", "register", "\(folder)/r", "--name", "toy", "--registry", registry]
    #expect(try Programs.tern(register).status == 0)
    let refused = try Programs.tern(["registry", "promote", "toy@1", "--registry", registry])
    #expect(refused.status == 65)
    #expect(refused.error.contains("evaluation"))
    #expect(try Programs.tern(["registry", "verify", "--registry", registry]).status == 0)
    #expect(
      try Programs.tern(
        ["evaluate", "--model", "toy@1", "--registry", registry, "--data", data, "--target", "y"]
      )
      .status == 0)

    let descriptor = open(registry + "/registry.lock", O_RDWR)
    #expect(descriptor >= 0)
    #expect(flock(descriptor, LOCK_EX) == 0)
    #expect(try Programs.tern(["registry", "list", "--registry", registry]).status == 75)
    close(descriptor)
    #expect(try Programs.tern(["registry", "list", "--registry", registry]).status == 0)
    #expect(try Programs.tern(["registry", "list", "--registry", "\(folder)/nowhere"]).status == 65)
    #expect(!AtomicFile.exists("\(folder)/nowhere"))
  }

  @Test func networksAreCrossValidatedOverTheirBins() throws {
    defer { clean() }
    let rows = (0..<90).map { "\($0 % 7),\($0 % 11),\($0 % 7 > 3 ? 1 : 0)\n" }
    let data = try file("t.csv", "a,b,y\n" + rows.joined())
    let train = [
      "train", "--model", "ft-transformer", "--data", data, "--target", "y", "--task", "binary", "--output",
      "\(folder)/cv", "--set", "n_blocks=1", "--set", "d_block=8", "--set", "attention_n_heads=2", "--set",
      "max_epochs=2", "--set", "numeric_embedding.kind=piecewise_linear", "--set",
    ]
    let result = try Programs.tern(train + ["numeric_embedding.n_bins=5", "--cv", "3"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("3 folds (kfold) of 90 rows × 2 features, 2 epochs in"))
    #expect(result.output.contains("valid logloss") && result.output.contains("best epoch"))
    #expect(AtomicFile.exists("\(folder)/cv/cv.json") && !AtomicFile.exists("\(folder)/cv/run.json"))
    let many = try Programs.tern(train + ["numeric_embedding.n_bins=60", "--cv", "3"])
    #expect(many.status == 78 && many.error.contains("numeric_embedding.n_bins: there are too few"))
    #expect(try Programs.tern(train + ["numeric_embedding.n_bins=5"]).status == 0)
    let member = try Programs.tern([
      "evaluate", "--model", "\(folder)/cv", "--data", data, "--member", "0",
    ])
    #expect(member.status == 2 && member.error.contains("only an ensemble has members"))
  }

  @Test func explainWritesPageTableAndDrawing() throws {
    defer { clean() }
    var text = "a,b,kind,y\n"
    for i in 0..<200 {
      text += "\(i % 7),\(i % 5 == 0 ? "" : "\(i % 3)"),\(i % 2 == 0 ? "x" : "z"),\(i % 7 > 3 ? 1 : 0)\n"
    }
    let data = try file("t.csv", text)
    let train = [
      "train", "--model", "xgboost", "--data", data, "--target", "y", "--task", "binary", "--output",
      "\(folder)/run", "--set", "num_boost_round=5",
    ]
    #expect(try Programs.tern(train).status == 0)
    let explain = [
      "explain", "--model", "\(folder)/run", "--data", data, "--output", "\(folder)/e.html", "--json",
    ]
    let result = try Programs.tern(
      explain + ["--csv", "\(folder)/s.csv", "--tree-svg", "\(folder)/t.svg", "--tree", "1", "--row", "3"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("\"method\" : \"path-dependent\""))
    #expect(result.output.contains("\"tree_text\" : \"tree 1 of 5: "))
    let values = try String(contentsOfFile: "\(folder)/s.csv", encoding: .utf8).split(separator: "\n")
    #expect(values.count == 201 && values[0] == "row,a,b,kind,expected")
    #expect(try String(contentsOfFile: "\(folder)/t.svg", encoding: .utf8).hasPrefix("<svg "))
    let page = try String(contentsOfFile: "\(folder)/e.html", encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("Permutation importance"))
    for (option, value, expected) in [
      ("--tree", "5", "--tree: the model has no such tree (found 5, expected 0 to 4)"),
      ("--row", "201", "expected 1 to 200"), ("--class", "x", "only a multiclass model"),
      ("--cover", "hesians", "did you mean hessians?"), ("--metric", "aux", "did you mean auc?"),
    ] {
      let refused = try Programs.tern(explain + [option, value])
      #expect(refused.status == 2 && refused.error.contains(expected), "\(option): \(refused.error)")
    }
    let target = try Programs.tern(explain + ["--target", "yy"])
    #expect(target.status == 65 && target.error.contains("did you mean \"y\"?"))
  }
}
