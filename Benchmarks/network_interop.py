"""Networks between tern and the programs that they were written after: predictions of the same weights everywhere.

    python3 Benchmarks/network_interop.py .build/release/tern

Networks of pytorch-tabnet and rtdl_revisiting_models with random weights are saved as safetensors, imported, predicted by tern,
exported as safetensors and as ONNX, and loaded by PyTorch (`load_state_dict`, strictly) and onnxruntime. Printed are the
largest differences of predictions from the first network's, and how far that one is from itself in double precision: masks
that turn on and off make much of rounding, so nobody can be held to less than a few times that. Needs torch, pytorch-tabnet, rtdl_revisiting_models, safetensors,
onnxruntime and numpy.
"""

import copy
import inspect
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from pytorch_tabnet.tab_network import TabNet
from pytorch_tabnet.utils import create_group_matrix
from rtdl_revisiting_models import FTTransformer, FTTransformerBackbone
from safetensors import safe_open
from safetensors.torch import load_file, save_file

warnings.simplefilter("ignore")
ROWS = 500


def arguments(configuration, *kinds):
    known = {name for kind in kinds for name in inspect.signature(kind.__init__).parameters}
    shape = {k: v for k, v in configuration.items() if k in known}
    if shape.get("linformer_kv_compression_ratio") is None:
        shape.pop("linformer_kv_compression_sharing", None)
    return shape


def build(program, configuration):
    if program.startswith("pytorch-tabnet"):
        matrix = create_group_matrix(configuration.get("grouped_features", []), configuration["input_dim"])
        return TabNet(**arguments(configuration, TabNet), group_attention_matrix=matrix).eval()
    shape = {"ffn_d_hidden": None, **arguments(configuration, FTTransformer, FTTransformerBackbone)}
    shape.pop("ffn_activation", None)
    return FTTransformer(**shape).eval()


