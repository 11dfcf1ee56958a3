import Fitting
import NetworkModels
import Networks
import Optimizers

/// The networks that train on a table.
public enum NetworkFamily: String, CaseIterable, Sendable {
  /// Sequential attention over columns (Arık & Pfister, "TabNet", 2021).
  case tabnet
  /// A transformer over columns (Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021).
  case ftTransformer = "ft-transformer"

  /// The network in the shape that its authors recommend.
  public var architecture: NetworkArchitecture {
    switch self {
    case .tabnet: .tabnet(TabNetConfiguration())
    case .ftTransformer: .ftTransformer(FTTransformerConfiguration())
    }
  }

  /// How its authors train it.
  public var fit: FitConfiguration {
    var fit = FitConfiguration()
    switch self {
    case .tabnet:
      // TabNetClassifier of pytorch-tabnet.
      fit.batchSize = 1024
      fit.maxEpochs = 200
      fit.patience = 10
      fit.clipNorm = 1
      fit.optimizer = OptimizerConfiguration(.adam)
      fit.optimizer.lr = 0.02
    case .ftTransformer:
      // The paper's default configuration.
      fit.batchSize = 256
      fit.maxEpochs = 200
      fit.patience = 16
      fit.optimizer = OptimizerConfiguration(.adamw)
      fit.optimizer.lr = 1e-4
      fit.optimizer.weightDecay = 1e-5
    }
    return fit
  }
}
