"""Golden outputs of TA-Lib for the feature tests.

    python talib_golden.py [spot_BTCUSDT_1m_2023.csv.gz]

Needs numpy and TA-Lib; the versions that wrote the committed files stand in their first line. Writes beside itself
  synthetic_candles.csv   1500 deterministic one-minute candles (a seeded random walk with clustered volatility),
  synthetic_talib.csv     TA-Lib on them: every row below 60, then every 12th,
  real_talib.csv          TA-Lib on the first 20,000 rows of the file given: every 500th row.
TA-Lib's price-valued outputs are turned into the relative form of the features by the algebra in `features`.
"""
import gzip
import os
import sys

import numpy as np
import talib as ta

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["open_time", "open", "high", "low", "close", "volume", "count", "taker_buy_volume"]


def synthesize(rows=1500, seed=20240229):
    """Candles whose prices have two decimals and that obey low <= open, close <= high."""
    rng = np.random.Generator(np.random.PCG64(seed))
    table, price, sigma = [], 20000.0, 8e-4
    for row in range(rows):
        sigma = float(np.clip(sigma * np.exp(0.15 * rng.standard_normal()) * (8e-4 / sigma) ** 0.05, 1e-4, 5e-3))
        path = price * np.exp(np.cumsum(sigma / 3 * rng.standard_normal(9)))
        opening = round(price * np.exp(0.1 * sigma * rng.standard_normal()), 2)
        closing = round(float(path[-1]), 2)
        high = max(opening, closing, round(float(path.max()), 2))
        low = min(opening, closing, round(float(path.min()), 2))
        volume = round(float(np.exp(rng.normal(2, 0.8)) * (1 + 500 * sigma)), 3)
        count = int(volume * 20) + 1
        taker = round(volume * float(np.clip(0.5 + 80 * (closing / opening - 1) + 0.1 * rng.standard_normal(), 0, 1)), 3)
        table.append((1672531200000 + 60000 * row, opening, high, low, closing, volume, count, taker))
        price = closing
    return table


