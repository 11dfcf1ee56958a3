import Diagnostics
import Layers
import Tensors

/// The tokens of categorical features: codes (batch, features) → (batch, features, d), a vector of the code and one of the
/// feature added.
struct CategoryTokens {
  private let codes: CategoryCodes
  private let table: Parameter
  private let bias: Parameter

  /// Pulls `weight` (all categories, d), the features' vectors one behind the other, and `bias` (features, d), all uniform
  /// in ±1/√d.
  init(_ cardinalities: [Int], _ width: Int, _ scope: ParameterScope) throws(TernError) {
    let drawn = Initialiser.uniform(Linear.bound(width))
    codes = CategoryCodes(cardinalities)
    table = try scope.parameter("weight", Shape(codes.total, width), drawn, role: .embedding)
    bias = try scope.parameter("bias", Shape(cardinalities.count, width), drawn, role: .embedding)
  }

  func callAsFunction<B: Backend>(_ categories: IndexTensor, _ backend: B) -> B.Value {
    let vectors = backend.embedding(table, codes.joined(categories, backend.workspace))
    let shape = backend.shape(vectors)
    let features = shape[1] * shape[2]
    // A bias for each feature is a vector over all numbers of a row.
    let flat = backend.add(
      backend.reshape(vectors, Shape(shape[0], features)),
      backend.reshape(backend.parameter(bias), Shape(features)))
    return backend.reshape(flat, shape)
  }
}
