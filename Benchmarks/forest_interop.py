"""Takes models of xgboost, lightgbm and catboost, and Tern's own of each style, through Tern into every format and holds the
copies, loaded by the real programs, against the originals over 10,000 rows.

    python Benchmarks/forest_interop.py --tern .build/release/tern [--rows 10000]

Needs xgboost, lightgbm, catboost, onnxruntime and numpy. For each pair it prints the greatest difference of margins, and
"refused" where a format has no way to say what the model does; the exit code is 1 if a difference is too large: 0 from XGBoost to
XGBoost, 1e-6 within a maker and in ONNX, and, between a maker that sums in `float` and one that sums in `double`, 4e-6 of the
largest margin: a hundred `float` additions may be off by as much, whatever the copy. onnxruntime predicts with one thread: with
several it adds the trees of large batches in another order.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import catboost
import lightgbm
import numpy as np
import onnxruntime
import xgboost

parser = argparse.ArgumentParser()
parser.add_argument("--tern", default=".build/release/tern")
parser.add_argument("--rows", type=int, default=10_000)
parser.add_argument("--predict", nargs=4, metavar=("FORMAT", "MODEL", "ROWS", "OUTPUT"), help="used by the script itself")
arguments = parser.parse_args()

RANDOM = np.random.default_rng(3)
NUMBERS, CODES = 8, [8, 40]
FEATURES = NUMBERS + len(CODES)
SUFFIX = {"xgboost-json": "json", "xgboost-ubj": "ubj", "lightgbm": "txt", "catboost-json": "json", "onnx": "onnx"}


def names(x):
    """Rows as CatBoost takes them: categories are strings."""
    text = [["missing" if np.isnan(v) else str(int(v)) for v in x[:, c]] for c in range(NUMBERS, x.shape[1])]
    import pandas
    frame = pandas.DataFrame({f"f{c}": x[:, c] for c in range(NUMBERS)})
    for c, column in enumerate(text):
        frame[f"f{NUMBERS + c}"] = column
    return frame


def xgb_matrix(x, label=None):
    types = ["q" if c < NUMBERS else "c" for c in range(x.shape[1])]
    return xgboost.DMatrix(x, label, feature_types=types, feature_names=[f"f{c}" for c in range(x.shape[1])],
                           enable_categorical=True)


def margins(form, path, x):
    if form.startswith("xgboost"):
        return xgboost.Booster(model_file=path).predict(xgb_matrix(x), output_margin=True)
    if form == "lightgbm":
        booster = lightgbm.Booster(model_file=path)
        raw = booster.predict(x.astype(np.float64), raw_score=True)
        return raw / booster.num_trees() if "\naverage_output\n" in open(path).read() else raw
    if form == "catboost-json":
        model = catboost.CatBoost().load_model(path, format="json")
        columns = model.get_cat_feature_indices()
        return model.predict(catboost.Pool(names(x) if columns else x, cat_features=columns or None),
                             prediction_type="RawFormulaVal")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    kind = np.float64 if session.get_inputs()[0].type == "tensor(double)" else np.float32
    return session.run(["margins"], {"input": x.astype(kind)})[0]


if arguments.predict:
    # In a process of its own: a program that does not bear a file must not take the others with it.
    form, path, source, output = arguments.predict
    np.save(output, margins(form, path, np.load(source)))
    sys.exit(0)


def predicted(form, path, x, folder):
    """Margins as the real program gives them, or None if it dies."""
    source, output = os.path.join(folder, "rows.npy"), os.path.join(folder, "margins.npy")
    np.save(source, x)
    done = subprocess.run([sys.executable, __file__, "--predict", form, path, source, output], capture_output=True)
    return np.load(output).astype(np.float64).reshape(len(x), -1) if done.returncode == 0 else None


def table(rows, wild):
    x = np.round(RANDOM.normal(size=(rows, NUMBERS)) * 4) / 4
    x[RANDOM.random(x.shape) < 0.1] = np.nan
    x[RANDOM.random(x.shape) < 0.1] = 0
    codes = []
    for count in CODES:
        column = RANDOM.integers(0, count, rows).astype(float)
        if wild:
            odd = RANDOM.random(rows)
            column[odd < 0.1] = np.nan
            column[(odd > 0.1) & (odd < 0.2)] = 1000
            column[(odd > 0.2) & (odd < 0.25)] = -1
        codes.append(column)
    return np.column_stack([x] + codes).astype(np.float32)


X, ROWS = table(20_000, False), table(arguments.rows, True)
Z = np.nan_to_num(X)
SIGNAL = (Z[:, 0] - Z[:, 1] * Z[:, 2] + np.sin(3 * Z[:, 3]) + (Z[:, 8] % 3 == 1) - (Z[:, 9] % 5 == 2)
          + 0.5 * np.isnan(X[:, 4]) + RANDOM.normal(0, 0.3, len(X)))
BINARY, CLASSES = (SIGNAL > 0).astype(int), np.digitize(SIGNAL, [-1, 1])


def train_xgb(path, label, columns, rounds=100, **settings):
    booster = xgboost.train(dict(max_depth=6, nthread=2, max_cat_to_onehot=9) | settings, xgb_matrix(X[:, :columns], label), rounds)
    booster.save_model(path)


def train_lgb(path, label, columns, rounds=100, **settings):
    data = lightgbm.Dataset(X[:, :columns].astype(np.float64), label, categorical_feature=list(range(NUMBERS, columns)),
                            feature_name=[f"f{c}" for c in range(columns)])
    lightgbm.train(dict(num_threads=2, verbose=-1) | settings, data, rounds).save_model(path)


def train_cat(path, label, columns, rounds=100, **settings):
    frame = names(X[:, :columns])
    pool = catboost.Pool(frame, label, cat_features=[f"f{c}" for c in range(NUMBERS, columns)])
    model = catboost.CatBoost(dict(iterations=rounds, thread_count=2, verbose=False, allow_writing_files=False) | settings)
    model.fit(pool)
    model.save_model(path, format="json", pool=pool)


def train_tern(path, label, columns, style, **settings):
    """Tern's own model of a style, in the run directory `path`."""
    table = path + ".csv"
    names = [f"f{c}" for c in range(columns)] + ["y"]
    np.savetxt(table, np.column_stack([X[:, :columns], label]), "%.9g", ",", header=",".join(names), comments="")
    text = open(table).read().replace("nan", "")
    open(table, "w").write(text)
    words = [f"{name}={value}" for name, value in settings.items()]
    done = run("train", "--model", style, "--data", table, "--target", "y", "--task", "regression", "--output", path,
               *[word for pair in zip(["--set"] * len(words), words) for word in pair])
    assert done.returncode == 0, done.stderr


