"""Times networks against PyTorch and onnxruntime: a training step, predictions of a batch, and the most memory of each.

    python3 Benchmarks/networks.py TERN_BENCH [SECONDS [CASE …]]     # CASE: ft-transformer-8, ft-transformer-100, tabnet-8

The same architecture (the authors' defaults), batch, optimiser and two threads: FT-Transformer of 8 and 100 numeric features with
batches of 256 (rtdl_revisiting_models, AdamW), and TabNet of 8 features with batches of 1024 (pytorch-tabnet, Adam and clipped
gradients). Predictions, of the same batches and of one row on one thread, are held against onnxruntime on the file that Tern exports,
and against PyTorch. Every figure comes from a process of its own; programs take turns for three rounds. Best and median times are the best of the rounds; the ratio is that of the
best times. Needs numpy, torch, rtdl_revisiting_models, pytorch-tabnet and onnxruntime.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

THREADS = 2
CASES = [("ft-transformer", 8, 256), ("ft-transformer", 100, 256), ("tabnet", 8, 1024)]


def measure(body, seconds):
    for _ in range(3):
        body()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"best_ms": times[0] * 1e3, "median_ms": times[len(times) // 2] * 1e3, "peak_mb": peak}))


def torch_network(name, features):
    import torch

    torch.manual_seed(1)
    if name == "tabnet":
        from pytorch_tabnet.tab_network import TabNet

        network = TabNet(features, 1, n_d=8, n_a=8, n_steps=3, gamma=1.3, virtual_batch_size=128, momentum=0.02, group_attention_matrix=torch.eye(features))
        return network, torch.optim.Adam(network.parameters(), lr=0.02)
    from rtdl_revisiting_models import FTTransformer

    arguments = FTTransformer.get_default_kwargs(3)
    # 4/3·192 is 256 in Tern's default, 255 where the factor was rounded.
    arguments |= {"ffn_d_hidden": 256, "ffn_d_hidden_multiplier": None}
    optimizer = arguments.pop("optimizer", None)
    arguments.pop("_is_default", None)
    network = FTTransformer(n_cont_features=features, cat_cardinalities=[], d_out=1, **arguments)
    return network, torch.optim.AdamW(network.make_parameter_groups(), lr=1e-4, weight_decay=1e-5)


def peer_torch(mode, name, features, batch, threads, seconds):
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    network, optimizer = torch_network(name, features)
    random = np.random.default_rng(3)
    x = torch.from_numpy(random.standard_normal((batch, features), dtype=np.float32))
    y = torch.from_numpy(random.standard_normal((batch, 1), dtype=np.float32))

    def predict():
        return network(x) if name == "tabnet" else network(x, None)

    def step():
        optimizer.zero_grad()
        if name == "tabnet":
            output, entropy = predict()
            loss = torch.nn.functional.mse_loss(output, y) - 1e-3 * entropy
        else:
            loss = torch.nn.functional.mse_loss(predict(), y)
        loss.backward()
        if name == "tabnet":
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    if mode == "train":
        network.train()
        return measure(step, seconds)
    network.eval()
    with torch.inference_mode():
        measure(predict, seconds)


def peer_onnx(path, features, batch, threads, seconds):
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(3).standard_normal((batch, features), dtype=np.float32)
    measure(lambda: session.run(["prediction"], {"numeric": x}), seconds)


def run(command):
    environment = os.environ | {"OMP_NUM_THREADS": str(THREADS), "MKL_NUM_THREADS": str(THREADS)}
    result = subprocess.run([str(c) for c in command], env=environment, check=True, capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[-1])


def best(results):
    return {key: (max if key == "peak_mb" else min)(r[key] for r in results) for key in ("best_ms", "median_ms", "peak_mb")}


def compare(title, programs, rounds=3):
    results = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            results[name].append(run(command))
    figures = {name: best(r) for name, r in results.items()}
    own = figures["tern"]
    for name, f in figures.items():
        ratios = "" if name == "tern" else f"  time {own['best_ms'] / f['best_ms']:5.2f}x  median {own['median_ms'] / f['median_ms']:5.2f}x  memory {own['peak_mb'] / f['peak_mb']:5.2f}x"
        print(f"{title:36} {name:12} best {f['best_ms']:9.3f} ms  median {f['median_ms']:9.3f} ms  peak {f['peak_mb']:7.0f} MB{ratios}", flush=True)
    return results["tern"][0].get("core")


def main():
    if sys.argv[1] == "--torch":
        mode, name, features, batch, threads, seconds = sys.argv[2:]
        return peer_torch(mode, name, int(features), int(batch), int(threads), float(seconds))
    if sys.argv[1] == "--onnx":
        path, features, batch, threads, seconds = sys.argv[2:]
        return peer_onnx(path, int(features), int(batch), int(threads), float(seconds))
    program, seconds = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else "3"
    prefix = [program, "network"] if program.name == "tern-bench" else [program]
    this = [sys.executable, __file__]
    with tempfile.TemporaryDirectory() as folder:
        for name, features, batch in CASES:
            if sys.argv[3:] and f"{name}-{features}" not in sys.argv[3:]:
                continue
            shape = [name, features, batch, THREADS, seconds]
            core = compare(
                f"{name}, {features} features, step of {batch}",
                {"tern": prefix + ["train", *shape], "PyTorch": this + ["--torch", "train", *shape]},
            )
            file = pathlib.Path(folder) / f"{name}-{features}.onnx"
            subprocess.run([str(c) for c in prefix + ["export", name, features, file]], check=True)
            for rows, threads in [(batch, THREADS), (1, 1)]:
                compare(
                    f"{name}, {features} features, rows {rows}",
                    {
                        "tern": prefix + ["predict", name, features, rows, threads, seconds],
                        "onnxruntime": this + ["--onnx", file, features, rows, threads, seconds],
                        "PyTorch": this + ["--torch", "predict", name, features, rows, threads, seconds],
                    },
                )
        print(f"OpenBLAS core {core}, {THREADS} threads, one for a row alone")


main()
