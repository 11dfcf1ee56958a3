extension NameTable {
  /// The names of rtdl_num_embeddings' modules. Slopes and offsets of bins follow from the configuration's edges.
  public static let numericEmbeddings = NameTable(
    program: "rtdl_num_embeddings",
    rules: NameRule.map("base", "linear0") + NameRule.map("linear", "linear")
      + [NameRule("frequencies.weight", "periodic.weight")],
    ignored: ["impl.weight", "impl.bias", "impl.mask", "impl.single_bin_mask"])
}