def tern_margins(path, x, folder):
    table, output = os.path.join(folder, "rows.csv"), os.path.join(folder, "predictions.csv")
    names = ",".join(f"f{c}" for c in range(x.shape[1]))
    np.savetxt(table, x, "%.9g", ",", header=names, comments="")
    text = open(table).read().replace("nan", "")
    open(table, "w").write(text)
    done = run("predict", "--model", path, "--data", table, "--output", output)
    assert done.returncode == 0, done.stderr
    return np.loadtxt(output, delimiter=",", skiprows=1, ndmin=2)[:, -1:]


ALL = FEATURES
MODELS = [
    ("xgb numeric", "xgboost-json", train_xgb, SIGNAL, NUMBERS, {}),
    ("xgb categorical", "xgboost-ubj", train_xgb, BINARY, ALL, dict(objective="binary:logistic")),
    ("xgb softmax", "xgboost-json", train_xgb, CLASSES, NUMBERS, dict(objective="multi:softprob", num_class=3)),
    ("xgb dart", "xgboost-json", train_xgb, BINARY, NUMBERS, dict(objective="binary:logistic", booster="dart", rate_drop=0.2)),
    ("lgb numeric", "lightgbm", train_lgb, SIGNAL, NUMBERS, {}),
    ("lgb categorical", "lightgbm", train_lgb, BINARY, ALL, dict(objective="binary")),
    ("lgb multiclass", "lightgbm", train_lgb, CLASSES, ALL, dict(objective="multiclass", num_class=3)),
    ("lgb linear", "lightgbm", train_lgb, SIGNAL, NUMBERS, dict(linear_tree=True)),
    ("lgb zero missing", "lightgbm", train_lgb, SIGNAL, NUMBERS, dict(zero_as_missing=True)),
    ("lgb forest", "lightgbm", train_lgb, SIGNAL, NUMBERS, dict(boosting="rf", bagging_freq=1, bagging_fraction=0.6)),
    ("cat numeric", "catboost-json", train_cat, SIGNAL, NUMBERS, dict(loss_function="RMSE")),
    ("cat one-hot", "catboost-json", train_cat, BINARY, ALL, dict(loss_function="Logloss", one_hot_max_size=100)),
    ("cat multiclass", "catboost-json", train_cat, CLASSES, NUMBERS, dict(loss_function="MultiClass")),
    ("cat lossguide", "catboost-json", train_cat, SIGNAL, NUMBERS, dict(loss_function="RMSE", grow_policy="Lossguide")),
    ("cat statistics", "catboost-json", train_cat, BINARY, ALL, dict(loss_function="Logloss")),
    ("tern xgboost", "tern", train_tern, SIGNAL, NUMBERS, dict(style="xgboost", num_boost_round=100)),
    ("tern lightgbm", "tern", train_tern, SIGNAL, NUMBERS, dict(style="lightgbm", num_boost_round=100)),
    ("tern linear", "tern", train_tern, SIGNAL, NUMBERS, dict(style="lightgbm", num_boost_round=100, linear_tree="true")),
    ("tern catboost", "tern", train_tern, SIGNAL, NUMBERS, dict(style="catboost", iterations=100)),
]


