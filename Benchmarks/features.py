"""Times Tern and TA-Lib on the features that both have, on generated minute candles: CPU seconds of one thread each.

TA-Lib returns prices; the relative form of the features is NumPy's work and stands in a line of its own. The features
and that algebra are those of the golden files that the tests compare with.

Usage: features.py TERN_BENCH [--rows 500000] [--repeats 5]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import talib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/FeaturesTests/Golden"))
import talib_golden  # noqa: E402


def cpu_name():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{names[0]} ({len(names)} processors)"


def candles(rows):
    """Open, high, low, close and volume of a random walk."""
    rng = np.random.default_rng(7)
    close = 20000 * np.exp(np.cumsum(5e-4 * rng.standard_normal(rows)))
    opening = np.concatenate([[20000.0], close[:-1]])
    high = np.maximum(opening, close) * (1 + 3e-4 * rng.random(rows))
    low = np.minimum(opening, close) * (1 - 3e-4 * rng.random(rows))
    return opening, high, low, close, np.exp(rng.standard_normal(rows))


class TimedLibrary:
    """TA-Lib, adding up the CPU seconds spent inside its functions."""

    def __init__(self):
        self.seconds = 0.0

    def __getattr__(self, name):
        function = getattr(talib, name)

        def timed(*arguments):
            start = time.thread_time()
            result = function(*arguments)
            self.seconds += time.thread_time() - start
            return result

        return timed


def run_talib(columns):
    library = talib_golden.ta = TimedLibrary()
    start = time.thread_time()
    values = talib_golden.features(*columns)
    return {"seconds": library.seconds, "all_seconds": time.thread_time() - start, "values": values}


def run_tern(bench, path, rows, names):
    output = subprocess.run([bench, "features", path, str(rows), *names], check=True, capture_output=True, text=True)
    return json.loads(output.stdout)


def best(runs):
    return min(runs, key=lambda run: run["seconds"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    columns = candles(arguments.rows)
    peer = best([run_talib(columns) for _ in range(arguments.repeats)])
    names = list(peer["values"])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "candles.bin")
        np.concatenate(columns).tofile(path)
        own = best([run_tern(arguments.bench, path, arguments.rows, names) for _ in range(arguments.repeats)])
        everything = best([run_tern(arguments.bench, path, arguments.rows, []) for _ in range(arguments.repeats)])
    # A float has seven digits; percentages near zero are good to 1e-6 points.
    agreeing = sum(
        value is not None and abs(value - expected[-1]) <= 1e-6 + 1e-6 * abs(expected[-1])
        for value, expected in zip(own["last"], peer["values"].values()))
    version = talib.__ta_version__.decode().split()[0]
    lines = [
        ("TA-Lib " + version, len(names), peer["seconds"]),
        ("TA-Lib + NumPy", len(names), peer["all_seconds"]),
        ("Tern, the same", own["features"], own["seconds"]),
        ("Tern, everything", everything["features"], everything["seconds"]),
    ]
    print(f"{cpu_name()}, 1 thread, load {os.getloadavg()[0]:.1f}")
    print(f"{arguments.rows} candles, {agreeing} of {len(names)} features agree in the last row")
    print(f"{'':18}{'features':>9}{'CPU s':>9}{'ratio':>7}{'ns a value':>12}")
    for name, count, seconds in lines:
        print(
            f"{name:18}{count:9}{seconds:9.3f}{seconds / peer['seconds']:7.2f}"
            f"{seconds / count / arguments.rows * 1e9:12.2f}")


if __name__ == "__main__":
    main()
