import Compute
public import Diagnostics
import Layers
public import Networks
import ONNX
import Tensors

/// Writes networks as ONNX graphs of plain operators (opset 17).
///
/// The network itself is run once on a backend that writes its operations down, so the graph cannot differ from it. Inputs are
/// `numeric` (batch, columns) of floats and `categories` (batch, columns) of 64-bit codes, each only where the network has
/// such columns; the output is `prediction` (batch, outputs), values or logits.
public enum NetworkONNX {
  /// The name of the output.
  public static let output = "prediction"

  /// The bytes of a file.
  /// - Parameter metadata: words of description, kept in their order.
  /// - Throws: `TernError` of kind `data` for a network with an operation that has no equivalent.
  public static func write<Network: TabularNetwork>(
    _ network: Network, metadata: [(key: String, value: String)] = []
  ) throws(TernError) -> [UInt8] {
    let trace = NetworkTrace(name: Network.name, Workspace(pool: ThreadPool(threads: 1)))
    let inputs = network.inputs
    let numeric = inputs.numeric > 0 ? trace.input(columns: inputs.numeric) : nil
    let categories =
      inputs.cardinalities.isEmpty ? nil : trace.categoryInput(columns: inputs.cardinalities.count)
    let output = network(TabularInput(numeric: numeric, categories: categories), on: trace).prediction
    if let operation = trace.unsupported {
      throw TernError(.data, "ONNX has no equivalent of an operation", key: Network.name, found: operation)
    }
    trace.finish(output, as: NetworkONNX.output)
    for (key, value) in metadata { trace.describe(key, value) }
    return trace.model.bytes
  }
}
