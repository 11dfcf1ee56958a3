"""Writes catboost_noise.csv: a table of which most columns are sparse or two-valued, how often CatBoost 1.2.10 tests each
column where noise alone decides, and the margins that it predicts where nothing is left to chance.

The column `tests` holds the counts: row i is that of column i. Run with a Python that has numpy and catboost:
python3 make_catboost_noise.py > catboost_noise.csv
"""

import json
import tempfile

import catboost
import numpy as np

rng = np.random.default_rng(17)
n = 240
columns, names = [], []


def add(name, values):
    names.append(name)
    columns.append(np.asarray(values, dtype=np.float32))


add("dense0", np.round(rng.normal(size=n) * 8) / 8)
kind = rng.integers(0, 12, n)
for k in range(12):  # exclusive: one bundle
    add(f"kind{k}", kind == k)
for k in range(6):  # overlapping: packed by eights
    add(f"flag{k}", rng.random(n) < 0.5)
size = rng.integers(0, 3, n)
for k in range(3):  # a bundle of three flags is too small and is packed as well
    add(f"size{k}", size == k)
side = rng.integers(0, 3, n)
for k in range(2):  # exclusive with several values each: one bundle
    add(f"amount{k}", np.where(side == k, rng.integers(1, 6, n), 0))
for k in range(4):
    add(f"late{k}", rng.random(n) < 0.5)
add("dense1", np.round(rng.normal(size=n) * 8) / 8)
table = np.column_stack(columns)
signal = columns[0] + (kind % 3) + columns[13] * columns[14] + 0.3 * columns[22] + rng.normal(size=n) * 0.3
y = signal.astype(np.float32)
common = {"verbose": 0, "thread_count": 1, "allow_writing_files": False, "random_seed": 3}


def train(loss, label, **parameters):
    return catboost.CatBoost({"loss_function": loss, **common, **parameters}).fit(catboost.Pool(table, label))


noisy = train("RMSE", y, iterations=4000, depth=1, learning_rate=1e-6, random_strength=1e4, bootstrap_type="No")
with tempfile.TemporaryDirectory() as folder:
    noisy.save_model(folder + "/model.json", format="json")
    with open(folder + "/model.json") as file:
        model = json.load(file)
tests = np.zeros(n)
floats = model["features_info"]["float_features"]
for tree in model["oblivious_trees"]:
    for split in tree["splits"]:
        tests[floats[split["float_feature_index"]]["flat_feature_index"]] += 1
add("tests", tests)
# CatBoost measures the training loss in low precision, so steps that hang on it would be a matter of chance.
still = {"leaf_estimation_backtracking": "No", "random_strength": 0, "bootstrap_type": "No", "iterations": 8, "depth": 3,
         "learning_rate": 0.2}
add("signal", y)
add("rmse", train("RMSE", y, **still).predict(table))
binary = (signal > 1.5).astype(np.float32)
add("binary", binary)
add("logloss", train("Logloss", binary, **still).predict(table, prediction_type="RawFormulaVal"))
add("crossentropy", train("CrossEntropy", binary, score_function="L2", **still).predict(table))
label = np.digitize(signal, [0.8, 2.0]).astype(np.float32)
add("class", label)
for k, values in enumerate(train("MultiClass", label, **still).predict(table).T):
    add(f"multiclass_{k}", values)
for k, values in enumerate(
    train("MultiClass", label, leaf_estimation_method="Gradient", score_function="L2", **still).predict(table).T
):
    add(f"gradient_{k}", values)

print(",".join(names))
for row in zip(*columns):
    print(",".join(repr(float(np.float32(v))) for v in row))
