extension NameTable {
  /// The names of rtdl_revisiting_models (`FTTransformer.state_dict()`), where an embedding of rtdl_num_embeddings may stand in
  /// the place of `cont_embeddings`.
  public static let ftTransformer = NameTable(
    program: "rtdl_revisiting_models",
    rules: [
      NameRule("tokens.first", "cls_embedding.weight"),
      NameRule("tokens.categories.weight", joining: "cat_embeddings.embeddings.*.weight"),
      NameRule("tokens.categories.bias", "cat_embeddings.bias"),
    ]
      + NameRule.map("tokens.numeric", "cont_embeddings")
      + NameRule.map("tokens.numeric.base", "cont_embeddings.linear0")
      + NameRule.map("tokens.numeric.linear", "cont_embeddings.linear")
      + [NameRule("tokens.numeric.frequencies.weight", "cont_embeddings.periodic.weight")]
      + NameRule.map("blocks.*.attention_norm", "backbone.blocks.*.attention_normalization")
      + NameRule.map("blocks.*.attention.query", "backbone.blocks.*.attention.W_q")
      + NameRule.map("blocks.*.attention.key", "backbone.blocks.*.attention.W_k")
      + NameRule.map("blocks.*.attention.value", "backbone.blocks.*.attention.W_v")
      + NameRule.map("blocks.*.attention.output", "backbone.blocks.*.attention.W_out")
      + NameRule.map("blocks.*.attention.key_compression", "backbone.blocks.*.attention.key_compression")
      + NameRule.map("blocks.*.attention.value_compression", "backbone.blocks.*.attention.value_compression")
      + NameRule.map("blocks.*.feed_forward_norm", "backbone.blocks.*.ffn_normalization")
      + NameRule.map("blocks.*.feed_forward.0", "backbone.blocks.*.ffn.linear1")
      + NameRule.map("blocks.*.feed_forward.1", "backbone.blocks.*.ffn.linear2")
      + NameRule.map("head.norm", "backbone.output.normalization")
      + NameRule.map("head.linear", "backbone.output.linear"),
    ignored: ["weight", "bias", "mask", "single_bin_mask"].map { "cont_embeddings.impl.\($0)" })
}
