"""Simulates a small market and its trades in exact fractions and computes the figures with numpy and pandas.

Usage: python metrics.py    (Python 3.11, numpy, pandas); writes candles.csv and metrics.json beside itself.
The rules are those of `Backtest.run` with its default costs and the settings below; nothing is shared with it.
"""
import json
import math
import pathlib
from fractions import Fraction as F

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent
START, HOUR, COUNT = 1_672_531_200_000 + 5 * 3_600_000, 3_600_000, 700
HORIZON = 12 * HOUR
TICK, STEP, UNIT = F("0.01"), F("0.001"), F(1, 10**8)
UP, DOWN, FEE, SLIP, SHARE = F("0.015"), F("0.01"), F("0.0005"), F("0.0001"), F("0.4")


def floor(x, step): return math.floor(x / step) * step
def ceil(x, step): return math.ceil(x / step) * step


random = np.random.default_rng(20230101)
price, rows = 250.0, []
for i in range(COUNT):
    open_ = round(price * (1 + random.normal(0, 0.0008)), 2)
    close = round(open_ * (1 + random.normal(0, 0.005)), 2)
    high = round(max(open_, close) * (1 + abs(random.normal(0, 0.002))), 2)
    low = round(min(open_, close) * (1 - abs(random.normal(0, 0.002))), 2)
    signal = random.choice(["LONG", "SHORT", "NEUTRAL"], p=[0.06, 0.04, 0.9])
    rows.append((START + i * HOUR, open_, max(high, open_, close), min(low, open_, close), close, signal))
    price = close
frame = pd.DataFrame(rows, columns=["open_time", "open", "high", "low", "close", "signal"])
frame.to_csv(HERE / "candles.csv", index=False)


def market(price, buying):
    """Fill of a market order, worse by the slippage and on the next worse tick."""
    factor = 1 + SLIP if buying else 1 - SLIP
    return ceil(ceil(price * factor, UNIT), TICK) if buying else floor(floor(price * factor, UNIT), TICK)


def fee(price, quantity): return ceil(price * quantity * FEE, UNIT)


bars = [tuple(F(str(v)) for v in row[1:5]) for row in rows]
cash, equity, trades, bar = F(10000), [], [], 0
equity = [None] * COUNT
while bar < COUNT:
    signal = rows[bar - 1][5] if bar > 0 else "NEUTRAL"
    if signal == "NEUTRAL":
        equity[bar] = cash
        bar += 1
        continue
    sign = 1 if signal == "LONG" else -1
    entry = market(bars[bar][0], sign > 0)
    quantity = floor(floor(floor(cash * SHARE, UNIT) / entry, UNIT), STEP)
    above = ceil(ceil(entry * (1 + (UP if sign > 0 else DOWN)), UNIT), TICK)
    below = floor(floor(entry * (1 - (DOWN if sign > 0 else UP)), UNIT), TICK)
    profit_at, stop = (above, below) if sign > 0 else (below, above)
    paid, first, exit_ = fee(entry, quantity), bar, None
    while exit_ is None:
        o, h, l, c = bars[bar]
        worst, best = (l, h) if sign > 0 else (h, l)
        at_open = True
        if bar > first and (o - stop) * sign <= 0:
            exit_ = market(o, sign < 0)
        elif bar > first and (o - profit_at) * sign >= 0:
            exit_ = profit_at
        else:
            at_open = False
            if (worst - stop) * sign <= 0:
                exit_ = market(stop, sign < 0)
            elif (best - profit_at) * sign >= 0:
                exit_ = profit_at
            elif rows[bar][0] + HOUR >= rows[first][0] + HORIZON or bar == COUNT - 1:
                exit_ = market(c, sign < 0)
            else:
                equity[bar] = cash - paid + (c - entry) * quantity * sign
                bar += 1
    gross = (exit_ - entry) * quantity * sign
    fees = paid + fee(exit_, quantity)
    cash += gross - fees
    equity[bar] = cash
    end = rows[bar][0] + (0 if at_open else HOUR)
    trades.append((gross - fees, entry * quantity, exit_ * quantity, fees, (end - rows[first][0]) / 60_000, bar - first + (not at_open)))
    bar += 1

curve = pd.Series([float(e) for e in equity], index=pd.to_datetime(frame.open_time + HOUR - 1, unit="ms"))
daily = curve.resample("1D").last()
returns = daily / daily.shift(1).fillna(10000.0) - 1
path = np.concatenate([[10000.0], curve.to_numpy()])
peak = np.maximum.accumulate(path)
depth = (peak - path) / peak
below = path < peak
days = COUNT / 24
growth = path[-1] / 10000
table = pd.DataFrame(trades, columns=["profit", "entry", "exit", "fees", "minutes", "bars"])
table[["profit", "entry", "exit", "fees"]] = table[["profit", "entry", "exit", "fees"]].astype(float)
# Time of the last peak before each point: the latest index at which path == peak.
index = np.arange(len(path))
last_peak = np.maximum.accumulate(np.where(below, 0, index))
trough = int(depth.argmax())
after = index[(index > trough) & (path >= peak[trough])]
# A stretch below a peak lasts until the first point back at it.
stretch = [(i - last_peak[i - 1]) for i in index[1:] if below[i - 1] and not below[i]]
stretch += [index[-1] - last_peak[-1]] if below[-1] else []
annual = growth ** (365 / days) - 1
wins, losses = table.profit[table.profit > 0], table.profit[table.profit <= 0]
metrics = {
    "final_equity": str(int(cash / UNIT)), "trades": len(table), "total_return": growth - 1,
    "annualized_return": annual, "annualized_volatility": returns.std(ddof=1) * math.sqrt(365),
    "sharpe": returns.mean() / returns.std(ddof=1) * math.sqrt(365),
    "sortino": returns.mean() / math.sqrt((returns.clip(upper=0) ** 2).mean()) * math.sqrt(365),
    "calmar": annual / depth.max(), "depth": depth.max(),
    "peak_bar": int(last_peak[trough]), "trough_bar": trough,
    "recovery_bar": int(after[0]) if len(after) else -1, "longest_days": max(stretch) / 24,
    "win_rate": (table.profit > 0).mean(), "profit_factor": wins.sum() / -losses.sum(),
    "expectancy": table.profit.mean(), "expectancy_of_notional": (table.profit / table.entry).mean(),
    "exposure": table.bars.sum() / COUNT, "turnover": (table.entry + table.exit).sum() / curve.mean(),
    "mean_holding_minutes": table.minutes.mean(), "fees": table.fees.sum(),
}
(HERE / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
