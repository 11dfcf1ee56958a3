"""Times how Tern predicts the very models that YDF, XGBoost, LightGBM and CatBoost trained, against their makers.

Usage: prediction.py TERN_BENCH [--rows 100000] [--features 40] [--trees 200] [--threads 2] [--train-rows 50000]
       [--rounds 3]

Every peer predicts raw margins of float32 rows that it was handed before the clock starts; the best of several runs counts, and the
best of the rounds in which Tern and the peer take turns.
YDF's figures are those of its own C++ benchmark where it beats a call from Python, its row one of a batch of a hundred;
LightGBM's single row is its fast C function called through ctypes.
"""

import argparse
import ctypes
import json
import os
import subprocess
import tempfile
import time

import catboost
import lightgbm
import numpy as np
import xgboost
import ydf

import forest_arrays
from boosting import cpu_name


def best_seconds(function, repeats=15):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def lightgbm_row_seconds(model, x):
    """One row at a time through LGBM_BoosterPredictForMatSingleRowFast, on one thread."""
    library = lightgbm.basic._LIB
    config = ctypes.c_void_p()
    status = library.LGBM_BoosterPredictForMatSingleRowFastInit(
        model._handle, ctypes.c_int(1), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(0),
        ctypes.c_int(x.shape[1]), ctypes.c_char_p(b"num_threads=1"), ctypes.byref(config))
    assert status == 0, "LightGBM refuses the fast configuration"
    predict = library.LGBM_BoosterPredictForMatSingleRowFast
    values = np.ascontiguousarray(x[:1000], np.float64)
    rows = [ctypes.c_void_p(values[row].ctypes.data) for row in range(len(values))]
    length, result = ctypes.c_int64(), ctypes.c_double()
    length_pointer, result_pointer = ctypes.byref(length), ctypes.byref(result)

    def run():
        for row in rows:
            predict(config, row, length_pointer, result_pointer)

    seconds = best_seconds(run, 20) / len(rows)
    library.LGBM_FastConfigFree(config)
    return seconds


def train_xgboost(arguments, x, y):
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 6, "tree_method": "hist"}
    params["nthread"] = arguments.threads
    return xgboost.train(params, xgboost.QuantileDMatrix(x, y), arguments.trees)


def train_lightgbm(arguments, x, y):
    params = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1}
    params["num_threads"] = arguments.threads
    return lightgbm.train(params, lightgbm.Dataset(x, y), arguments.trees)


def train_catboost(arguments, x, y):
    model = catboost.CatBoostClassifier(
        iterations=arguments.trees, depth=6, learning_rate=0.1, thread_count=arguments.threads, verbose=False,
        allow_writing_files=False)
    return model.fit(x, y)


def ydf_table(x, y=None):
    table = {f"f{feature}": np.ascontiguousarray(x[:, feature]) for feature in range(x.shape[1])}
    if y is not None:
        table["label"] = y.astype(np.int32)
    return table


def train_ydf(arguments, x, y):
    # Depth 7 in YDF counts the root: six levels of tests.
    learner = ydf.GradientBoostedTreesLearner(
        label="label", num_trees=arguments.trees, max_depth=7, shrinkage=0.1, early_stopping="NONE",
        validation_ratio=0.0, discretize_numerical_columns=True, num_threads=arguments.threads)
    return learner.train(ydf_table(x, y), verbose=0)


def time_ydf(arguments, model, x):
    def run(count, threads, batch):
        table = ydf.create_vertical_dataset(ydf_table(x[:count], np.zeros(count)), data_spec=model.data_spec())
        engine = model.benchmark(table, benchmark_duration=1.5, batch_size=batch, num_threads=threads)
        return count * engine.duration_per_example, table

    seconds, table = run(len(x), arguments.threads, 1000)
    whole = best_seconds(lambda: model.predict(table, num_threads=arguments.threads), 8)
    return {
        "seconds": min(seconds, whole), "small_seconds": run(20_000, arguments.threads, 1000)[0],
        "row_seconds": run(20_000, 1, 100)[0] / 20_000}


