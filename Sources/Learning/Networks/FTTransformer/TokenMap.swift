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
