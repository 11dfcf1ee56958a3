import Diagnostics
import Trees

/// The files of other programs that forests are read from and written to.
public enum ForestFormat: String, CaseIterable, Sendable {
  /// XGBoost's JSON.
  case xgboostJSON = "xgboost-json"
  /// XGBoost's Universal Binary JSON.
  case xgboostUBJ = "xgboost-ubj"
  /// LightGBM's text.
  case lightgbm
  /// CatBoost's JSON.
  case catboostJSON = "catboost-json"
  /// ONNX with a TreeEnsemble of the domain ai.onnx.ml.
  case onnx

  /// Reads a model file.
  /// - Parameter file: its name, for errors.
  /// - Throws: `TernError` of kind `data` that names the key, what was found and what was expected.
  public func read(_ bytes: [UInt8], file: String? = nil) throws(TernError) -> ForeignForest {
    do throws(TernError) {
      switch self {
      case .xgboostJSON: return try XGBoostReader.read(try JSONParser.parse(bytes, file: file))
      case .xgboostUBJ: return try XGBoostReader.read(try UBJSONParser.parse(bytes, file: file))
      case .lightgbm: return try LightGBMReader.read(bytes, file: file)
      case .catboostJSON: return try CatBoostReader.read(try JSONParser.parse(bytes, file: file))
      case .onnx: return try ONNXReader.read(bytes, file: file)
      }
    } catch {
      throw file.map(error.inFile) ?? error
    }
  }

  /// Writes a model file that the other program loads.
  /// - Throws: `TernError` of kind `data` where the format has no way to say what the forest does.
  public func write(_ model: ForeignForest) throws(TernError) -> [UInt8] {
    switch self {
    case .xgboostJSON: return JSONWriter.write(try XGBoostWriter.document(model))
    case .xgboostUBJ: return UBJSONWriter.write(try XGBoostWriter.document(model))
    case .lightgbm: return try LightGBMWriter.write(model)
    case .catboostJSON: return JSONWriter.write(try CatBoostWriter.document(model))
    case .onnx: return try ONNXWriter.write(model)
    }
  }
}
