import Layers
import Tensors

/// What makes tokens of numeric features, `x_j·slope_j + offset_j` behind a first one that is an offset alone, or a linear map of them.
struct TokenMap<Value> {
  /// Of the features (features, d).
  let slopes: Value
  /// Of the token in front and of the features (features + 1, d).
  let offsets: Value

  /// x (batch, features) → (batch, features + 1, d).
  func tokens<B: Backend>(_ x: Value, _ backend: B) -> Value where B.Value == Value {
    backend.tokens(x, slopes: slopes, offsets: offsets)
  }
}

/// The maps that make the tokens and the first block's queries, keys and values of numeric features.
struct FirstMaps<Value> {
  let tokens: TokenMap<Value>
  let query: TokenMap<Value>
  let key: TokenMap<Value>
  let value: TokenMap<Value>

  /// The same maps in another form.
  func map<Other>(_ form: (Value) -> Other) -> FirstMaps<Other> {
    func formed(_ map: TokenMap<Value>) -> TokenMap<Other> {
      TokenMap<Other>(slopes: form(map.slopes), offsets: form(map.offsets))
    }
    return FirstMaps<Other>(
      tokens: formed(tokens), query: formed(query), key: formed(key), value: formed(value))
  }

  /// Slopes and offsets, map by map.
  var values: [Value] { [tokens, query, key, value].flatMap { [$0.slopes, $0.offsets] } }

  /// The maps of which `values` are these; nil for none.
  init?(values: [Value]) {
    guard values.count == 8 else { return nil }
    let maps = (0..<4).map { TokenMap(slopes: values[2 * $0], offsets: values[2 * $0 + 1]) }
    self.init(tokens: maps[0], query: maps[1], key: maps[2], value: maps[3])
  }

  init(tokens: TokenMap<Value>, query: TokenMap<Value>, key: TokenMap<Value>, value: TokenMap<Value>) {
    self.tokens = tokens
    self.query = query
    self.key = key
    self.value = value
  }
}

/// The maps of a batch with the numbers that they are applied to.
struct MappedTokens<Value> {
  let maps: FirstMaps<Value>
  let numbers: Value
}
