import Evaluation

extension WalkForwardRun {
  /// What the verdict is judged on.
  var evidence: VerdictEvidence {
    let traded = foldTrades.filter { !$0.isEmpty }
    return VerdictEvidence(
      isUnseen: true, folds: folds.count, trades: backtest.trades.count, auc: direction.bootstrap?.interval,
      netExpectancy: expectancy?.interval, confidentSlice: signal.confidentSlice,
      maximumDrawdown: backtest.metrics.drawdown.depth,
      randomEntryPValue: backtest.baselines.randomEntry?.pValue,
      totalReturn: backtest.metrics.totalReturn,
      profitableFolds: traded.isEmpty
        ? nil : Double(traded.count { $0.reduce(0, +) > 0 }) / Double(traded.count))
  }

  /// Net returns of the trades entered in each fold's test span.
  var foldTrades: [[Double]] {
    folds.map { fold in
      zip(backtest.trades, tradeReturns).filter { fold.fold.test.contains($0.0.entryTime) }.map(\.1)
    }
  }

  /// The headline figures by layer and name, for `--json` and the registry. Figures that do not exist are left out.
  var figures: [String: [String: Double]] {
    let trading = backtest.metrics
    let optional: [String: [String: Double?]] = [
      "signal": [
        "logloss": signal.logLoss, "logloss_prior": signal.priorLogLoss, "accuracy": signal.accuracy,
        "auc_macro": signal.macroAUC, "auc_long_vs_short": direction.bootstrap?.interval.estimate,
        "auc_long_vs_short_lower": direction.bootstrap?.interval.lower,
        "auc_long_vs_short_upper": direction.bootstrap?.interval.upper, "ece": signal.ece,
        "brier": signal.brier,
        "confident_rows": Double(signal.confidentSlice.count),
        "confident_mean": signal.confidentSlice.meanConfidence,
        "confident_hit_rate": signal.confidentSlice.hitRate,
      ],
      "regime": [
        "logloss": regime.logLoss, "logloss_prior": regime.priorLogLoss, "accuracy": regime.accuracy,
        "auc_macro": regime.macroAUC, "ece": regime.ece,
      ],
      "trading": [
        "total_return": trading.totalReturn, "annualised_return": trading.annualizedReturn,
        "sharpe": trading.sharpe,
        "sortino": trading.sortino, "calmar": trading.calmar, "max_drawdown": trading.drawdown.depth,
        "max_drawdown_days": trading.drawdown.lengthDays, "win_rate": trading.winRate,
        "profit_factor": trading.profitFactor, "expectancy": trading.expectancyOfNotional,
        "expectancy_lower": expectancy?.interval.lower, "expectancy_upper": expectancy?.interval.upper,
        "exposure": trading.exposure, "turnover": trading.turnover, "trades": Double(trading.trades),
        "buy_and_hold_return": backtest.baselines.buyAndHold.totalReturn,
        "random_entry_return": backtest.baselines.randomEntry?.mean,
        "random_entry_p_value": backtest.baselines.randomEntry?.pValue,
      ],
    ]
    return optional.mapValues { $0.compactMapValues { $0 }.filter { $0.value.isFinite } }
  }
}