def time_xgboost(arguments, model, x):
    model.set_param({"nthread": arguments.threads})

    def run(rows):
        # Not of a DMatrix, which keeps its predictions.
        return model.inplace_predict(rows, predict_type="margin")

    return {"seconds": best_seconds(lambda: run(x)), "small_seconds": best_seconds(lambda: run(x[:20_000])),
            "margins": run(x)}


def time_lightgbm(arguments, model, x):
    threads = arguments.threads
    return {
        "seconds": best_seconds(lambda: model.predict(x, raw_score=True, num_threads=threads), 8),
        "small_seconds": best_seconds(lambda: model.predict(x[:20_000], raw_score=True, num_threads=threads)),
        "row_seconds": lightgbm_row_seconds(model, x), "margins": model.predict(x, raw_score=True)}


def time_catboost(arguments, model, x):
    def run(pool):
        return model.predict(pool, prediction_type="RawFormulaVal", thread_count=arguments.threads)

    whole, small = catboost.Pool(x), catboost.Pool(x[:20_000])
    return {
        "seconds": best_seconds(lambda: run(whole), 30), "small_seconds": best_seconds(lambda: run(small), 30),
        "margins": run(whole)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=40)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--train-rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    jobs = [
        ("YDF " + ydf.__version__, "depth 6", train_ydf, time_ydf, forest_arrays.from_ydf, "float"),
        ("XGBoost " + xgboost.__version__, "depth 6", train_xgboost, time_xgboost, forest_arrays.from_xgboost, "float"),
        ("LightGBM " + lightgbm.__version__, "63 leaves", train_lightgbm, time_lightgbm, forest_arrays.from_lightgbm,
         "double"),
        ("CatBoost " + catboost.__version__, "symmetric 6", train_catboost, time_catboost, forest_arrays.from_catboost,
         "double"),
    ]
    print(f"{cpu_name()}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}")
    print(f"margins of {arguments.rows} x {arguments.features} float32 rows, {arguments.trees} trees; Tern on the same trees")
    print(f"{'':32}{'table s':>9}{'ratio':>7}{'20k rows s':>12}{'ratio':>7}{'one row us':>12}{'difference':>12}{'load ms':>9}")
    with tempfile.TemporaryDirectory() as folder:
        table, arrays, output = (os.path.join(folder, name) for name in ["table.bin", "forest.bin", "margins.bin"])
        rows = max(arguments.rows, arguments.train_rows)
        subprocess.run([arguments.bench, "generate", table, str(rows), str(arguments.features)], check=True)
        values = np.fromfile(table, np.float32)
        whole = np.ascontiguousarray(values[: rows * arguments.features].reshape(arguments.features, rows).T)
        y = values[rows * arguments.features :]
        x = np.ascontiguousarray(whole[: arguments.rows])
        np.concatenate([x.T.ravel(), y[: arguments.rows]]).tofile(table)
        for name, shape, train, measure, convert, precision in jobs:
            model = train(arguments, whole[: arguments.train_rows], y[: arguments.train_rows])
            convert(model, arguments.features).write(arrays)
            command = [arguments.bench, "prediction", table, str(arguments.rows), str(arguments.features)]
            command += [str(arguments.threads), arrays, precision, output]
            rounds = []
            for _ in range(arguments.rounds):
                answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                rounds.append((json.loads(answer), measure(arguments, model, x)))
            own, peer = (
                {key: min(one[key] for one in all) for key in all[0] if key != "margins"} for all in zip(*rounds))
            margins = rounds[0][1].get("margins")
            difference = "" if margins is None else f"{np.abs(np.fromfile(output, np.float32) - margins).max():.1e}"
            row = f"{peer['row_seconds'] * 1e6:12.2f}" if "row_seconds" in peer else f"{'':12}"
            print(f"{name + ', ' + shape:32}{peer['seconds']:9.4f}{'':7}{peer['small_seconds']:12.5f}{'':7}{row}")
            print(
                f"{'  Tern':32}{own['seconds']:9.4f}{own['seconds'] / peer['seconds']:7.2f}"
                f"{own['small_seconds']:12.5f}{own['small_seconds'] / peer['small_seconds']:7.2f}"
                f"{own['row_seconds'] * 1e6:12.2f}{difference:>12}{own['load_seconds'] * 1e3:9.1f}", flush=True)


if __name__ == "__main__":
    main()
