"""Writes integrated-gradients.safetensors: integrated gradients of networks of pytorch-tabnet 4.1.0 and
rtdl_revisiting_models 0.0.2 by captum 0.9.0 (numbers) and by the definition in PyTorch 2.13.0 (numbers and vectors of
categories together, held against captum below), in single precision.

Run in this folder with a Python that has them and safetensors: python3 make.py

Weights and inputs are those of the golden files of Tests/NetworksTests. For each of its networks, and R rows of which the
first B make the baseline by their mean:

  NAME.RULE         attributions (R, outputs, columns), columns in the table's order, of the rule `riemann` or
                    `gauss-legendre` with the metadata's number of steps
  NAME.margins      F(x) (R, outputs)
  NAME.baseline     F(x') (outputs)
"""

import json
import warnings

import numpy as np
import torch
from captum.attr import IntegratedGradients
from pytorch_tabnet.tab_network import TabNet
from pytorch_tabnet.utils import create_group_matrix
from rtdl_revisiting_models import FTTransformer
from safetensors import safe_open
from safetensors.torch import save_file

warnings.simplefilter("ignore")
torch.set_num_threads(1)
STEPS, ROWS, BACKGROUND = 12, 6, 4
FOLDER = "../../NetworksTests/Golden"


def load(name):
    """The network in evaluation mode, its numbers (R, n), its codes (R, c), and each column's place in the table."""
    with safe_open(f"{FOLDER}/{name}.safetensors", "pt") as file:
        configuration = json.loads(file.metadata()["configuration"])
        tensors = {k: file.get_tensor(k) for k in file.keys()}
    shared = configuration.pop("shared")
    state = {k[len("weight."):]: v for k, v in tensors.items() if k.startswith("weight.")}
    state.update({other: state[stored] for other, stored in shared.items()})
    if "tabnet" in name:
        groups = configuration.pop("grouped_features")
        matrix = create_group_matrix(groups, configuration["input_dim"])
        model = TabNet(**configuration, group_attention_matrix=matrix)
        codes = configuration["cat_idxs"]
        numbers = [k for k in range(configuration["input_dim"]) if k not in codes]
        x = tensors["input.x"][:ROWS]
        x, c, order = x[:, numbers], x[:, codes].long(), numbers + codes
        tables = list(model.embedder.embeddings) if codes else []

        def forward(x, c):
            row = torch.zeros(len(x), configuration["input_dim"])
            parts = dict(zip(numbers, x.T)) | dict(zip(codes, c.T.to(x.dtype)))
            return model(torch.stack([parts[k] for k in range(configuration["input_dim"])], 1))[0]
    else:
        model = FTTransformer(**configuration)
        x = tensors.get("input.x_cont", torch.zeros(ROWS, 0))[:ROWS]
        c = tensors.get("input.x_cat", torch.zeros(ROWS, 0).long())[:ROWS]
        order = list(range(x.shape[1] + c.shape[1]))
        tables = list(model.cat_embeddings.embeddings) if c.shape[1] else []

        def forward(x, c):
            return model(x if x.shape[1] else None, c if c.shape[1] else None)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), missing
    return model.eval(), forward, x, c, order, tables


def rule(name):
    if name == "riemann":
        return np.arange(1, STEPS + 1) / STEPS, np.full(STEPS, 1 / STEPS)
    places, weights = np.polynomial.legendre.leggauss(STEPS)
    return (places + 1) / 2, weights / 2


def attribute(forward, x, c, tables, outputs, places, weights):
    """By the definition, numbers and vectors moving together."""
    x0 = x[:BACKGROUND].mean(0)
    vectors = [t(c[:, k]).detach() for k, t in enumerate(tables)]
    starts = [v[:BACKGROUND].mean(0) for v in vectors]

    def at(place, wanted):
        numbers = (x0 + place * (x - x0)).detach().requires_grad_(True)
        points = [(s + place * (v - s)).detach().requires_grad_(True) for s, v in zip(starts, vectors)]
        hooks = [t.register_forward_hook(lambda m, i, o, p=p: p.reshape(o.shape)) for t, p in zip(tables, points)]
        margins = forward(numbers, c)
        for hook in hooks:
            hook.remove()
        if wanted is None:
            return margins.detach()
        inputs = ([numbers] if x.shape[1] else []) + points
        slopes = list(torch.autograd.grad(margins[:, wanted].sum(), inputs))
        parts = [slopes.pop(0) * (x - x0)] if x.shape[1] else []
        parts += [(s * (v - b)).sum(1, keepdim=True) for s, v, b in zip(slopes, vectors, starts)]
        return torch.cat(parts, 1)

    result = torch.zeros(len(x), outputs, x.shape[1] + c.shape[1], dtype=torch.float64)
    for output in range(outputs):
        for place, weight in zip(places, weights):
            result[:, output] += weight * at(place, output).double()
    return result.float(), at(1.0, None), at(0.0, None)[0]


tensors = {}
for name in ["tabnet-numeric", "tabnet-multiclass-shared", "tabnet-embedding-3", "ft-transformer-numeric", "ft-transformer-categorical",
             "ft-transformer-both"]:
    model, forward, x, c, order, tables = load(name)
    outputs = forward(x, c).shape[1]
    for kind in ["riemann", "gauss-legendre"]:
        values, margins, baseline = attribute(forward, x, c, tables, outputs, *rule(kind))
        if not tables:
            method = "riemann_right" if kind == "riemann" else "gausslegendre"
            captum = IntegratedGradients(lambda x: forward(x, c.repeat(len(x) // len(c), 1)))
            theirs = torch.stack([
                captum.attribute(x, x[:BACKGROUND].mean(0, keepdim=True), target=k, method=method, n_steps=STEPS) for k in range(outputs)
            ], 1).float()
            print(name, kind, "from captum", float((theirs - values).abs().max()))
            values = theirs
        places = torch.argsort(torch.tensor(order))
        tensors[f"{name}.{kind}"] = values[:, :, places]
        gap = (values.sum(2) - (margins - baseline)).abs().max()
        print(name, kind, "completeness", float(gap), "of", float((margins - baseline).abs().max()))
    tensors[f"{name}.margins"], tensors[f"{name}.baseline"] = margins, baseline
metadata = {"program": f"captum 0.9.0, PyTorch {torch.__version__}", "steps": str(STEPS), "background": str(BACKGROUND)}
save_file({k: v.contiguous().clone() for k, v in tensors.items()}, "integrated-gradients.safetensors", metadata)
