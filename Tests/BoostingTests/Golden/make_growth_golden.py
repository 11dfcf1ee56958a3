"""Writes growth.csv: a table with categories and the margins that XGBoost 3.2.0 and LightGBM 4.7.0 predict on it after
five rounds under constraints, with categories, linear leaves and exact cuts.

Run with a Python that has numpy, xgboost and lightgbm: python3 make_growth_golden.py > growth.csv
"""

import lightgbm
import numpy as np
import xgboost

rng = np.random.default_rng(11)
n = 500
# Few enough values for a bin each: beside missing values Tern has room for 255, XGBoost for 256.
x = (np.round(rng.normal(size=(n, 3)) * 20) / 20).astype(np.float32)
x[rng.random(n) < 0.1, 1] = np.nan
wide = np.minimum(rng.integers(0, 12, n), rng.integers(0, 12, n)).astype(np.float32)
narrow = rng.integers(0, 3, n).astype(np.float32)
narrow[rng.random(n) < 0.1] = np.nan
effect = rng.normal(size=12)
signal = effect[wide.astype(int)] + np.nan_to_num(narrow) * x[:, 0] + np.nan_to_num(x[:, 1]) + np.abs(x[:, 2])
y = (signal + rng.normal(size=n) * 0.5 > 0.8).astype(np.float32)
table = np.column_stack([x, wide, narrow]).astype(np.float32)
names = ["x0", "x1", "x2", "wide", "narrow", "binary", "signal"]
columns = [table[:, i] for i in range(5)] + [y, signal.astype(np.float32)]
kinds = ["q", "q", "q", "c", "c"]


def add(name, values):
    names.append(name)
    columns.append(np.asarray(values))


def xgb(params, categories=True, label=y):
    data = table if categories else table[:, :3]
    types = kinds[: data.shape[1]]
    matrix = xgboost.DMatrix(data, label, feature_types=types, enable_categorical=categories)
    params = {"nthread": 1, "objective": "binary:logistic", "max_depth": 3, **params}
    return xgboost.train(params, matrix, 5).predict(matrix, output_margin=True)


def lgb(params, categories=True, label=y):
    data = table if categories else table[:, :3]
    matrix = lightgbm.Dataset(
        data, label, categorical_feature=[3, 4] if categories else [], params={"verbose": -1}, free_raw_data=False)
    params = {"num_threads": 1, "verbose": -1, "deterministic": True, "force_col_wise": True, "objective": "binary",
              "num_leaves": 7, **params}
    return lightgbm.train(params, matrix, 5).predict(data, raw_score=True)


add("xgboost_categories", xgb({}))
add("xgboost_onehot", xgb({"max_cat_to_onehot": 20}))
add("xgboost_few_categories", xgb({"max_cat_to_onehot": 1, "max_cat_threshold": 3}))
add("xgboost_monotone", xgb({"monotone_constraints": "(1,1,-1)"}, categories=False))
add("xgboost_interactions", xgb({"interaction_constraints": "[[0,1],[2,3,4]]"}))
add("xgboost_exact", xgb({"tree_method": "exact", "gamma": 0.5}, categories=False))
add("lightgbm_categories", lgb({"min_data_per_group": 20}))
add("lightgbm_onehot", lgb({"max_cat_to_onehot": 20}))
add("lightgbm_smooth_categories", lgb({"cat_smooth": 1, "cat_l2": 1, "min_data_per_group": 5, "max_cat_threshold": 3}))
add("lightgbm_monotone", lgb({"monotone_constraints": "1,1,-1"}, categories=False))
add("lightgbm_interactions", lgb({"interaction_constraints": "[0,1],[2,3,4]", "min_data_per_group": 20}))
add("lightgbm_path_smooth", lgb({"path_smooth": 10}, categories=False))
add("lightgbm_linear", lgb({"linear_tree": True, "linear_lambda": 0.5}, categories=False))
print(",".join(names))
for row in zip(*columns):
    print(",".join("" if np.isnan(v) else repr(float(np.float32(v))) for v in row))
