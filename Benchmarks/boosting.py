"""Times Tern, LightGBM, XGBoost and CatBoost on one generated table in one run and prints a table of ratios.

Usage: boosting.py TERN_BENCH [--rows 500000] [--features 40] [--rounds 200] [--threads 2] [--repeats 1]
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import catboost
import lightgbm
import numpy as np
import xgboost


def cpu_name():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{names[0]} ({len(names)} processors)"


def log_loss(labels, p):
    p = np.clip(p.astype(np.float64), 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(labels > 0.5, np.log(p), np.log1p(-p))))


def best(runs):
    return min(runs, key=lambda run: run["seconds"])


def run_tern(arguments, path, style, parameters):
    command = [arguments.bench, "boosting", path, str(arguments.rows), str(arguments.features)]
    rounds = "iterations" if style == "catboost" else "num_boost_round"
    command += [str(arguments.threads), style, f"{rounds}={arguments.rounds}", *parameters]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_lightgbm(arguments, x, y):
    params = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1}
    params["num_threads"] = arguments.threads
    start = time.perf_counter()
    model = lightgbm.train(params, lightgbm.Dataset(x, y), arguments.rounds)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    model.predict(x[:100_000])
    predict = time.perf_counter() - start
    return {"seconds": seconds, "logloss": log_loss(y, model.predict(x)), "predict_100k_seconds": predict}


def run_xgboost(arguments, x, y):
    params = {"objective": "binary:logistic", "eta": 0.1, "tree_method": "hist", "nthread": arguments.threads}
    start = time.perf_counter()
    data = xgboost.QuantileDMatrix(x, y, nthread=arguments.threads)
    model = xgboost.train(params, data, arguments.rounds)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    model.inplace_predict(x[:100_000])
    predict = time.perf_counter() - start
    return {"seconds": seconds, "logloss": log_loss(y, model.predict(data)), "predict_100k_seconds": predict}


def run_catboost(arguments, x, y):
    params = {"loss_function": "Logloss", "learning_rate": 0.1, "depth": 6, "iterations": arguments.rounds}
    params |= {"thread_count": arguments.threads, "logging_level": "Silent", "allow_writing_files": False}
    start = time.perf_counter()
    model = catboost.train(catboost.Pool(x, y, thread_count=arguments.threads), params)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    model.predict(x[:100_000], thread_count=arguments.threads)
    predict = time.perf_counter() - start
    p = model.predict(x, prediction_type="Probability", thread_count=arguments.threads)[:, 1]
    return {"seconds": seconds, "logloss": log_loss(y, p), "predict_100k_seconds": predict}


def argument_parser(rows):
    """What every benchmark on the generated table takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--features", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    return parser


def generate(arguments, path):
    """Has Tern draw its table and reads it: values (rows, features) and labels."""
    subprocess.run([arguments.bench, "generate", path, str(arguments.rows), str(arguments.features)], check=True)
    values = np.fromfile(path, dtype=np.float32)
    count = arguments.rows * arguments.features
    return np.ascontiguousarray(values[:count].reshape(arguments.features, arguments.rows).T), values[count:]


def main():
    parser = argument_parser(rows=500_000)
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.bin")
        x, y = generate(arguments, path)
        jobs = {
            "LightGBM " + lightgbm.__version__: lambda: run_lightgbm(arguments, x, y),
            "Tern lightgbm": lambda: run_tern(arguments, path, "lightgbm", ["num_leaves=63"]),
            "XGBoost " + xgboost.__version__: lambda: run_xgboost(arguments, x, y),
            "Tern xgboost": lambda: run_tern(arguments, path, "xgboost", ["eta=0.1"]),
            "CatBoost " + catboost.__version__: lambda: run_catboost(arguments, x, y),
            "Tern catboost": lambda: run_tern(arguments, path, "catboost", ["learning_rate=0.1", "depth=6"]),
        }
        results = {name: best([job() for _ in range(arguments.repeats)]) for name, job in jobs.items()}
    print(f"{cpu_name()}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}")
    print(f"{arguments.rows} x {arguments.features} binary, {arguments.rounds} rounds, eta 0.1")
    print(f"{'':18}{'train s':>9}{'ratio':>7}{'logloss':>10}{'100k rows s':>13}{'ratio':>7}")
    names = list(results)
    for position, name in enumerate(names):
        own, peer = results[name], results[names[position // 2 * 2]]
        print(
            f"{name:18}{own['seconds']:9.2f}{own['seconds'] / peer['seconds']:7.2f}{own['logloss']:10.5f}"
            f"{own['predict_100k_seconds']:13.4f}{own['predict_100k_seconds'] / peer['predict_100k_seconds']:7.2f}")


if __name__ == "__main__":
    main()
