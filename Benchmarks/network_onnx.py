"""Holds onnxruntime's predictions with exported networks against Tern's own.

    TERN_ONNX_FOLDER=FOLDER swift test -c release -Xswiftc -enable-testing --skip-build --filter ONNXTests
    python3 Benchmarks/network_onnx.py FOLDER

Each network is a file NAME.onnx with NAME.json, its inputs and Tern's predictions. A difference above 1e-6 of the largest
prediction fails, in batches and row by row. Needs onnx and onnxruntime.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

failed = False
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    onnx.checker.check_model(str(path), full_check=True)
    values = json.loads(path.with_suffix(".json").read_text())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    types = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
    feed = {i.name: np.array(values[i.name], dtype=types[i.type]) for i in session.get_inputs()}
    expected = np.array(values["prediction"], dtype=np.float32)
    found = session.run(["prediction"], feed)[0]
    rows = np.concatenate([session.run(["prediction"], {k: v[i : i + 1] for k, v in feed.items()})[0] for i in range(len(expected))])
    scale = max(1.0, float(np.abs(expected).max()))
    difference = max(float(np.abs(x - expected).max()) for x in (found, rows)) / scale
    failed |= not difference <= 1e-6
    print(f"{path.stem:32} {len(onnx.load(str(path)).graph.node):5} operators  largest {scale:9.3f}  difference {difference:.2e}")
sys.exit(failed)
