import Artifacts
import Checkpoints
import Diagnostics
import Files
import ForestFormats
import Trees

/// Makes a run directory of another program's model file: the work behind `tern import`.
public struct ModelImport: Sendable {
  /// The model as it is stored and served.
  public let artifact: ForestArtifact
  private let digest: Digest
  private let format: String

  /// Name of the target column where the file has none.
  public static let unnamedTarget = "target"

  /// Reads a model file.
  /// - Parameters:
  ///   - format: a format's name, or `safetensors` for an artifact of this program.
  ///   - target: name of the target column, which other programs' files do not have.
  /// - Throws: `TernError` of kind `usage` for an unknown format, of kind `data` for anything in the file.
  public init(path: String, format name: String, target: String? = nil) throws(TernError) {
    format = name
    let bytes = try AtomicFile.read(path)
    digest = Digest(of: bytes)
    if name == ModelExport.safetensors {
      artifact = try ForestArtifact(path: path)
      return
    }
    let format = try ModelExport.format(named: name)
    let model: ForeignForest
    do throws(TernError) {
      model = try format.read(Array(bytes), file: path).withSortedCategories()
    } catch {
      throw error.inFile(path)
    }
    let task = try ModelImport.task(of: model, file: path)
    let outputs = model.forest.outputs
    let classes =
      switch task {
      case .regression, .ranking: [String]()
      case .binary: model.classes.count == 2 ? model.classes : ["0", "1"]
      case .multiclass: model.classes.count == outputs ? model.classes : (0..<outputs).map(String.init)
      }
    let signature = ModelSignature(
      inputs: zip(model.forest.header.featureNames, model.categories).map {
        ModelSignature.Input(name: $0, vocabulary: $1)
      }, target: target ?? ModelImport.unnamedTarget, task: task, classes: classes)
    artifact = ForestArtifact(
      description: ForestArtifact.Description(
        model: ModelImport.family(of: format), signature: signature, featureSchema: nil,
        header: model.forest.header,
        parameters: .object(["imported_from": .string(name), "objective": .string(model.objective)]),
        bestIteration: max(model.forest.rounds - 1, 0)),
      forest: model.forest)
  }

  private static func family(of format: ForestFormat) -> String {
    switch format {
    case .xgboostJSON, .xgboostUBJ: "xgboost"
    case .lightgbm: "lightgbm"
    case .catboostJSON: "catboost"
    case .onnx: "onnx"
    }
  }

  private static func task(of model: ForeignForest, file: String) throws(TernError) -> Task {
    switch (model.forest.header.link, model.forest.outputs) {
    case (.softmax, 2...), (.logistic, 2...): return .multiclass
    case (.logistic, 1), (.step, 1): return .binary
    case (_, 1): return .regression
    case (let link, let outputs):
      throw TernError(
        .data, "a model of several targets is no model of a table", file: file, key: "outputs",
        found: "\(outputs) with link \(link.rawValue)", expected: "one output, or one for each class")
    }
  }

  /// Writes checkpoint, artifact and summary.
  /// - Returns: the facts of the run.
  public func write(to output: String) throws(TernError) -> TableTraining.Summary {
    try RunDirectory(path: output).write(imported: .forest(artifact), from: digest)
  }
}
