"""Writes preprocessing.csv: columns of numbers and what scikit-learn 1.9.1 makes of them.

Run in this folder with a Python that has numpy and scikit-learn: python3 make.py

For each column x there are x, the rows to transform (cells beyond the range and repeated values among them), and what scalers
fitted on the first 160 rows give for all: standard, robust, and quantile with 10 and 13 quantiles. Cells are single-precision
numbers; missing ones are empty.
"""

import numpy as np
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

rng = np.random.default_rng(7)
n, fitted = 180, 160
columns = {
    "normal": rng.normal(3, 2, n),
    "heavy": rng.standard_t(1.5, n) * 1e3,
    "few": np.round(rng.normal(0, 1, n)),
    "constant": np.full(n, 0.1),
    "mostly": np.where(rng.random(n) < 0.8, 0.0, rng.gamma(2, 1, n)),
    "missing": np.where(rng.random(n) < 0.2, np.nan, rng.normal(-5, 0.01, n)),
    "huge": rng.normal(1e7, 1, n),
}
names, out = [], []
for name, values in columns.items():
    x = values.astype(np.float32).astype(np.float64)
    x[fitted] = 1e9
    x[fitted + 1] = -1e9
    x[fitted + 2] = np.nanmin(x[:fitted])
    x[fitted + 3] = np.nanmax(x[:fitted])
    x = x.astype(np.float32).astype(np.float64)[:, None]
    names.append(name)
    out.append(x[:, 0])
    for kind, scaler in [("standard", StandardScaler()), ("robust", RobustScaler()),
                         ("quantile10", QuantileTransformer(n_quantiles=10, output_distribution="normal", subsample=None)),
                         ("quantile13", QuantileTransformer(n_quantiles=13, output_distribution="normal", subsample=None))]:
        names.append(f"{name}_{kind}")
        out.append(scaler.fit(x[:fitted]).transform(x)[:, 0])
with open("preprocessing.csv", "w") as file:
    file.write(",".join(names) + "\n")
    for row in zip(*out):
        file.write(",".join("" if np.isnan(v) else f"{v:.8g}" if i % 5 else f"{v:.9g}" for i, v in enumerate(row)) + "\n")
