import Diagnostics
import Trees

/// `features_info` and `ctr_data` of a CatBoost model.
struct CatBoostFeatures {
  /// A numeric feature of the file.
  struct Number {
    var feature: Int
    var missingLeft: Bool
  }

  /// Name of every feature of a row, in flat order.
  private(set) var names: [String] = []
  /// Names of categories by code for each feature.
  private(set) var categories: [[String]?] = []
  /// Numeric features by their own index.
  private(set) var numbers: [Number] = []
  /// Flat indices of the categorical features by their own index.
  private(set) var categorical: [Int] = []
  /// The stage in front of the trees, for any model with categories.
  private(set) var statistics: CategoryStatistics?
  /// Code of each category by its hash.
  private(set) var codes: [UInt32: Int] = [:]
  /// The derived feature and border of a split by the file's `split_index`.
  private(set) var statisticSplits: [Int: (column: Int, border: Float)] = [:]

  private static let featureLimit = 1 << 24

  /// Reads both parts.
  init(_ document: Located) throws(TernError) {
    let info = try document.member("features_info")
    for key in ["text_features", "embedding_features"] {
      if let other = try info.optional(key), !(try other.elements().isEmpty) {
        throw other.error("are not supported", expected: "numeric and categorical features")
      }
    }
    var borders = 0
    for place in try info.optional("float_features")?.elements() ?? [] {
      borders += try place.optional("borders")?.numbers().count ?? 0
      let treatment = try place.optional("nan_value_treatment")?.string() ?? "AsIs"
      guard ["AsIs", "AsFalse", "AsTrue"].contains(treatment) else {
        throw place.error(
          "has an unknown treatment of NaN", found: treatment, expected: "AsIs, AsFalse or AsTrue")
      }
      try expect(place, index: numbers.count)
      // NaN is greater than no border, so AsIs is AsFalse.
      numbers.append(Number(feature: try add(place), missingLeft: treatment != "AsTrue"))
    }
    for place in try info.optional("categorical_features")?.elements() ?? [] {
      borders += try place.optional("values")?.numbers().count ?? 0
      try expect(place, index: categorical.count)
      categorical.append(try add(place))
    }
    categories = [[String]?](repeating: nil, count: names.count)
    if !categorical.isEmpty { try readCategories(info) }
    try readStatistics(document, info, firstSplit: borders)
  }

  /// Splits name features by their index, so these must be listed in order.
  private func expect(_ place: Located, index: Int) throws(TernError) {
    guard try place.member("feature_index").integer() == index else {
      throw try place.member("feature_index").error("is out of order", expected: "\(index)")
    }
  }

  /// Takes a feature's name to its place in a row.
  private mutating func add(_ place: Located) throws(TernError) -> Int {
    let flat =
      try place.optional("flat_feature_index")?.integer(0...CatBoostFeatures.featureLimit) ?? names.count
    while names.count <= flat { names.append("\(names.count)") }
    for key in ["feature_name", "feature_id"] {
      if let text = try place.optional(key)?.string(), !text.isEmpty { names[flat] = text }
    }
    return flat
  }

  private mutating func readCategories(_ info: Located) throws(TernError) {
    guard let list = try info.optional("cat_features_hash")?.elements(), !list.isEmpty else {
      throw TernError(
        .data, "the names of categories are not in the file", file: info.file,
        key: "features_info.cat_features_hash", found: "none",
        expected: "a model saved with save_model(…, format=\"json\", pool=pool)")
    }
    var pairs: [(name: String, hash: UInt32)] = []
    for entry in list {
      let hash = try entry.member("hash").integer(Int(Int32.min)...Int(UInt32.max))
      pairs.append((try entry.member("value").string(), UInt32(truncatingIfNeeded: hash)))
    }
    pairs.sort { $0.name < $1.name }
    for (code, pair) in pairs.enumerated() where codes[pair.hash] == nil { codes[pair.hash] = code }
    guard codes.count == pairs.count else {
      throw try info.member("cat_features_hash").error("names a category or a hash twice")
    }
    var hashes = [[UInt32]](repeating: [], count: names.count)
    for feature in categorical {
      categories[feature] = pairs.map(\.name)
      hashes[feature] = pairs.map(\.hash)
    }
    statistics = CategoryStatistics(hashes: hashes, tables: [], columns: [])
  }