def shake(model):
    """Statistics and biases as training leaves them."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.ndim == 1:
                p.add_(torch.randn(p.shape) * 0.2)
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                b.add_(torch.randn(b.shape) * 0.3)
            if name.endswith("running_var"):
                b.mul_(torch.rand(b.shape) + 0.5)


def exact(model, program, x, codes, positions):
    """Margins in double precision."""
    double = copy.deepcopy(model).double()
    torch.set_default_dtype(torch.float64)
    for module in double.modules():  # plain attributes, which double() leaves alone
        for name in ["group_attention_matrix", "embedding_group_matrix"]:
            if torch.is_tensor(getattr(module, name, None)):
                setattr(module, name, getattr(module, name).double())
    result = margins(double, program, x.astype(np.float64), codes, positions)
    torch.set_default_dtype(torch.float32)
    return result


def margins(model, program, x, codes, positions):
    with torch.no_grad():
        if program.startswith("pytorch-tabnet"):
            row = torch.zeros(len(x), x.shape[1] + codes.shape[1], dtype=torch.from_numpy(x).dtype)
            rest = [k for k in range(row.shape[1]) if k not in positions]
            row[:, rest], row[:, positions] = torch.from_numpy(x), torch.from_numpy(codes).to(row.dtype)
            return model(row)[0].numpy()
        return model(torch.from_numpy(x) if x.shape[1] else None, torch.from_numpy(codes) if codes.shape[1] else None).numpy()


def link(margins, task):
    if task == "regression":
        return margins
    if task == "binary":
        return 1 / (1 + np.exp(-margins.astype(np.float64)))
    powers = np.exp(margins.astype(np.float64) - margins.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def check(tern, folder, name, program, configuration, task, positions):
    torch.manual_seed(3)
    rng = np.random.default_rng(4)
    model = build(program, configuration)
    shake(model)
    sizes = configuration.get("cat_dims", configuration.get("cat_cardinalities", []))
    width = configuration.get("input_dim", configuration.get("n_cont_features", 0) + len(sizes))
    x = rng.normal(size=(ROWS, width - len(sizes))).astype(np.float32)
    codes = np.stack([rng.integers(0, k, ROWS) for k in sizes], 1) if sizes else np.zeros((ROWS, 0), np.int64)
    columns, numbers, categories = [], iter(x.T), iter(codes.T)
    for k in range(width):
        columns.append([str(v) for v in next(categories)] if k in positions else [repr(float(v)) for v in next(numbers)])
    table = folder / f"{name}.csv"
    table.write_text("\n".join([",".join(f"x{k}" for k in range(width))] + [",".join(r) for r in zip(*columns)]) + "\n")
    state = folder / f"{name}.safetensors"
    metadata = {"program": program, "configuration": json.dumps(configuration), "task": task}
    save_file({k: v.clone().contiguous() for k, v in model.state_dict().items()}, state, metadata)

    def run(*words):
        subprocess.run([tern, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    run("import", "--format", "safetensors", state, "-o", folder / name)
    run("predict", "--model", folder / name, "--data", table, "-o", folder / "p.csv")
    first = margins(model, program, x, codes, positions)
    wanted = link(first, task)
    found = np.loadtxt(folder / "p.csv", delimiter=",", skiprows=1, ndmin=2)
    imported = np.abs(found[:, -wanted.shape[1]:] - wanted).max()

    back = folder / f"{name}-back.safetensors"
    run("export", "--model", folder / name, "--format", "safetensors", "-o", back)
    with safe_open(back, "pt") as file:
        written = file.metadata()
    again = build(written["program"], json.loads(written["configuration"]))
    again.load_state_dict(load_file(back), strict=True)
    exported = np.abs(margins(again.eval(), program, x, codes, positions) - first).max()

    graph = folder / f"{name}.onnx"
    run("export", "--model", folder / name, "--format", "onnx", "-o", graph)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    # The prepared inputs of an imported network are the numbers, and the rows that its vocabulary gives the codes: themselves.
    inputs = {i.name: {"numeric": x, "categories": codes.astype(np.int64)}[i.name] for i in session.get_inputs()}
    graphed = np.abs(session.run(None, inputs)[0] - first).max()
    size, rounding = max(1, np.abs(first).max()), np.abs(exact(model, program, x, codes, positions) - first).max()
    print(f"{name:28} imported {imported:.1e}  exported to PyTorch {exported:.1e}  ONNX {graphed:.1e}  "
          f"rounding {rounding:.1e} of {size:.1f}")
    assert exported < 1e-6 and max(imported, graphed) < max(1e-5 * size, 10 * rounding)


def main():
    tern = sys.argv[1]
    tabnet = {"n_d": 8, "n_a": 8, "n_steps": 3, "gamma": 1.3, "n_independent": 2, "n_shared": 2, "epsilon": 1e-15,
              "virtual_batch_size": 128, "momentum": 0.02, "mask_type": "sparsemax"}
    plain = {"input_dim": 6, "cat_idxs": [], "cat_dims": [], "cat_emb_dim": []}
    mixed = {"input_dim": 7, "cat_idxs": [1, 4], "cat_dims": [12, 3], "cat_emb_dim": [2, 1]}
    transformer = {"n_blocks": 3, "d_block": 32, "attention_n_heads": 4, "attention_dropout": 0.2, "ffn_d_hidden": None,
                   "ffn_d_hidden_multiplier": 4 / 3, "ffn_dropout": 0.1, "residual_dropout": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check(tern, folder, "tabnet-regression", "pytorch-tabnet 4.1.0", {**tabnet, **plain, "output_dim": 1}, "regression", [])
        check(tern, folder, "tabnet-multiclass", "pytorch-tabnet 4.1.0", {**tabnet, **mixed, "output_dim": 3}, "multiclass", [1, 4])
        check(tern, folder, "tabnet-entmax", "pytorch-tabnet 4.1.0",
              {**tabnet, **mixed, "mask_type": "entmax", "output_dim": 1}, "binary", [1, 4])
        for task, outputs in [("regression", 1), ("binary", 1), ("multiclass", 4)]:
            check(tern, folder, f"ft-transformer-{task}", "rtdl_revisiting_models 0.0.2",
                  {**transformer, "n_cont_features": 5, "cat_cardinalities": [11, 3], "d_out": outputs}, task, [5, 6])


main()
