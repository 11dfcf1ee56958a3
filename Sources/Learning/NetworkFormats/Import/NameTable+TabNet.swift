extension NameTable {
  /// The names of pytorch-tabnet's classifiers and regressors (`TabNet.state_dict()`).
  public static let tabNet = table(encoder: "tabnet.encoder")

  /// The names of pytorch-tabnet's self-supervised networks (`TabNetPretraining.state_dict()`).
  public static let tabNetPretraining = table(encoder: "encoder")

  private static func table(encoder: String) -> NameTable {
    func transformer(_ own: String, _ foreign: String) -> [NameRule] {
      NameRule.batchNorm("\(own).shared.*.norm", "\(foreign).shared.glu_layers.*.bn.bn")
        + NameRule.batchNorm("\(own).own.*.norm", "\(foreign).specifics.glu_layers.*.bn.bn")
        + [NameRule("\(own).own.*.weight", "\(foreign).specifics.glu_layers.*.fc.weight")]
    }
    let steps = "encoder.steps.*"
    let rules =
      [
        NameRule("embedder.*.weight", "embedder.embeddings.*.weight"),
        // The matrices that steps share appear under every place that uses them; files may keep any of the names.
        NameRule(
          "encoder.shared.*.weight", "\(encoder).initial_splitter.shared.shared_layers.*.weight",
          "\(encoder).initial_splitter.shared.glu_layers.*.fc.weight",
          "\(encoder).feat_transformers.0.shared.shared_layers.*.weight",
          "\(encoder).feat_transformers.0.shared.glu_layers.*.fc.weight"),
        NameRule("\(steps).attention.weight", "\(encoder).att_transformers.*.fc.weight"),
        NameRule("head.weight", "tabnet.final_mapping.weight"),
        NameRule(
          "decoder.shared.*.weight", "decoder.feat_transformers.0.shared.shared_layers.*.weight",
          "decoder.feat_transformers.0.shared.glu_layers.*.fc.weight"),
        NameRule("decoder.reconstruction.weight", "decoder.reconstruction_layer.weight"),
      ]
      + NameRule.batchNorm("encoder.norm", "\(encoder).initial_bn")
      + NameRule.batchNorm("\(steps).attention_norm", "\(encoder).att_transformers.*.bn.bn")
      + transformer("encoder.splitter", "\(encoder).initial_splitter")
      + transformer("\(steps).features", "\(encoder).feat_transformers.*")
      + transformer("decoder.steps.*", "decoder.feat_transformers.*")
    let users = [
      "\(encoder).initial_splitter", "\(encoder).feat_transformers.*", "decoder.feat_transformers.*",
    ]
    let norms =
      [
        "\(encoder).initial_bn", "\(encoder).att_transformers.*.bn.bn", "tabnet.initial_bn",
      ] + users.flatMap { ["\($0).shared.glu_layers.*.bn.bn", "\($0).specifics.glu_layers.*.bn.bn"] }
    // A second normalisation of the input stands in the original and is never used.
    let unused = ["weight", "bias", "running_mean", "running_var"].map { "tabnet.initial_bn.\($0)" }
    return NameTable(
      program: "pytorch-tabnet", rules: rules,
      ignored: unused + norms.map { "\($0).num_batches_tracked" }
        + users.flatMap { ["\($0).shared.shared_layers.*.weight", "\($0).shared.glu_layers.*.fc.weight"] }
        // The matrix of groups follows from the configuration.
        + ["embedder.embedding_group_matrix"])
  }
}