  private mutating func readStatistics(
    _ document: Located, _ info: Located, firstSplit: Int
  ) throws(TernError) {
    guard let list = try info.optional("ctrs")?.elements(), !list.isEmpty else { return }
    guard var stage = statistics else { throw info.error("has statistics without categorical features") }
    let data = try document.member("ctr_data")
    var tables: [String: Int] = [:]
    var split = firstSplit
    for place in list {
      let identifier = try place.member("identifier").string()
      let kind = try kind(of: place)
      if tables[identifier] == nil {
        tables[identifier] = stage.tables.count
        stage.tables.append(
          try table(try data.member(identifier), elements: place.member("elements"), kind: kind))
      }
      for border in try place.member("borders").floats() {
        statisticSplits[split] = (stage.columns.count, border)
        split += 1
      }
      stage.columns.append(
        CategoryStatistics.Column(
          table: tables[identifier] ?? 0, kind: kind,
          target: try place.optional("target_border_idx")?.integer() ?? 0,
          priorNumerator: try place.member("prior_numerator").number().float,
          priorDenominator: try place.member("prior_denomerator").number().float,
          shift: try place.member("shift").number().float, scale: try place.member("scale").number().float))
    }
    statistics = stage
  }

  private func kind(of place: Located) throws(TernError) -> CategoryStatistics.Kind {
    let type = try place.member("ctr_type")
    switch try type.string() {
    case "Borders": return .borders
    case "Buckets": return .buckets
    case "BinarizedTargetMeanValue", "FloatTargetMeanValue": return .mean
    case "Counter", "FeatureFreq": return .counter
    default:
      throw type.error(
        "is an unknown statistic",
        expected: "Borders, Buckets, BinarizedTargetMeanValue, FloatTargetMeanValue, Counter or FeatureFreq")
    }
  }

  private func table(
    _ place: Located, elements: Located, kind: CategoryStatistics.Kind
  ) throws(TernError) -> CategoryStatistics.Table {
    let stride = try place.member("hash_stride").integer(2...1 << 20)
    let flat = try place.member("hash_map").elements()
    guard flat.count % stride == 0 else {
      throw place.error(
        "has a broken row", found: "\(flat.count) entries", expected: "a multiple of \(stride)")
    }
    var rows: [(hash: UInt64, counts: [Double])] = []
    for at in Swift.stride(from: 0, to: flat.count, by: stride) {
      let text = try flat[at].string()
      guard let hash = UInt64(text) else {
        throw flat[at].error("is not a hash", expected: "a 64-bit number")
      }
      rows.append(
        (hash, try flat[at + 1..<at + stride].map { count throws(TernError) in try count.number().double }))
    }
    rows.sort { $0.hash < $1.hash }
    return CategoryStatistics.Table(
      elements: try elements.elements().map { part throws(TernError) in try element(part) },
      hashes: rows.map(\.hash), counts: rows.flatMap(\.counts), stride: stride - 1,
      denominator: try place.optional("counter_denominator")?.number().double ?? 0)
  }

  private func element(_ place: Located) throws(TernError) -> CategoryStatistics.Element {
    let kind = try place.member("combination_element")
    switch try kind.string() {
    case "cat_feature_value": return .category(feature: try category(place))
    case "cat_feature_exact_value":
      let hash = try place.member("value").integer(Int(Int32.min)...Int(UInt32.max))
      return .equals(feature: try category(place), hash: UInt32(truncatingIfNeeded: hash))
    case "float_feature":
      let feature = try number(place).feature
      return .greater(feature: feature, border: try place.member("border").number().float)
    default:
      throw kind.error(
        "is an unknown part of a combination",
        expected: "cat_feature_value, cat_feature_exact_value or float_feature")
    }
  }

  /// The flat index of the categorical feature that an object names.
  func category(_ place: Located) throws(TernError) -> Int {
    let index = try place.member("cat_feature_index").integer()
    guard categorical.indices.contains(index) else {
      throw try place.member("cat_feature_index").error(
        "does not exist", expected: "0 ..< \(categorical.count)")
    }
    return categorical[index]
  }

  /// The numeric feature that an object names.
  func number(_ place: Located) throws(TernError) -> Number {
    let index = try place.member("float_feature_index").integer()
    guard numbers.indices.contains(index) else {
      throw try place.member("float_feature_index").error(
        "does not exist", expected: "0 ..< \(numbers.count)")
    }
    return numbers[index]
  }
}
