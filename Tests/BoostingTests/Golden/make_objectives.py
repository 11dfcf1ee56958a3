"""Writes objectives.csv and metrics.csv: margins and metrics of XGBoost 3.2.0 and LightGBM 4.7.0 for each objective on
the table of peers.csv, after five rounds.

Run in this folder with a Python that has numpy, xgboost and lightgbm: python3 make_objectives.py
"""

import lightgbm
import numpy as np
import xgboost

with open("peers.csv") as file:
    names = file.readline().strip().split(",")
    table = np.array([[float(v) if v else np.nan for v in line.rstrip("\n").split(",")] for line in file])
column = {name: table[:, i].astype(np.float32) for i, name in enumerate(names)}
x = np.stack([column[f"x{i}"] for i in range(5)], axis=1)
w, binary, classes, signal = column["weight"], column["binary"], column["class"], column["signal"]
rng = np.random.default_rng(9)
n = len(w)
count = rng.poisson(np.exp(np.clip(signal, -3, 2) * 0.5)).astype(np.float32)
positive = (np.exp(np.clip(signal, -3, 2) * 0.5) * rng.gamma(2.0, 0.5, n) + 0.01).round(4).astype(np.float32)
share = (1 / (1 + np.exp(-signal - rng.normal(size=n)))).round(4).astype(np.float32)
grade = np.clip(np.round(signal + 1 + 0.5 * rng.normal(size=n)), 0, 4).astype(np.float32)
group = np.repeat(np.arange(30), 10)
labels = {"signal": signal, "count": count, "positive": positive, "share": share, "binary": binary, "class": classes, "grade": grade}
out, heads, metrics = [count, positive, share, grade, group.astype(np.float32)], ["count", "positive", "share", "grade", "group"], []


def add(name, values):
    values = np.asarray(values, dtype=np.float32)
    for k, part in enumerate(values.T if values.ndim == 2 else [values]):
        heads.append(name if values.ndim == 1 else f"{name}_{k}")
        out.append(part)


def xgb(name, label, objective, measure, weighted=False, **params):
    weight = None if not weighted else (w[::10] if label == "grade" else w)
    data = xgboost.DMatrix(x, labels[label])
    if label == "grade":
        data.set_group([10] * 30)
    if weight is not None:
        data.set_weight(weight)
    history = {}
    params = {"nthread": 1, "tree_method": "hist", "max_depth": 3, "objective": objective, "eval_metric": measure, **params}
    model = xgboost.train(params, data, 5, evals=[(data, "train")], evals_result=history, verbose_eval=False)
    add("xgboost_" + name, model.predict(data, output_margin=True))
    for metric, values in history["train"].items():
        metrics.append(("xgboost_" + name, metric, values[-1]))


def lgb(name, label, objective, measure, weighted=False, **params):
    data = lightgbm.Dataset(x, labels[label], weight=w if weighted else None, free_raw_data=False)
    if label == "grade":
        data.set_group([10] * 30)
    history = {}
    params = {"num_threads": 1, "verbose": -1, "deterministic": True, "force_col_wise": True, "num_leaves": 7, "objective": objective, "metric": measure, **params}
    model = lightgbm.train(params, data, 5, valid_sets=[data], valid_names=["train"], callbacks=[lightgbm.record_evaluation(history)])
    add("lightgbm_" + name, model.predict(x, raw_score=True))
    for metric, values in history["train"].items():
        metrics.append(("lightgbm_" + name, metric, values[-1]))


