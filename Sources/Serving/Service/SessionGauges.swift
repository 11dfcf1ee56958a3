import Decision
import Monitoring
import Risk
import Sessions

/// A session's figures for Prometheus.
final class SessionGauges: Sendable {
  let stages: [Histogram]
  private let candles: Gauge
  private let intents: Gauge
  private let equity: [Gauge]
  private let cash: [Gauge]
  private let drawdown: [Gauge]
  private let dailyLoss: [Gauge]
  private let state: [Gauge]
  private let trades: [Gauge]
  private let fills: [Gauge]
  private let verdicts: [[Gauge]]
  private let refusals: [[Gauge]]
  private let reloads: Gauge
  private let refusedReloads: Gauge

  init(_ registry: MetricsRegistry, header: SessionHeader) {
    stages = SessionStage.allCases.map {
      registry.histogram(
        "tern_stage_seconds", help: "Duration of a candle's stages.", labels: [MetricLabel("stage", $0.name)])
    }
    candles = registry.gauge("tern_candles_total", help: "Candles taken in, ignored ones included.")
    intents = registry.gauge("tern_intents_total", help: "The champion's intents.")
    func perLane(_ name: String, _ help: String) -> [Gauge] {
      header.lanes.map { registry.gauge(name, help: help, labels: [MetricLabel("lane", $0.name)]) }
    }
    equity = perLane("tern_equity", "Equity, quote units.")
    cash = perLane("tern_cash", "Balance, quote units.")
    drawdown = perLane("tern_drawdown_ratio", "Fall from the equity peak, a fraction.")
    dailyLoss = perLane("tern_daily_loss_ratio", "Loss since the UTC day began, a fraction.")
    state = perLane("tern_risk_state", "0 ACTIVE, 1 REDUCING, 2 HALTED, 3 SHUTDOWN.")
    trades = perLane("tern_trades_total", "Positions that ended.")
    fills = perLane("tern_fills_total", "Executions.")
    verdicts = header.lanes.map { lane in
      VerdictReason.allCases.map {
        registry.gauge(
          "tern_decisions_total", help: "Decisions by what came of them.",
          labels: [MetricLabel("lane", lane.name), MetricLabel("reason", $0.name)])
      }
    }
    refusals = header.lanes.map { lane in
      RiskReason.allCases.map {
        registry.gauge(
          "tern_risk_refusals_total", help: "Intents that risk refused or made smaller.",
          labels: [MetricLabel("lane", lane.name), MetricLabel("reason", $0.name)])
      }
    }
    reloads = registry.gauge("tern_reloads_total", help: "Stacks put in place while running.")
    refusedReloads = registry.gauge("tern_refused_reloads_total", help: "Stacks that were refused.")
  }

  /// Reads the session, which must not move meanwhile.
  func update(_ session: Session, reloads counts: (done: Int, refused: Int)) {
    candles.set(Double(session.candles))
    intents.set(Double(session.intentCount))
    reloads.set(Double(counts.done))
    refusedReloads.set(Double(counts.refused))
    for (lane, view) in session.views.enumerated() {
      let risk = view.risk
      let counters = view.counters
      equity[lane].set(view.account.equity.doubleValue)
      cash[lane].set(view.account.cash.doubleValue)
      drawdown[lane].set(risk.drawdown)
      dailyLoss[lane].set(risk.dailyLoss)
      state[lane].set(Double(risk.state.rawValue))
      trades[lane].set(Double(counters.trades))
      fills[lane].set(Double(counters.fills))
      for (index, reason) in VerdictReason.allCases.enumerated() {
        verdicts[lane][index].set(Double(counters.byReason[reason.rawValue]))
      }
      for (index, reason) in RiskReason.allCases.enumerated() {
        refusals[lane][index].set(Double(counters.byRiskReason[reason.rawValue]))
      }
    }
  }
}
