"""Writes catboost_growth.csv: a table with missing values and categories and the margins that CatBoost 1.2.10 predicts on
it after five rounds of its growth policies, with nothing left to chance: no bootstrap, no noise, rows in order of time.

Run with a Python that has numpy and catboost: python3 make_catboost_growth.py > catboost_growth.csv
"""

import catboost
import numpy as np

rng = np.random.default_rng(17)
n = 600
x = (np.round(rng.normal(size=(n, 3)) * 20) / 20).astype(np.float32)
x[rng.random(n) < 0.1, 1] = np.nan
wide = np.minimum(rng.integers(0, 12, n), rng.integers(0, 12, n))
narrow = rng.integers(0, 3, n)
weight = np.round(rng.uniform(0.5, 2, n) * 8) / 8
effect = rng.normal(size=12)
signal = effect[wide] + narrow * x[:, 0] + np.nan_to_num(x[:, 1]) + np.abs(x[:, 2]) + rng.normal(size=n) * 0.3
signal = signal.astype(np.float32)
binary = (signal > 0.8).astype(int)
classes = np.digitize(signal, [0, 1.5])

names = ["x0", "x1", "x2", "wide", "narrow", "weight", "signal", "binary", "classes"]
columns = [x[:, 0], x[:, 1], x[:, 2], wide, narrow, weight, signal, binary, classes]


def add(name, label, parameters, categories=False, weights=None):
    rows = [list(x[i]) + ([f"c{wide[i]}", f"c{narrow[i]}"] if categories else []) for i in range(n)]
    pool = catboost.Pool(rows, label, cat_features=[3, 4] if categories else [], weight=weights)
    model = catboost.CatBoost({
        "iterations": 5, "learning_rate": 0.3, "bootstrap_type": "No", "random_strength": 0, "has_time": True,
        "thread_count": 1, "logging_level": "Silent", "allow_writing_files": False, **parameters})
    model.fit(pool)
    margins = np.asarray(model.predict(pool, prediction_type="RawFormulaVal")).reshape(n, -1)
    for output in range(margins.shape[1]):
        names.append(name if margins.shape[1] == 1 else f"{name}_{output}")
        columns.append(margins[:, output])


depthwise = {"grow_policy": "Depthwise", "depth": 4}
lossguide = {"grow_policy": "Lossguide", "max_leaves": 12}
logistic = {"loss_function": "Logloss"}
add("depthwise", signal, depthwise)
add("depthwise_weights", signal, {**depthwise, "min_data_in_leaf": 60}, weights=weight)
add("depthwise_l2", binary, {**depthwise, **logistic, "score_function": "L2", "leaf_estimation_iterations": 3})
add("depthwise_onehot", binary, {**depthwise, **logistic, "one_hot_max_size": 20}, categories=True)
add("depthwise_statistics", binary, {**depthwise, **logistic}, categories=True)
add("lossguide", signal, lossguide)
add("lossguide_shallow", signal, {**lossguide, "max_leaves": 31, "depth": 3, "min_data_in_leaf": 40})
add("lossguide_l2", binary, {**lossguide, **logistic, "score_function": "L2"}, weights=weight)
add("lossguide_statistics", signal, lossguide, categories=True)
# With more leaves some gains are equal but for their rounding.
add("lossguide_classes", classes, {**lossguide, "max_leaves": 10, "loss_function": "MultiClass"})

print(",".join(names))
for row in zip(*columns):
    print(",".join("" if value != value else f"{float(value):.9g}" for value in row))
