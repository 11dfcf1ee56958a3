"""Writes catboost_borders.csv: CatBoost's borders of columns with many equal gains.

Made with catboost 1.2.10: python make_catboost_borders.py
The columns are integers by a rule that the test repeats, so that only the borders are kept.
"""

import os
import tempfile

import catboost
import numpy as np

ROWS = 4096
rows = np.arange(ROWS, dtype=np.int64)
COLUMNS = {
    "squares": (rows * 7919 % 1009) ** 2 % 5003,
    "skewed": np.where(rows % 3 == 0, 0, (rows * 104729 % 2048) ** 3 // 99991),
    "even": rows * 2731 % 4096,
}

lines = ["column,type,count,borders"]
for name, values in COLUMNS.items():
    for kind in ("GreedyLogSum", "GreedyMinEntropy"):
        for count in (254, 31):
            pool = catboost.Pool(values.astype(np.float32).reshape(-1, 1), rows % 2)
            pool.quantize(border_count=count, feature_border_type=kind)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "borders.tsv")
                pool.save_quantization_borders(path)
                with open(path) as file:
                    borders = " ".join(line.split()[1] for line in file)
            lines.append(f"{name},{kind},{count},{borders}")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "catboost_borders.csv"), "w") as file:
    file.write("\n".join(lines) + "\n")
