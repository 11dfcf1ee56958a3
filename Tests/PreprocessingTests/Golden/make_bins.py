"""Writes bins.json: edges of bins by `compute_bins` of rtdl_num_embeddings 0.0.12 (scikit-learn 1.9.1, PyTorch 2.13.0).

Run in this folder with a Python that has them: python3 make_bins.py

`columns` (feature, row) are single-precision numbers, `targets` numbers, `classes` 0 to 2. Each case has `kind` (quantiles,
numbers, classes), `count`, for trees `min_samples_leaf` and `min_impurity_decrease`, and `bins` (feature, edge).
"""

import json
import warnings

import numpy as np
import torch
from rtdl_num_embeddings import compute_bins

warnings.simplefilter("ignore")
rng = np.random.default_rng(5)
n = 400
columns = np.stack([
    rng.normal(0, 1, n),
    np.round(rng.normal(0, 1.5, n)),
    np.exp(rng.normal(0, 1, n)),
    np.where(rng.random(n) < 0.9, 0.0, 1.0),
    rng.integers(0, 60, n) / 8,
]).astype(np.float32)
targets = (np.sin(2 * columns[0]) + 0.3 * columns[1] + np.log(columns[2]) + columns[3] + 0.3 * rng.normal(size=n)).astype(np.float32)
classes = np.digitize(targets, np.quantile(targets, [0.3, 0.7]))
x = torch.from_numpy(columns.T.copy())
cases = []
for count in [2, 7, 48]:
    cases.append({"kind": "quantiles", "count": count, "bins": [b.tolist() for b in compute_bins(x, count)]})
for kind, y in [("numbers", torch.from_numpy(targets)), ("classes", torch.from_numpy(classes))]:
    for count, leaf, decrease in [(2, 1, 0.0), (6, 8, 1e-4), (48, 16, 1e-4), (48, 4, 0.01), (16, 1, 0.0)]:
        arguments = {"min_samples_leaf": leaf, "min_impurity_decrease": decrease, "random_state": 0}
        bins = compute_bins(x, count, tree_kwargs=arguments, y=y, regression=kind == "numbers")
        cases.append({"kind": kind, "count": count, "min_samples_leaf": leaf, "min_impurity_decrease": decrease, "bins": [b.tolist() for b in bins]})
with open("bins.json", "w") as file:
    json.dump({"columns": columns.tolist(), "targets": targets.tolist(), "classes": classes.tolist(), "cases": cases}, file)
