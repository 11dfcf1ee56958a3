"""Shows how training time and memory grow with rows, features, bins, depth and threads, beside the peers.

Every training runs in a process of its own, so that its peak memory is its own; the memory of the table itself is part of
it. Times are of training with its binning, without reading the table.

The time is the best of the repeats, in which the programs take turns, the memory the largest.

The lines of parts (`--axes`, `--values`) make one table when they are put together.

Usage: scaling.py TERN_BENCH [--axes rows,features,bins,depth,threads] [--values V,...] [--styles lightgbm,xgboost]
       [--rounds 20] [--repeats 1] [--threads 2] [--largest 5000000]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

# A run has the middle of every axis but its own.
MIDDLE = {"rows": 200_000, "features": 40, "bins": 255, "depth": 6, "threads": None}
AXES = {
    "rows": [10_000, 30_000, 100_000, 300_000, 1_000_000, 5_000_000],
    "features": [10, 30, 100, 300, 1000],
    "bins": [15, 63, 255],
    "depth": [3, 6, 9, 12],
    "threads": [1, 2],
}


def cpu_name():
    # Not that of `boosting`, which loads the peers: a process is charged with the memory of the one it started from.
    with open("/proc/cpuinfo") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{names[0]} ({len(names)} processors)"


def train_peer(peer, path, point, rounds):
    """Trains in this process and prints seconds and kibibytes."""
    import numpy as np

    values = np.fromfile(path, dtype=np.float32)
    count = point["rows"] * point["features"]
    x = np.ascontiguousarray(values[:count].reshape(point["features"], point["rows"]).T)
    y = values[count:].copy()
    del values
    common = {"objective": "binary", "learning_rate": 0.1}
    if peer == "lightgbm":
        import lightgbm

        params = common | {"num_leaves": 2 ** point["depth"] - 1, "max_bin": point["bins"], "verbose": -1}
        params["num_threads"] = point["threads"]
        start = time.perf_counter()
        lightgbm.train(params, lightgbm.Dataset(x, y), rounds)
    else:
        import xgboost

        params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": point["depth"], "tree_method": "hist"}
        params |= {"nthread": point["threads"], "max_bin": point["bins"]}
        start = time.perf_counter()
        data = xgboost.QuantileDMatrix(x, y, nthread=point["threads"], max_bin=point["bins"])
        xgboost.train(params, data, rounds)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds}))


def measure(command):
    """Seconds that a process reports, and its peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise RuntimeError(f"{command} failed")
    return json.loads(output)["seconds"], usage.ru_maxrss / 1024


def commands(arguments, path, point):
    own = [str(point[key]) for key in ("rows", "features", "threads")]
    for style in arguments.styles.split(","):
        size = f"num_leaves={2 ** point['depth'] - 1}" if style == "lightgbm" else f"max_depth={point['depth']}"
        tern = [arguments.bench, "boosting", path, *own, style, f"num_boost_round={arguments.rounds}"]
        tern += ["eta=0.1", size, f"max_bin={point['bins']}"]
        peer = [sys.executable, __file__, "--peer", style, path, json.dumps(point), str(arguments.rounds)]
        yield style, tern, peer


def main():
    if sys.argv[1:2] == ["--peer"]:
        train_peer(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--axes", default="rows,features,bins,depth,threads")
    parser.add_argument("--values", type=lambda text: [int(value) for value in text.split(",")], default=None)
    parser.add_argument("--styles", default="lightgbm,xgboost")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--largest", type=int, default=5_000_000)
    arguments = parser.parse_args()
    middle = MIDDLE | {"threads": arguments.threads}
    print(f"{arguments.rounds} rounds, best of {arguments.repeats}, load {os.getloadavg()[0]:.1f}, {cpu_name()}")
    print(f"{'axis':10}{'value':>9}{'style':>10}{'tern s':>9}{'peer s':>9}{'ratio':>7}{'tern MiB':>10}{'peer MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.bin")
        for axis in arguments.axes.split(","):
            for value in AXES[axis]:
                if arguments.values and value not in arguments.values:
                    continue
                point = middle | {axis: value}
                if axis == "features" and value > 100:
                    point["rows"] = 50_000
                if point["rows"] > arguments.largest:
                    continue
                subprocess.run(
                    [arguments.bench, "generate", path, str(point["rows"]), str(point["features"])], check=True)
                for style, tern, peer in commands(arguments, path, point):
                    runs = [(measure(tern), measure(peer)) for _ in range(arguments.repeats)]
                    own, other = ([choose(part) for choose, part in zip((min, max), zip(*of))] for of in zip(*runs))
                    print(
                        f"{axis:10}{value:9}{style:>10}{own[0]:9.2f}{other[0]:9.2f}{own[0] / other[0]:7.2f}"
                        f"{own[1]:10.0f}{other[1]:10.0f}", flush=True)


if __name__ == "__main__":
    main()
