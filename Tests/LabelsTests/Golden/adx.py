"""Average directional index of a random market by TA-Lib. Usage: python adx.py (numpy, TA-Lib); writes adx.csv."""
import pathlib

import numpy as np
import talib

random = np.random.default_rng(7)
close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.003, 250))), 2)
high = np.round(close * (1 + random.uniform(0, 0.003, 250)), 2)
low = np.round(close * (1 - random.uniform(0, 0.003, 250)), 2)
columns = [talib.ADX(high, low, close, timeperiod=period) for period in (14, 5)]
lines = ["high,low,close,adx14,adx5"]
for h, l, c, a, b in zip(high, low, close, *columns):
    lines.append(",".join("" if np.isnan(x) else repr(float(x)) for x in (h, l, c, a, b)))
pathlib.Path(__file__).with_name("adx.csv").write_text("\n".join(lines) + "\n")
