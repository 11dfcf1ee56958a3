"""Times Tern's exact Shapley values against LightGBM's and XGBoost's own, on models of the same shape in one run.

Usage: explain.py TERN_BENCH [--rows 100000] [--features 40] [--rounds 200] [--threads 2] [--peer-rows 2000]
Each trains on the same table with the same settings, then explains; the peers explain fewer rows, for they take long.
"""

import json
import os
import subprocess
import tempfile
import time

import lightgbm
import numpy as np
import xgboost

from boosting import argument_parser, generate


def run_tern(arguments, path, style, parameters):
    command = [arguments.bench, "explain", path, str(arguments.rows), str(arguments.features)]
    command += [str(arguments.threads), style, f"num_boost_round={arguments.rounds}", *parameters]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        "row": result["seconds"] / result["rows"],
        "pair": result["interaction_seconds"] / result["interaction_rows"],
    }


def timed(call, rows):
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) / rows


def run_lightgbm(arguments, x, y):
    params = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1}
    params["num_threads"] = arguments.threads
    model = lightgbm.train(params, lightgbm.Dataset(x, y), arguments.rounds)
    part = x[: arguments.peer_rows].astype(np.float64)
    return {"row": timed(lambda: model.predict(part, pred_contrib=True), len(part)), "pair": float("nan")}


def run_xgboost(arguments, x, y):
    params = {"objective": "binary:logistic", "eta": 0.1, "tree_method": "hist", "nthread": arguments.threads}
    model = xgboost.train(params, xgboost.DMatrix(x, y, nthread=arguments.threads), arguments.rounds)
    part = xgboost.DMatrix(x[: arguments.peer_rows], nthread=arguments.threads)
    few = xgboost.DMatrix(x[: max(1, arguments.peer_rows // 100)], nthread=arguments.threads)
    return {
        "row": timed(lambda: model.predict(part, pred_contribs=True), part.num_row()),
        "pair": timed(lambda: model.predict(few, pred_interactions=True), few.num_row()),
    }


def main():
    parser = argument_parser(rows=100_000)
    parser.add_argument("--peer-rows", type=int, default=2000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.bin")
        x, y = generate(arguments, path)
        results = {
            "LightGBM " + lightgbm.__version__: run_lightgbm(arguments, x, y),
            "Tern lightgbm": run_tern(arguments, path, "lightgbm", ["num_leaves=63"]),
            "XGBoost " + xgboost.__version__: run_xgboost(arguments, x, y),
            "Tern xgboost": run_tern(arguments, path, "xgboost", ["eta=0.1"]),
        }
    print(f"Shapley values, {arguments.rounds} trees, {arguments.features} features, {arguments.threads} threads")
    print(f"{'':18}{'µs a row':>12}{'ratio':>8}{'interactions, µs a row':>25}{'ratio':>8}")
    names = list(results)
    for position, name in enumerate(names):
        own, peer = results[name], results[names[position // 2 * 2]]
        print(
            f"{name:18}{own['row'] * 1e6:12.1f}{own['row'] / peer['row']:8.4f}{own['pair'] * 1e6:25.1f}"
            f"{own['pair'] / peer['pair']:8.4f}")


if __name__ == "__main__":
    main()