for weighted in (False, True):
    tail = "_weighted" if weighted else ""
    xgb("absolute" + tail, "signal", "reg:absoluteerror", ["mae", "rmse"], weighted)
    xgb("quantile" + tail, "signal", "reg:quantileerror", ["quantile"], weighted, quantile_alpha=0.7)
    xgb("pseudohuber" + tail, "signal", "reg:pseudohubererror", ["mphe"], weighted, huber_slope=0.8)
    xgb("poisson" + tail, "count", "count:poisson", ["poisson-nloglik"], weighted)
    xgb("gamma" + tail, "positive", "reg:gamma", ["gamma-deviance", "gamma-nloglik", "mape"], weighted)
    xgb("tweedie" + tail, "count", "reg:tweedie", ["tweedie-nloglik@1.3"], weighted, tweedie_variance_power=1.3)
    xgb("share" + tail, "share", "reg:logistic", ["logloss", "rmse"], weighted)
    xgb("binary" + tail, "binary", "binary:logistic", ["logloss", "error@0.4", "auc", "aucpr"], weighted)
    xgb("classes" + tail, "class", "multi:softprob", ["mlogloss", "merror", "auc"], weighted, num_class=3)
    xgb("ndcg" + tail, "grade", "rank:ndcg", ["ndcg@3", "ndcg"], weighted)
    lgb("absolute" + tail, "signal", "regression_l1", ["l1", "rmse"], weighted)
    lgb("quantile" + tail, "signal", "quantile", ["quantile"], weighted, alpha=0.7)
    lgb("huber" + tail, "signal", "huber", ["huber"], weighted, alpha=0.6)
    lgb("fair" + tail, "signal", "fair", ["fair"], weighted, fair_c=0.8)
    lgb("mape" + tail, "positive", "mape", ["mape"], weighted)
    lgb("poisson" + tail, "count", "poisson", ["poisson"], weighted)
    lgb("gamma" + tail, "positive", "gamma", ["gamma", "gamma_deviance"], weighted)
    lgb("tweedie" + tail, "count", "tweedie", ["tweedie"], weighted, tweedie_variance_power=1.3)
    lgb("share" + tail, "share", "cross_entropy", ["cross_entropy"], weighted)
    lgb("sigmoid" + tail, "binary", "binary", ["binary_logloss", "binary_error", "auc", "average_precision"], weighted, sigmoid=1.7)
    lgb("ova" + tail, "class", "multiclassova", ["multi_logloss"], weighted, num_class=3)
    lgb("rank" + tail, "grade", "lambdarank", ["ndcg", "map"], weighted, eval_at=[1, 3, 5])
xgb("ndcg_plain", "grade", "rank:ndcg", ["ndcg@3"], lambdarank_normalization=False, lambdarank_score_normalization=False, lambdarank_num_pair_per_sample=4)
lgb("rank_plain", "grade", "lambdarank", ["ndcg"], lambdarank_norm=False, lambdarank_truncation_level=3, label_gain=[0, 1, 2, 3, 10], eval_at=[2])

# Leaves re-fitted to other rows, and a training that goes on from base margins.
data = lightgbm.Dataset(x, binary, free_raw_data=False)
params = {"num_threads": 1, "verbose": -1, "deterministic": True, "force_col_wise": True, "num_leaves": 7, "objective": "binary", "boost_from_average": False}
model = lightgbm.train(params, data, 5)
add("lightgbm_unfitted", model.predict(x, raw_score=True))
add("lightgbm_refitted", model.refit(x[:, :], 1 - binary, decay_rate=0.3).predict(x, raw_score=True))
start = (0.3 * np.nan_to_num(x[:, 2])).round(3).astype(np.float32)
add("start", start)
data = xgboost.DMatrix(x, binary, base_margin=start)
model = xgboost.train({"nthread": 1, "tree_method": "hist", "max_depth": 3, "objective": "binary:logistic"}, data, 5)
add("xgboost_start", model.predict(data, output_margin=True))
data = lightgbm.Dataset(x, binary, init_score=start)
params.pop("boost_from_average")
add("lightgbm_start", start + lightgbm.train(params, data, 5).predict(x, raw_score=True))

with open("objectives.csv", "w") as file:
    print(",".join(heads), file=file)
    for row in zip(*out):
        print(",".join(f"{v:.6g}" for v in row), file=file)
with open("metrics.csv", "w") as file:
    print("model,metric,value", file=file)
    for row in metrics:
        print(f"{row[0]},{row[1]},{float(row[2])!r}", file=file)
