import Diagnostics
enum ONNXReader { static func read(_ b: [UInt8], file: String?) throws(TernError) -> ForeignForest { throw TernError(.data, "stub") } }
enum ONNXWriter { static func write(_ m: ForeignForest) throws(TernError) -> [UInt8] { throw TernError(.data, "stub") } }
enum CatBoostReader { static func read(_ d: Located) throws(TernError) -> ForeignForest { throw TernError(.data, "stub") } }
enum CatBoostWriter { static func document(_ m: ForeignForest) throws(TernError) -> FormatOutput { throw TernError(.data, "stub") } }