def features(o, h, l, c, v):
    """Feature name -> values, from TA-Lib's outputs."""
    out = {}
    for n in (5, 10, 20, 50, 100, 200):
        out[f"sma_{n}_distance"] = c / ta.SMA(c, n) - 1
    for n in (9, 12, 21, 26, 50, 100, 200):
        out[f"ema_{n}_distance"] = c / ta.EMA(c, n) - 1
    out["wma_20_distance"] = c / ta.WMA(c, 20) - 1
    out["dema_20_distance"] = c / ta.DEMA(c, 20) - 1
    out["tema_20_distance"] = c / ta.TEMA(c, 20) - 1
    out["trima_20_distance"] = c / ta.TRIMA(c, 20) - 1
    out["kama_10_distance"] = c / ta.KAMA(c, 10) - 1
    out["t3_5_distance"] = c / ta.T3(c, 5, 0.7) - 1
    out["hma_16_distance"] = c / ta.WMA(2 * ta.WMA(c, 8) - ta.WMA(c, 16), 4) - 1
    out["linearreg_14_distance"] = c / ta.LINEARREG(c, 14) - 1
    out["tsf_14_distance"] = c / ta.TSF(c, 14) - 1
    out["midpoint_14_distance"] = c / ta.MIDPOINT(c, 14) - 1
    out["midprice_14_distance"] = c / ta.MIDPRICE(h, l, 14) - 1
    out["ema_9_21_spread"] = ta.EMA(c, 9) / ta.EMA(c, 21) - 1
    out["sma_50_200_spread"] = ta.SMA(c, 50) / ta.SMA(c, 200) - 1
    for n in (12, 60):
        out[f"roc_{n}"] = ta.ROC(c, n)
    for n in (7, 14, 21):
        out[f"rsi_{n}"] = ta.RSI(c, n)
    k, d = ta.STOCHRSI(c, 14, 14, 3, 0)
    # STOCHRSI drops the rows of %K that %D cannot cover; STOCHF on the RSI is the same %K.
    out["stochrsi_d_14"] = d
    k, d = ta.STOCHF(h, l, c, 5, 3, 0)
    out["stochf_k_5"], out["stochf_d_5_3"] = k, d
    k, d = ta.STOCH(h, l, c, 14, 3, 0, 3, 0)
    out["stoch_k_14_3"], out["stoch_d_14_3_3"] = k, d
    out["willr_14"] = ta.WILLR(h, l, c, 14)
    out["cci_14"] = ta.CCI(h, l, c, 14)
    out["cci_20"] = ta.CCI(h, l, c, 20)
    out["cmo_14"] = ta.CMO(c, 14)
    out["mfi_14"] = ta.MFI(h, l, c, v, 14)
    out["ultosc_7_14_28"] = ta.ULTOSC(h, l, c, 7, 14, 28)
    macd, signal, histogram = ta.MACD(c, 12, 26, 9)
    out["macd_12_26"], out["macd_signal_9"], out["macd_histogram_9"] = macd / c, signal / c, histogram / c
    out["ppo_12_26"] = ta.PPO(c, 12, 26, 1)
    out["trix_15"] = ta.TRIX(c, 15)
    down, up = ta.AROON(h, l, 25)
    out["aroon_up_25"], out["aroon_down_25"] = up, down
    out["aroon_oscillator_25"] = ta.AROONOSC(h, l, 25)
    out["adx_14"] = ta.ADX(h, l, c, 14)
    out["adxr_14"] = ta.ADXR(h, l, c, 14)
    out["dx_14"] = ta.DX(h, l, c, 14)
    out["plus_di_14"] = ta.PLUS_DI(h, l, c, 14)
    out["minus_di_14"] = ta.MINUS_DI(h, l, c, 14)
    out["ichimoku_tenkan_distance"] = c / ta.MIDPRICE(h, l, 9) - 1
    out["ichimoku_kijun_distance"] = c / ta.MIDPRICE(h, l, 26) - 1
    out["psar_distance"] = (c - ta.SAR(h, l, 0.02, 0.2)) / c
    out["linearreg_slope_14"] = ta.LINEARREG_SLOPE(c, 14) / c
    out["linearreg_slope_60"] = ta.LINEARREG_SLOPE(c, 60) / c
    for n in (14, 60):
        out[f"linearreg_r2_{n}"] = ta.CORREL(np.arange(len(c), dtype=float), c, n) ** 2
    for n in (60, 240):
        out[f"drawdown_{n}"] = c / ta.MAX(c, n) - 1
        out[f"runup_{n}"] = c / ta.MIN(c, n) - 1
    out["true_range_relative"] = ta.TRANGE(h, l, c) / c
    out["natr_14"] = ta.NATR(h, l, c, 14)
    out["atr_ratio_7_28"] = ta.ATR(h, l, c, 7) / ta.ATR(h, l, c, 28)
    upper, middle, lower = ta.BBANDS(c, 20, 2.0, 2.0, 0)
    out["bollinger_b_20"] = (c - lower) / (upper - lower)
    out["bollinger_bandwidth_20"] = (upper - lower) / middle
    out["keltner_position_20"] = (c - ta.EMA(c, 20)) / (2 * ta.ATR(h, l, c, 10))
    out["donchian_position_20"] = (c - ta.MIN(l, 20)) / (ta.MAX(h, 20) - ta.MIN(l, 20))
    out["donchian_width_20"] = (ta.MAX(h, 20) - ta.MIN(l, 20)) / c
    r = np.concatenate([[np.nan], np.diff(np.log(c))])
    out["realised_volatility_20"] = np.concatenate([[np.nan], ta.STDDEV(r[1:], 20, 1.0)])
    out["bop"] = ta.BOP(o, h, l, c)
    out["bop_mean_14"] = ta.SMA(ta.BOP(o, h, l, c), 14)
    out["price_volume_correlation_20"] = ta.CORREL(c, v, 20)
    out["volume_ratio_1_20"] = v / ta.SMA(v, 20)
    return out


def note():
    return f"# TA-Lib {ta.__ta_version__.decode().split()[0]} (Python {ta.__version__}), numpy {np.__version__}"


def write(name, table, rows):
    o, h, l, c, v = (np.array([row[i] for row in table], dtype=float) for i in range(1, 6))
    values = features(o, h, l, c, v)
    with open(os.path.join(HERE, name), "w") as file:
        file.write(note() + "\n" + ",".join(["row"] + list(values)) + "\n")
        for row in rows:
            cells = ["" if np.isnan(column[row]) else "%.13g" % column[row] for column in values.values()]
            file.write(",".join([str(row)] + cells) + "\n")


def main():
    table = synthesize()
    with open(os.path.join(HERE, "synthetic_candles.csv"), "w") as file:
        file.write(",".join(COLUMNS) + "\n")
        for row in table:
            file.write("%d,%.2f,%.2f,%.2f,%.2f,%.3f,%d,%.3f\n" % row)
    write("synthetic_talib.csv", table, [r for r in range(len(table)) if r < 60 or r % 12 == 0])
    if len(sys.argv) > 1:
        with gzip.open(sys.argv[1], "rt") as file:
            next(file)
            real = [tuple(float(x) for x in line.split(",")) for _, line in zip(range(20000), file)]
        write("real_talib.csv", real, range(500, 20000, 500))


if __name__ == "__main__":
    main()
