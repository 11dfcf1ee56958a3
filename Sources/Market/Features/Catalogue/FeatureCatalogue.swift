import Diagnostics
import Market

/// All features there are.
public enum FeatureCatalogue {
  /// Version of the semantics; grows when the value of any feature changes.
  public static let version = 1

  /// The full schema for candles of one interval.
  ///
  /// Higher timeframes (5m, 15m, 1h) are there when they are whole multiples of the interval and longer than it.
  /// - Throws: `TernError` of kind `configuration` for an interval above one day.
  public static func schema(for interval: Interval) throws(TernError) -> FeatureSchema {
    try schema(for: interval, recipes: recipes(for: interval))
  }

  /// The schema of the named features, in the order given.
  /// - Throws: `TernError` of kind `configuration` for an unknown or repeated name, with the nearest known one.
  public static func schema(
    for interval: Interval, selecting names: [String]
  ) throws(TernError) -> FeatureSchema {
    let all = recipes(for: interval)
    var chosen: [FeatureRecipe] = []
    for name in names {
      guard let recipe = all.first(where: { $0.name == name }) else {
        throw unknown(name, among: all.map(\.name))
      }
      guard !chosen.contains(where: { $0.name == name }) else {
        throw TernError(.configuration, "the feature is selected twice", key: name)
      }
      chosen.append(recipe)
    }
    return try schema(for: interval, recipes: chosen)
  }

  private static func schema(
    for interval: Interval, recipes: [FeatureRecipe]
  ) throws(TernError) -> FeatureSchema {
    guard interval.milliseconds <= 86_400_000 else {
      throw TernError(
        .configuration, "features are defined for candles of at most a day", key: "interval",
        found: "\(interval)",
        expected: "at most 1d")
    }
    let plan = Plan(interval: interval, recipes: recipes, blockLength: 1)
    var definitions: [FeatureDefinition] = []
    for (recipe, lane) in zip(recipes, plan.lanes) {
      definitions.append(
        FeatureDefinition(
          name: recipe.name, family: recipe.family, formula: recipe.formula, lookback: lane.memory,
          warmUp: lane.warmUp, unit: recipe.unit, source: recipe.source))
    }
    return FeatureSchema(version: version, interval: interval, features: definitions)
  }

  /// The error for a feature name that is not among those known.
  static func unknown(_ name: String, among known: [String]) -> TernError {
    let nearest = nearestName(to: name, among: known)
    return TernError(
      .configuration, "is not a known feature", key: name, expected: nearest.map { "perhaps \($0)" })
  }

  /// The computation of a schema, checked against the catalogue.
  ///
  /// - Parameter blockLength: bars that are processed at once at most.
  static func plan(_ schema: FeatureSchema, blockLength: Int) throws(TernError) -> Plan {
    guard schema.version == version else {
      throw TernError(
        .data, "the feature schema has another version", key: "version", found: "\(schema.version)",
        expected: "\(version)")
    }
    guard schema.interval.milliseconds <= 86_400_000 else {
      throw TernError(.data, "the feature schema's interval is above a day", found: "\(schema.interval)")
    }
    let all = recipes(for: schema.interval)
    let places = Dictionary(all.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var chosen: [FeatureRecipe] = []
    for definition in schema.features {
      guard let recipe = places[definition.name].map({ all[$0] }) else {
        var error = unknown(definition.name, among: all.map(\.name))
        error.kind = .data
        throw error
      }
      chosen.append(recipe)
    }
    let plan = Plan(interval: schema.interval, recipes: chosen, blockLength: blockLength)
    for ((definition, recipe), lane) in zip(zip(schema.features, chosen), plan.lanes) {
      let own = FeatureDefinition(
        name: recipe.name, family: recipe.family, formula: recipe.formula, lookback: lane.memory,
        warmUp: lane.warmUp, unit: recipe.unit, source: recipe.source)
      guard own == definition else {
        throw TernError(
          .data, "the feature is defined differently in this catalogue", key: definition.name,
          found: "\(definition.formula) (lookback \(definition.lookback))",
          expected: "\(own.formula) (lookback \(own.lookback))")
      }
    }
    return plan
  }
}

/// The graph that computes a list of recipes, with the lane of each.
struct Plan {
  let graph: Graph
  let inputs: InputLanes
  let lanes: [Lane]

  init(interval: Interval, recipes: [FeatureRecipe], blockLength: Int) {
    graph = Graph(interval: interval, blockLength: blockLength)
    inputs = InputLanes(graph)
    let base = Bars(
      graph: graph, clock: 0, open: inputs.open, high: inputs.high, low: inputs.low, close: inputs.close,
      volume: inputs.volume, inputs: inputs)
    var higher: [Int64: HigherTimeframe] = [:]
    var lanes: [Lane] = []
    for recipe in recipes {
      let lane: Lane
      if let length = recipe.timeframe {
        let timeframe =
          higher[length] ?? HigherTimeframe(graph, inputs, multiple: Int(length / interval.milliseconds))
        higher[length] = timeframe
        lane = timeframe.hold(recipe.make(timeframe.bars))
      } else {
        lane = recipe.make(base)
      }
      if blockLength > 1 { graph.add(NarrowNode(lane, column: lanes.count, graph.target.start), lane) }
      lanes.append(lane)
    }
    self.lanes = lanes
    graph.arrange()
  }
}
