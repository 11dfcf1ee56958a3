"""Trains Tern's three styles and their peers on real tables at the same settings and prints test loss, time and memory.

Every training runs in a process of its own, so that its peak memory is its own. Times are of training with its binning,
without reading the table. The test rows are a file of their own (Adult) or the last fifth of a seeded permutation. The
loss is the mean over seeds, with the standard error of the ratio of means; the time is the best of them, the memory the
largest. Text columns are native categories of every program. "defaults" are the peer's own but for the number of
rounds; those of XGBoost and LightGBM have no randomness, so that their seeds are repeats. "no chance" leaves CatBoost
its permutations of rows with categories.

FOLDER holds gzip-compressed tables with a header: adult_train.csv.gz, adult_test.csv.gz, california_housing.csv.gz,
forest_cover_15k.csv.gz, higgs_small.csv.gz, credit_default.csv.gz.

The lines of parts (`--sets`, `--styles`, `--settings`) make one table when they are put together.

Usage: tabular.py TERN FOLDER [--sets adult,...] [--styles xgboost,...] [--settings defaults,...] [--rounds 100]
       [--iterations 200] [--seeds 6] [--repeats 3] [--threads 2]
"""

import argparse
import csv
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

# The measured processes start from this one, and a process is charged with the memory of the one it started from: the
# main process stays small, without a table or a library of numbers.