def run(*words):
    return subprocess.run([arguments.tern, *words], capture_output=True, text=True)


failed = False
with tempfile.TemporaryDirectory() as folder:
    for title, form, train, label, columns, settings in MODELS:
        rows = ROWS[:, :columns]
        directory = os.path.join(folder, "run")
        if form == "tern":
            directory = os.path.join(folder, title.replace(" ", "-"))
            train(directory, label, columns, **settings)
            truth = tern_margins(directory, rows, folder)
        else:
            source = os.path.join(folder, "source." + SUFFIX[form])
            train(source, label, columns, **settings)
            truth = predicted(form, source, rows, folder)
            done = run("import", "--format", form, source, "--output", directory)
            if done.returncode:
                print(f"{title:18} import failed: {done.stderr.strip()}")
                failed = True
                continue
        results = []
        for target, suffix in SUFFIX.items():
            copy = os.path.join(folder, "copy." + suffix)
            done = run("export", "--model", directory, "--format", target, "--output", copy)
            if done.returncode:
                results.append(f"{target} refused")
                continue
            if form == "catboost-json" and columns > NUMBERS and target != "catboost-json":
                results.append(f"{target} not compared (other codes)")
                continue
            found = predicted(target, copy, rows, folder)
            if found is None:
                results.append(f"{target} FAILED to load or predict")
                failed = True
                continue
            difference = np.abs(found - truth).max()
            maker = lambda name: name.split("-")[0]
            origin = settings["style"] if form == "tern" else maker(form)
            if origin == maker(target) or target == "onnx":
                limit = 0 if form.startswith("xgboost") else 1e-6
            else:
                limit = 1e-6 * max(1, np.abs(truth).max()) * 4
            failed |= difference > limit
            results.append(f"{target} {difference:.2g}" + (" TOO LARGE" if difference > limit else ""))
        print(f"{title:18} " + "; ".join(results), flush=True)
sys.exit(1 if failed else 0)
