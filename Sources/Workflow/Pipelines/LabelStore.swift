import Diagnostics
import Files
import HDF5
import Labels

/// Writes triple-barrier labels for people and other programs.
public enum LabelStore {
  /// Writes an HDF5 file with one dataset per column, one element per candle; label −1 means none, and its numbers
  /// are NaN. Attributes: the configuration (JSON) and the digest of the market.
  /// - Throws: `TernError`; nothing is left at `path` on failure.
  public static func write(_ labels: LabelSet, dataDigest: Digest, to path: String) throws(TernError) {
    try AtomicFile.replace(path) { temporary throws(TernError) in
      let file = try HDF5File.create(temporary)
      try file.write(labels.openTime, to: "open_time")
      try file.write(labels.label.map(Int32.init), to: "label")
      try file.write(labels.exitTime, to: "exit_time")
      try file.write(labels.barrier.map(Int32.init), to: "barrier")
      try file.write(labels.grossReturn, to: "gross_return")
      try file.write(labels.netReturn, to: "net_return")
      try file.write(labels.weight, to: "weight")
      try file.write(labels.ambiguous.map { $0 ? UInt8(1) : 0 }, to: "ambiguous")
      try file.write(labels.long.net, to: "long_net_return")
      try file.write(labels.short.net, to: "short_net_return")
      let configuration = String(decoding: try CanonicalJSON.encode(labels.configuration), as: UTF8.self)
      try file.setAttribute("configuration", to: configuration)
      try file.setAttribute("label_names", to: "0 LONG, 1 SHORT, 2 NEUTRAL")
      try file.setAttribute(
        "barrier_names",
        to: LabelSet.Barrier.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", "))
      try file.setAttribute("data_digest", to: dataDigest.description)
      try file.close()
    }
  }
}
