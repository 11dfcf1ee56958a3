"""Writes catboost_statistics.csv: a table with categories and the margins that CatBoost 1.2.10 predicts on it after eight
rounds with statistics of every kind, with nothing left to chance: no bootstrap, no noise, rows in order of time.

The columns `full` and `skip` are of a training with validation rows (`other`: categories in another order, three of them
without a training row), `full_valid` and `skip_valid` are its margins of these.

Run with a Python that has numpy and catboost: python3 make_catboost_statistics.py > catboost_statistics.csv
"""

import catboost
import numpy as np

rng = np.random.default_rng(23)
n = 500
x = (np.round(rng.normal(size=n) * 20) / 20).astype(np.float32)
wide = np.minimum(rng.integers(0, 25, n), rng.integers(0, 25, n))
narrow = rng.integers(0, 5, n)
effect = rng.normal(size=25)
signal = effect[wide] + (wide % 5 == narrow) + 0.5 * x + rng.normal(size=n) * 0.3
signal = signal.astype(np.float32)
binary = (signal > 0.4).astype(int)
classes = np.digitize(signal, [0, 1])

names = ["x", "wide", "narrow", "signal", "binary", "classes"]
columns = [x, wide, narrow, signal, binary, classes]


def pool_of(wide, narrow, label):
    return catboost.Pool([[x[i], f"c{wide[i]}", f"c{narrow[i]}"] for i in range(n)], label, cat_features=[1, 2])


def add(name, label, parameters, valid=None):
    pool = pool_of(wide, narrow, label)
    model = catboost.CatBoost({
        "iterations": 8, "learning_rate": 0.3, "depth": 4, "bootstrap_type": "No", "random_strength": 0,
        "has_time": True, "thread_count": 1, "logging_level": "Silent", "allow_writing_files": False, **parameters})
    model.fit(pool, eval_set=valid, use_best_model=False)
    margins = np.asarray(model.predict(pool, prediction_type="RawFormulaVal")).reshape(n, -1)
    for output in range(margins.shape[1]):
        names.append(name if margins.shape[1] == 1 else f"{name}_{output}")
        columns.append(margins[:, output])
    if valid is not None:
        names.append(f"{name}_valid")
        columns.append(model.predict(valid, prediction_type="RawFormulaVal"))


logistic = {"loss_function": "Logloss"}
add("plain", binary, logistic)
add("combinations", binary, {**logistic, "max_ctr_complexity": 2})
add("buckets", binary, {**logistic, "simple_ctr": ["Buckets:Prior=0.3:CtrBorderCount=7", "Counter:Prior=0.5/1"]})
add("means", signal, {"simple_ctr": ["BinarizedTargetMeanValue:TargetBorderCount=4"]})
add("target_borders", signal, {"ctr_target_border_count": 3})
add("priors", binary, {**logistic, "simple_ctr": ["Borders:Prior=-1:Prior=3:CtrBorderCount=40"]})
add("per_feature", binary, {**logistic, "per_feature_ctr": ["1:Counter:Prior=0.2/1"]})
add("combinations_kind", signal, {
    "max_ctr_complexity": 2, "combinations_ctr": ["BinarizedTargetMeanValue:TargetBorderCount=2", "Counter"]})
add("classes", classes, {"loss_function": "MultiClass", "simple_ctr": ["Buckets"]})
other = pool_of(np.where(narrow == 0, 27 - wide % 3, wide * wide % 9), (narrow + wide) % 5, binary)
for name, method in [("full", "Full"), ("skip", "SkipTest")]:
    add(name, binary, {
        **logistic, "max_ctr_complexity": 3, "simple_ctr": ["Counter:Prior=0.1/1", "Borders"], "model_size_reg": 2,
        "counter_calc_method": method}, valid=other)

print(",".join(names))
for row in zip(*columns):
    print(",".join(f"{float(value):.9g}" for value in row))
