"""Writes peers.csv: a small table and the margins that XGBoost 3.2.0 and LightGBM 4.7.0 predict on it.

Run with a Python that has numpy, xgboost and lightgbm: python3 make_golden.py > peers.csv
"""

import lightgbm
import numpy as np
import xgboost

rng = np.random.default_rng(5)
n = 300
x = rng.normal(size=(n, 5)).astype(np.float32)
x[:, 1] = np.round(x[:, 1] * 2) / 2
x[:, 4] = 1.5
x[rng.random(n) < 0.15, 0] = np.nan
x[rng.random(n) < 0.3, 3] = np.nan
signal = np.nan_to_num(x[:, 0]) + x[:, 1] * x[:, 2] + np.isnan(x[:, 3])
y = (signal + rng.normal(size=n) > 0.3).astype(np.float32)
c = np.digitize(signal + rng.normal(size=n) * 0.5, [-0.5, 1.0]).astype(np.float32)
w = rng.integers(1, 4, n).astype(np.float32)
names = ["x0", "x1", "x2", "x3", "x4", "binary", "class", "weight"]
columns = [x[:, i] for i in range(5)] + [y, c, w]


def add(name, values):
    values = np.asarray(values)
    for k, column in enumerate(values.T if values.ndim == 2 else [values]):
        names.append(name if values.ndim == 1 else f"{name}_{k}")
        columns.append(column)


def xgb(params, label, weight=None, rounds=5):
    data = xgboost.DMatrix(x, label, weight=weight)
    return xgboost.train({"nthread": 1, "tree_method": "hist", **params}, data, rounds).predict(data, output_margin=True)


def lgb(params, label, weight=None, rounds=5):
    data = lightgbm.Dataset(x, label, weight=weight, free_raw_data=False)
    params = {"num_threads": 1, "verbose": -1, "deterministic": True, "force_col_wise": True, **params}
    return lightgbm.train(params, data, rounds).predict(x, raw_score=True)


add("xgboost_binary", xgb({"objective": "binary:logistic", "max_depth": 3}, y))
add("xgboost_weighted", xgb({"objective": "binary:logistic", "max_depth": 3, "scale_pos_weight": 2}, y, w))
add("xgboost_regularised", xgb({"objective": "reg:squarederror", "max_depth": 3, "alpha": 2, "lambda": 3, "gamma": 1, "min_child_weight": 5}, signal))
add("xgboost_clipped", xgb({"objective": "binary:logistic", "max_depth": 3, "max_delta_step": 0.5}, y))
add("xgboost_leafwise", xgb({"objective": "binary:logistic", "max_depth": 0, "grow_policy": "lossguide", "max_leaves": 6}, y))
add("xgboost_classes", xgb({"objective": "multi:softprob", "num_class": 3, "max_depth": 3}, c))
add("lightgbm_binary", lgb({"objective": "binary", "num_leaves": 7}, y))
add("lightgbm_weighted", lgb({"objective": "binary", "num_leaves": 7, "scale_pos_weight": 2}, y, w))
add("lightgbm_regularised", lgb({"objective": "regression", "num_leaves": 7, "lambda_l1": 2, "lambda_l2": 3, "min_gain_to_split": 1}, signal))
add("lightgbm_shallow", lgb({"objective": "binary", "max_depth": 2, "min_data_in_leaf": 5}, y))
add("lightgbm_classes", lgb({"objective": "multiclass", "num_class": 3, "num_leaves": 5}, c))
names.append("signal")
columns.append(signal)
print(",".join(names))
for row in zip(*columns):
    print(",".join("" if np.isnan(v) else repr(float(np.float32(v))) for v in row))
