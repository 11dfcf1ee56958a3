"""Trains Tern's three styles and their peers on LightGBM's example files at the same settings and prints their losses.

The settings are those that a first look at each program takes: its defaults, its ways to grow, its ways to sample. Where
chance is part of a setting, losses are means over seeds, of a thousand rounds over a quarter as many. Losses are logarithmic ones and mean squares, on the rows of
training and on those of the test file; `auc`, of several classes the share of errors, is that of the test file.

FOLDER holds gzip-compressed tables without a header whose first column is the label: lightgbm_binary_train.tsv.gz,
lightgbm_binary_test.tsv.gz, lightgbm_multiclass_train.tsv.gz, lightgbm_multiclass_test.tsv.gz; they are
examples/binary_classification and examples/multiclass_classification of LightGBM's sources. The regression is that of the
first of them on its labels, as in LightGBM's own example.

The exit status is 1 if a loss on the rows of training is farther from the peer's than its band.

Usage: examples.py TERN FOLDER [--seeds 20] [--threads 2]
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

# Set, style, whether chance is part of it, rounds, settings beside those of the task.
ROWS = [
    ("binary", "lightgbm", False, 100, {}),
    ("binary", "lightgbm", False, 100, {"num_leaves": 63, "min_data_in_leaf": 50, "min_sum_hessian_in_leaf": 5}),
    ("binary", "lightgbm", True, 100, {"data_sample_strategy": "goss"}),
    ("binary", "lightgbm", True, 100, {"boosting": "dart"}),
    ("binary", "lightgbm", True, 100, {"use_quantized_grad": True}),
    ("binary", "lightgbm", False, 100, {"linear_tree": True}),
    ("binary", "lightgbm", False, 100, {"path_smooth": 1}),
    ("binary", "xgboost", False, 100, {}),
    ("binary", "xgboost", False, 100, {"tree_method": "exact"}),
    ("binary", "xgboost", False, 100, {"eta": 0.1}),
    ("binary", "xgboost", False, 100, {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0, "eta": 0.1}),
    ("binary", "catboost", False, 100, {
        "boosting_type": "Plain", "bootstrap_type": "No", "random_strength": 0, "learning_rate": 0.1,
        "leaf_estimation_method": "Newton", "leaf_estimation_iterations": 10}),
    ("binary", "catboost", True, 100, {"boosting_type": "Ordered", "learning_rate": 0.1}),
    ("binary", "catboost", True, 1000, {}),
    ("regression", "lightgbm", False, 100, {}),
    ("regression", "lightgbm", False, 100, {"linear_tree": True}),
    ("regression", "xgboost", False, 100, {}),
    ("regression", "catboost", True, 1000, {}),
    ("multiclass", "lightgbm", False, 100, {"learning_rate": 0.05}),
    ("multiclass", "xgboost", False, 100, {}),
    ("multiclass", "catboost", True, 200, {}),
]
CLASSES = 5
OBJECTIVES = {
    "xgboost": {"binary": "binary:logistic", "regression": "reg:squarederror", "multiclass": "multi:softprob"},
    "lightgbm": {"binary": "binary", "regression": "regression", "multiclass": "multiclass"},
    "catboost": {"binary": "Logloss", "regression": "RMSE", "multiclass": "MultiClass"},
}


def prepare(source, target):
    """Writes tables with a header; returns arrays by file and split."""
    arrays = {}
    for name in ("binary", "multiclass"):
        for split in ("train", "test"):
            with gzip.open(os.path.join(source, f"lightgbm_{name}_{split}.tsv.gz"), "rt") as file:
                text = file.read()
            columns = text.split("\n", 1)[0].count("\t")
            with open(os.path.join(target, f"{name}_{split}.tsv"), "w") as file:
                file.write("\t".join(["target"] + [f"f{i}" for i in range(columns)]) + "\n" + text)
            arrays[name, split] = np.loadtxt(text.splitlines(), delimiter="\t", dtype=np.float32)
    return arrays


def figures(labels, predicted, task):
    """The loss, and the area under the curve or the share of errors."""
    predicted = np.asarray(predicted, dtype=np.float64)
    if task == "regression":
        return np.mean((labels - predicted) ** 2), np.nan
    if task == "multiclass":
        loss = -np.log(predicted[np.arange(len(labels)), labels.astype(int)]).mean()
        return loss, np.mean(predicted.argmax(axis=1) != labels)
    ranks = np.empty(len(labels))
    ranks[predicted.argsort()] = np.arange(1, len(labels) + 1)
    for value in np.unique(predicted[labels > 0]):
        ranks[predicted == value] = ranks[predicted == value].mean()
    positive = int((labels > 0).sum())
    area = (ranks[labels > 0].sum() - positive * (positive + 1) / 2) / (positive * (len(labels) - positive))
    return -np.where(labels > 0, np.log(predicted), np.log1p(-predicted)).mean(), area


def run_peer(style, task, arrays, rounds, setting, seed, threads):
    library = __import__(style)
    train, test = (np.ascontiguousarray(rows) for rows in arrays)
    objective = OBJECTIVES[style][task]
    if style == "catboost":
        model = library.CatBoost({
            "loss_function": objective, "iterations": rounds, "random_seed": seed, "thread_count": threads,
            "logging_level": "Silent", "allow_writing_files": False} | setting)
        model.fit(library.Pool(train[:, 1:], train[:, 0]))
        kind = "RawFormulaVal" if task == "regression" else "Probability"
        predict = lambda x: model.predict(library.Pool(x), prediction_type=kind)
        if task == "binary":
            own = predict
            predict = lambda x: own(x)[:, 1]
    else:
        parameters = {"objective": objective, "seed": seed} | setting
        if task == "multiclass":
            parameters["num_class"] = CLASSES
        if style == "xgboost":
            matrix = lambda x: library.DMatrix(x[:, 1:], x[:, 0])
            model = library.train(parameters | {"nthread": threads}, matrix(train), rounds)
            predict = lambda x: model.predict(library.DMatrix(x))
        else:
            parameters |= {"num_threads": threads, "verbose": -1}
            data = library.Dataset(np.ascontiguousarray(train[:, 1:], np.float64), train[:, 0].copy(), params={
                "verbose": -1, "linear_tree": setting.get("linear_tree", False)})
            model = library.train(parameters, data, rounds)
            predict = lambda x: model.predict(x.astype(np.float64))
    (a, _), (b, extra) = (figures(x[:, 0], predict(x[:, 1:]), task) for x in (train, test))
    return [a, b, extra], library.__version__


def run_tern(tern, folder, style, task, arrays, name, rounds, setting, seed, threads):
    def run(*command):
        done = subprocess.run([tern, *command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed: {done.stderr}")

    model = os.path.join(folder, "run")
    tables = [os.path.join(folder, f"{name}_{split}.tsv") for split in ("train", "test")]
    command = ["train", "--model", style, "--data", tables[0], "--target", "target", "--task", task, "--output", model]
    command += ["--threads", str(threads), "--seed", str(seed)]
    for key, value in (setting | {"iterations" if style == "catboost" else "num_boost_round": rounds}).items():
        command += ["--set", f"{key}={str(value).lower() if isinstance(value, bool) else value}"]
    run(*command)
    found = []
    for table, rows in zip(tables, arrays):
        # What the trained model says of the rows, not what training says of itself.
        output = os.path.join(folder, "predicted.csv")
        run("predict", "--model", model, "--data", table, "--output", output)
        predicted = np.loadtxt(output, delimiter=",", skiprows=1)
        found.append(figures(rows[:, 0], predicted, task))
    return [found[0][0], found[1][0], found[1][1]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tern")
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    print(
        f"{'task':11}{'style':10}{'seeds':>5}{'tern train':>11}{'peer train':>11}{'ratio':>8}"
        f"{'tern test':>11}{'peer test':>11}{'ratio':>8}{'tern auc':>10}{'peer auc':>10}  settings")
    versions, misses = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        tables = prepare(arguments.folder, folder)
        for task, style, has_chance, rounds, setting in ROWS:
            name = "multiclass" if task == "multiclass" else "binary"
            arrays = [tables[name, "train"], tables[name, "test"]]
            own, peer = [], []
            seeds = max(arguments.seeds // (1 if rounds < 1000 else 4), 1)
            for seed in range(seeds if has_chance else 1):
                own.append(run_tern(
                    arguments.tern, folder, style, task, arrays, name, rounds, setting, seed, arguments.threads))
                figures_of_peer, versions[style] = run_peer(
                    style, task, arrays, rounds, setting, seed, arguments.threads)
                peer.append(figures_of_peer)
            a, b = np.mean(own, axis=0), np.mean(peer, axis=0)
            band = 0.05 if has_chance else 0.02 if style == "catboost" else 0.01
            is_far = abs(a[0] / b[0] - 1) > band
            misses += is_far
            words = " ".join(f"{key}={value}" for key, value in setting.items()) or "defaults"
            print(
                f"{task:11}{style:10}{len(own):5}{a[0]:11.6f}{b[0]:11.6f}{a[0] / b[0]:8.4f}"
                f"{a[1]:11.6f}{b[1]:11.6f}{a[1] / b[1]:8.4f}{a[2]:10.6f}{b[2]:10.6f}  {words}, {rounds} rounds"
                f"{f' FARTHER THAN {band}' if is_far else ''}", flush=True)
    print("peers: " + ", ".join(f"{style} {version}" for style, version in versions.items()))
    sys.exit(1 if misses else 0)


if __name__ == "__main__":
    main()