# Name: file, target, its task and value, columns that are no input, text columns.
SETS = {
    "adult": {
        "files": ["adult_train", "adult_test"], "target": "income", "task": "binary",
        "label": lambda text: int(text == ">50K"),
        "text": ["workclass", "education", "marital_status", "occupation", "relationship", "race", "sex",
                 "native_country"]},
    "california": {
        "files": ["california_housing"], "target": "median_house_value", "task": "regression",
        "label": lambda text: float(text) / 1e5, "text": ["ocean_proximity"]},
    "covertype": {
        "files": ["forest_cover_15k"], "target": "Cover_Type", "task": "multiclass",
        "label": lambda text: int(text) - 1, "drop": ["Id"], "classes": 7},
    "higgs": {"files": ["higgs_small"], "target": "label", "task": "binary", "label": lambda text: int(float(text))},
    "credit": {
        "files": ["credit_default"], "target": "Default", "task": "binary", "label": lambda text: int(float(text)),
        "drop": ["ID"]},
}
SETTINGS = {
    "xgboost": {"defaults": {}, "sampled": {"subsample": 0.8, "colsample_bytree": 0.8}},
    "lightgbm": {
        "defaults": {},
        "sampled": {"bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.8}},
    "catboost": {"defaults": {}, "no chance": {"bootstrap_type": "No", "random_strength": 0}},
}
OBJECTIVES = {
    "xgboost": {
        "binary": {"objective": "binary:logistic"}, "regression": {"objective": "reg:squarederror"},
        "multiclass": {"objective": "multi:softprob"}},
    "lightgbm": {
        "binary": {"objective": "binary"}, "regression": {"objective": "regression"},
        "multiclass": {"objective": "multiclass"}},
    "catboost": {
        "binary": {"loss_function": "Logloss"}, "regression": {"loss_function": "RMSE"},
        "multiclass": {"loss_function": "MultiClass"}},
}


def read(path):
    with gzip.open(path, "rt", newline="") as file:
        lines = csv.reader(file)
        return next(lines), list(lines)


def prepare(folder, name, target):
    """Writes train.csv and test.csv for Tern, and the same as arrays for the peers."""
    import numpy as np

    entry = SETS[name]
    tables = [read(os.path.join(folder, file + ".csv.gz")) for file in entry["files"]]
    header, parts = tables[0][0], [rows for _, rows in tables]
    if len(parts) == 1:
        random.Random(0).shuffle(parts[0])
        cut = len(parts[0]) * 4 // 5
        parts = [parts[0][:cut], parts[0][cut:]]
    label = header.index(entry["target"])
    inputs = [i for i, column in enumerate(header) if i != label and column not in entry.get("drop", [])]
    words = {
        i: sorted({row[i] for row in parts[0]} - {""})
        for i in inputs if header[i] in entry.get("text", [])}
    codes = {i: {word: code for code, word in enumerate(own)} for i, own in words.items()}
    arrays = {"text": np.array([i in words for i in inputs])}
    for split, rows in zip(("train", "test"), parts):
        labels = [entry["label"](row[label]) for row in rows]
        with open(os.path.join(target, split + ".csv"), "w", newline="") as file:
            out = csv.writer(file)
            out.writerow([header[i] for i in inputs] + ["target"])
            out.writerows([[row[i] for i in inputs] + [y] for row, y in zip(rows, labels)])
        x = np.empty((len(rows), len(inputs)), dtype=np.float32)
        for column, i in enumerate(inputs):
            # A category that training has not seen has a code beyond its own.
            known = codes.get(i)
            x[:, column] = [
                np.nan if row[i] == "" else float(row[i]) if known is None else known.get(row[i], len(known))
                for row in rows]
        arrays |= {split: x, split + "_labels": np.array(labels, dtype=np.float32)}
        strings = [[row[i].encode() for i in inputs if i in words] for row in rows]
        if words:
            arrays[split + "_text"] = np.array(strings, dtype=np.bytes_)
    np.savez(os.path.join(target, "table.npz"), **arrays)


def train_peer(style, path, parameters, rounds):
    """Trains in this process and prints seconds, the test loss and the kibibytes before training."""
    import numpy as np

    library = __import__(style)
    table = dict(np.load(path))
    x, y, is_text = table["train"], table["train_labels"], table["text"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if style == "xgboost":
        types = ["c" if text else "q" for text in is_text]
        start = time.perf_counter()
        data = library.QuantileDMatrix(
            x, y, feature_types=types, enable_categorical=True, nthread=parameters["nthread"])
        model = library.train(parameters, data, rounds)
        seconds = time.perf_counter() - start
        test = library.DMatrix(table["test"], feature_types=types, enable_categorical=True)
        predicted = model.predict(test)
    elif style == "lightgbm":
        columns = [int(i) for i in np.flatnonzero(is_text)]
        start = time.perf_counter()
        model = library.train(
            parameters, library.Dataset(x, y, categorical_feature=columns, params={"verbose": -1}), rounds)
        seconds = time.perf_counter() - start
        predicted = model.predict(table["test"])
    else:
        def pool(split):
            texts = table.get(split + "_text")
            return library.Pool(
                library.FeaturesData(
                    num_feature_data=np.ascontiguousarray(table[split][:, ~is_text]),
                    cat_feature_data=None if texts is None else texts.astype(object)),
                table[split + "_labels"])

        data = pool("train")
        model = library.CatBoost(parameters | {"iterations": rounds})
        start = time.perf_counter()
        model.fit(data)
        seconds = time.perf_counter() - start
        kind = "RawFormulaVal" if parameters["loss_function"] == "RMSE" else "Probability"
        predicted = model.predict(pool("test"), prediction_type=kind)
        if parameters["loss_function"] == "Logloss":
            predicted = predicted[:, 1]
    result = {"seconds": seconds, "loss": loss(np, table["test_labels"], predicted.astype(np.float64), parameters)}
    print("\n" + json.dumps(result | {"before": before, "version": library.__version__}))


def loss(np, labels, predicted, parameters):
    if predicted.ndim == 2:
        return float(-np.log(predicted[np.arange(len(labels)), labels.astype(int)]).mean())
    if parameters.get("objective") in ("regression", "reg:squarederror") or parameters.get("loss_function") == "RMSE":
        return float(np.sqrt(np.mean((labels - predicted) ** 2)))
    return float(-np.where(labels > 0.5, np.log(predicted), np.log1p(-predicted)).mean())


def measure(command):
    """What a process prints last, and its peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise RuntimeError(f"{command} failed: {errors}")
    return json.loads(output[output.index("\n{") if "\n{" in output else 0:]), usage.ru_maxrss / 1024


def peer_parameters(style, task, setting, seed, threads, classes):
    parameters = OBJECTIVES[style][task] | setting
    if classes and style != "catboost":
        parameters["num_class"] = classes
    if style == "xgboost":
        return parameters | {"nthread": threads, "seed": seed}
    if style == "lightgbm":
        return parameters | {"num_threads": threads, "seed": seed, "verbose": -1}
    return parameters | {
        "thread_count": threads, "random_seed": seed, "logging_level": "Silent", "allow_writing_files": False}


def run_tern(arguments, folder, style, entry, setting, seed):
    command = [arguments.tern, "train", "--model", style, "--data", os.path.join(folder, "train.csv")]
    command += ["--test", os.path.join(folder, "test.csv"), "--target", "target", "--task", entry["task"]]
    command += ["--output", os.path.join(folder, "run"), "--threads", str(arguments.threads), "--seed", str(seed)]
    command.append("--json")
    rounds = arguments.iterations if style == "catboost" else arguments.rounds
    setting = setting | {"iterations" if style == "catboost" else "num_boost_round": rounds}
    if style != "catboost":
        # The peers do not measure themselves on the training rows.
        setting |= {"train_metric": "false"}
    for key, value in setting.items():
        command += ["--set", f"{key}={value}"]
    result, memory = measure(command)
    metric = "rmse" if entry["task"] == "regression" else "logloss"
    return {"seconds": result["train_seconds"], "loss": result["metrics"]["test"][metric], "memory": memory}


def run_peer(arguments, folder, style, entry, setting, seed):
    parameters = peer_parameters(style, entry["task"], setting, seed, arguments.threads, entry.get("classes"))
    rounds = arguments.iterations if style == "catboost" else arguments.rounds
    table = os.path.join(folder, "table.npz")
    result, memory = measure(
        [sys.executable, __file__, "--peer", style, table, json.dumps(parameters), str(rounds)])
    return result | {"memory": memory, "growth": memory - result["before"] / 1024}


def summary(runs):
    losses = [run["loss"] for run in runs]
    mean = sum(losses) / len(losses)
    figures = {"loss": mean, "seconds": min(run["seconds"] for run in runs)}
    # Squared standard error of the mean, relative to it.
    figures["error"] = sum((x - mean) ** 2 for x in losses) / max(len(losses) - 1, 1) / len(losses) / mean**2
    for key in ("memory", "growth"):
        figures[key] = max(run.get(key, 0) for run in runs)
    return figures


def main():
    if sys.argv[1:2] == ["--peer"]:
        train_peer(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), int(sys.argv[5]))
        return
    if sys.argv[1:2] == ["--prepare"]:
        prepare(*sys.argv[2:5])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("tern")
    parser.add_argument("folder")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--styles", default=",".join(SETTINGS))
    parser.add_argument("--settings", default=",".join(dict.fromkeys(key for own in SETTINGS.values() for key in own)))
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    print(
        f"{arguments.rounds} rounds ({arguments.iterations} of CatBoost), {arguments.seeds} seeds, "
        f"{arguments.repeats} repeats, {arguments.threads} threads, "
        f"load {os.getloadavg()[0]:.1f}, processors {os.cpu_count()}")
    print(
        f"{'set':11}{'style':10}{'settings':11}{'tern loss':>10}{'peer loss':>10}{'ratio':>8}{'+-':>7}"
        f"{'tern s':>8}{'peer s':>8}"
        f"{'ratio':>7}{'tern MiB':>9}{'peer MiB':>9}{'of it training':>15}")
    versions = {}
    for name in arguments.sets.split(","):
        entry = SETS[name]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, __file__, "--prepare", arguments.folder, name, folder], check=True)
            for style in arguments.styles.split(","):
                for title, setting in SETTINGS[style].items():
                    if title not in arguments.settings.split(","):
                        continue
                    own, peer = [], []
                    has_chance = style == "catboost" or bool(setting)
                    for seed in range(arguments.seeds if has_chance else arguments.repeats):
                        own.append(run_tern(arguments, folder, style, entry, setting, seed))
                        peer.append(run_peer(arguments, folder, style, entry, setting, seed))
                    versions[style] = peer[-1]["version"]
                    a, b = summary(own), summary(peer)
                    error = a["loss"] / b["loss"] * (a["error"] + b["error"]) ** 0.5
                    print(
                        f"{name:11}{style:10}{title:11}{a['loss']:10.5f}{b['loss']:10.5f}"
                        f"{a['loss'] / b['loss']:8.4f}{error:7.4f}"
                        f"{a['seconds']:8.2f}{b['seconds']:8.2f}{a['seconds'] / b['seconds']:7.2f}{a['memory']:9.0f}"
                        f"{b['memory']:9.0f}{b['growth']:15.0f}", flush=True)
    print("peers: " + ", ".join(f"{style} {version}" for style, version in versions.items()))


if __name__ == "__main__":
    main()
