"""Writes the golden files of the tabular networks: what pytorch-tabnet 4.1.0, rtdl_revisiting_models 0.0.2 and
rtdl_num_embeddings 0.0.12 compute on synthetic data with PyTorch 2.13.0 (CPU) in single precision.

Run in this folder with a Python that has them, safetensors and scikit-learn: python3 make.py

Every file is a safetensors file whose metadata holds `program`, `configuration` (the constructor's arguments), `training`
(optimiser, loss and what else the ten steps need) and `deviation` (how far the same ten steps in double precision end
from these, the largest difference over all weights that are determined, see below). Its tensors:

  weight.NAME      the initial weights and statistics, named as in the original state_dict
  input.*          inputs of all rows and the targets
  batches          (steps, rows) the rows of each step; the first batch is also that of the single passes below
  evaluation.*     outputs in evaluation mode with the initial weights, for the first batch
  training.output, training.loss, training.statistic.NAME
                   one pass in training mode (dropout 0): output, loss, and the statistics that it left behind
  gradient.NAME    gradient of training.loss in each parameter, gradient.input.* in the inputs
  steps.loss       the losses of the ten steps
  trained.NAME     weights and statistics after the ten steps

Tensors that the original shares between places are stored once, under the first of their names; `configuration` has
`shared`: other name -> stored name. Gradients of W_k.bias are rounding noise, zero in exact arithmetic (softmax does not see a
constant), and Adam makes steps of full size of them: leave these out of comparisons of `trained`.
"""

import copy
import json
import warnings

import numpy as np
import torch
from pytorch_tabnet.metrics import UnsupervisedLoss
from pytorch_tabnet.tab_network import TabNet, TabNetPretraining
from pytorch_tabnet.utils import create_explain_matrix, create_group_matrix
from rtdl_num_embeddings import PeriodicEmbeddings, PiecewiseLinearEmbeddings, PiecewiseLinearEncoding, compute_bins
from rtdl_revisiting_models import FTTransformer
from safetensors.torch import save_file

warnings.simplefilter("ignore")
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
if not hasattr(torch, "row_stack"):  # gone from PyTorch, still called by rtdl_num_embeddings
    torch.row_stack = torch.vstack
STEPS = 10


def shake(model, seed):
    """Moves everything that starts at a special value: norms from 1 and 0, running statistics, zero biases."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.ndim == 1 and "cls_embedding" not in name:
                p.add_(torch.randn(p.shape, generator=g) * 0.2)
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                b.add_(torch.randn(b.shape, generator=g) * 0.3)
            if name.endswith("running_var"):
                b.mul_(torch.rand(b.shape, generator=g) + 0.5)


def unique_state(model):
    """The state without repeated tensors, and the other names of what is kept."""
    kept, shared, seen = {}, {}, {}
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        key = (tensor.data_ptr(), tuple(tensor.shape))
        if key in seen and tensor.numel():
            shared[name] = seen[key]
        else:
            seen[key] = name
            kept[name] = tensor
    return kept, shared


def batches(rows, size, seed):
    g = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randperm(rows, generator=g)[:size] for _ in range(STEPS)])


def record(file, program, configuration, model, inputs, forward, optimiser, training, size, evaluate, clip=None):
    """`inputs`: name -> tensor of all rows. `forward(model, batch)` gives (output, loss) of a dictionary of such tensors,
    `evaluate(model, batch)` a dictionary of outputs."""
    rows = len(next(iter(inputs.values())))
    order = batches(rows, size, 3)
    kept, shared = unique_state(model)
    tensors = {f"weight.{k}": v.clone() for k, v in kept.items()}
    tensors.update({f"input.{k}": v for k, v in inputs.items()})
    tensors["batches"] = order

    def take(step, floating=torch.float32):
        return {k: (v[order[step]].to(floating) if v.is_floating_point() else v[order[step]]) for k, v in inputs.items()}

    model.eval()
    with torch.no_grad():
        tensors.update({f"evaluation.{k}": v.clone() for k, v in evaluate(model, take(0)).items()})
    probe = copy.deepcopy(model).train()
    batch = take(0)
    watched = [k for k, v in batch.items() if k.startswith("x") and v.is_floating_point()]
    for k in watched:
        batch[k].requires_grad_(True)
    output, loss = forward(probe, batch)
    loss.backward()
    tensors["training.output"], tensors["training.loss"] = output.detach(), loss.detach().reshape(1)
    tensors.update({f"training.statistic.{k}": v for k, v in probe.named_buffers() if k.endswith(("running_mean", "running_var"))})
    tensors.update({f"gradient.{k}": (torch.zeros_like(p) if p.grad is None else p.grad) for k, p in probe.named_parameters()})
    tensors.update({f"gradient.input.{k}": batch[k].grad for k in watched if batch[k].grad is not None})

    def run(model, floating):
        model.train()
        losses, o = [], optimiser(model)
        for step in range(STEPS):
            _, loss = forward(model, take(step, floating))
            o.zero_grad()
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            o.step()
            losses.append(loss.item())
        return torch.tensor(losses), {k: v for k, v in unique_state(model)[0].items()}

    exact = copy.deepcopy(model).double()
    losses, trained = run(model, torch.float32)
    torch.set_default_dtype(torch.float64)
    for module in exact.modules():  # plain attributes, which double() leaves alone
        if getattr(module, "group_attention_matrix", None) is not None:
            module.group_attention_matrix = module.group_attention_matrix.double()
    _, exactly = run(exact, torch.float64)
    torch.set_default_dtype(torch.float32)
    deviation = max(float((trained[k] - exactly[k]).abs().max()) for k in trained if not k.endswith("W_k.bias"))
    tensors["steps.loss"] = losses
    tensors.update({f"trained.{k}": v for k, v in trained.items()})
    write(file, program, {**configuration, "shared": shared}, {**training, "clip": clip}, tensors, deviation)


def write(file, program, configuration, training, tensors, deviation=None):
    metadata = {"program": f"{program}, PyTorch {torch.__version__}", "configuration": json.dumps(configuration)}
    metadata["training"] = json.dumps(training)
    if deviation is not None:
        metadata["deviation"] = f"{deviation:.3g}"
    tensors = {k: v.to(torch.uint8) if v.dtype == torch.bool else v for k, v in tensors.items()}
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, f"{file}.safetensors", metadata)
    print(file, sum(v.numel() for k, v in tensors.items() if k.startswith("weight.")), "numbers, deviation", metadata.get("deviation"))


def table(rows, numeric, categories, seed):
    """Numeric columns first, then codes; and a target that depends on both."""
    g = np.random.default_rng(seed)
    x = g.normal(size=(rows, numeric)).astype(np.float32)
    c = np.stack([g.integers(0, k, rows) for k in categories], 1) if categories else np.zeros((rows, 0), dtype=np.int64)
    y = (x[:, :1].sum(1) if numeric else 0) + 0.5 * (c.sum(1) if categories else 0) + 0.3 * g.normal(size=rows)
    return torch.from_numpy(x), torch.from_numpy(c), torch.from_numpy(y.astype(np.float32))


# TabNet -----------------------------------------------------------------------------------------------------------------

def tabnet(name, task="regression", numeric=5, categories=(), cat_emb_dim=1, groups=(), size=26, **arguments):
    torch.manual_seed(1)
    x, c, y = table(40, numeric, categories, 2)
    # Codes stand in the middle, so that positions of columns and of embedded columns differ.
    position = 2 if categories else numeric
    data = torch.cat([x[:, :position], c.float(), x[:, position:]], 1)
    cat_idxs, width = list(range(position, position + len(categories))), data.shape[1]
    outputs = {"regression": 1, "binary": 2, "multiclass": 3}[task]
    y = y[:, None] if task == "regression" else torch.bucketize(y, torch.quantile(y, torch.linspace(0, 1, outputs + 1)[1:-1]))
    dims = [cat_emb_dim] * len(categories) if isinstance(cat_emb_dim, int) else list(cat_emb_dim)
    matrix = create_group_matrix([list(k) for k in groups], width)
    configuration = {
        "input_dim": width, "output_dim": outputs, "n_d": 4, "n_a": 4, "n_steps": 2, "gamma": 1.3, "cat_idxs": cat_idxs,
        "cat_dims": list(categories), "cat_emb_dim": dims, "n_independent": 2, "n_shared": 2, "epsilon": 1e-15,
        "virtual_batch_size": 8, "momentum": 0.02, "mask_type": "sparsemax", **arguments}
    model = TabNet(**configuration, group_attention_matrix=matrix)
    shake(model, 5)
    reducing = create_explain_matrix(width, dims, cat_idxs, model.post_embed_dim).toarray()
    sparsity = 1e-3

    def forward(m, b):
        output, entropy = m(b["x"])
        target = b["y"].to(output.dtype) if task == "regression" else b["y"]
        loss = torch.nn.functional.mse_loss(output, target) if task == "regression" else torch.nn.functional.cross_entropy(output, target)
        return output, loss - sparsity * entropy

    def evaluate(m, b):
        output, entropy = m(b["x"])
        total, masks = m.forward_masks(b["x"])
        explained = total.numpy() @ reducing
        # Groups over embedded columns are no weight, so the original's state leaves them out.
        result = {"group_matrix": model.embedder.embedding_group_matrix, "output": output, "entropy": entropy.reshape(1), "explain": torch.from_numpy(explained).float()}
        for step, mask in masks.items():
            result[f"mask.{step}"] = mask
            result[f"explain.{step}"] = torch.from_numpy(mask.numpy() @ reducing).float()
        result["importances"] = torch.from_numpy(explained.sum(0) / explained.sum()).float()
        return result

    training = {"optimiser": "Adam", "lr": 0.02, "lambda_sparse": sparsity,
                "loss": ("mse" if task == "regression" else "cross_entropy") + " - lambda_sparse * entropy"}
    record(name, "pytorch-tabnet 4.1.0", {**configuration, "grouped_features": [list(k) for k in groups]}, model, {"x": data, "y": y}, forward,
           lambda m: torch.optim.Adam(m.parameters(), lr=0.02), training, size, evaluate, clip=1)


def pretraining(name, numeric, categories, cat_emb_dim, groups=(), **arguments):
    torch.manual_seed(1)
    x, c, _ = table(40, numeric, categories, 2)
    position = 2 if categories else numeric
    data = torch.cat([x[:, :position], c.float(), x[:, position:]], 1)
    width = data.shape[1]
    matrix = create_group_matrix([list(k) for k in groups], width)
    configuration = {
        "input_dim": width, "pretraining_ratio": 0.5, "n_d": 4, "n_a": 4, "n_steps": 2, "gamma": 1.3,
        "cat_idxs": list(range(position, position + len(categories))), "cat_dims": list(categories),
        "cat_emb_dim": [cat_emb_dim] * len(categories), "n_independent": 1, "n_shared": 1, "epsilon": 1e-15,
        "virtual_batch_size": 8, "momentum": 0.02, "mask_type": "sparsemax", "n_shared_decoder": 1, "n_indep_decoder": 1, **arguments}
    model = TabNetPretraining(**configuration, group_attention_matrix=matrix)
    shake(model, 5)
    g = torch.Generator().manual_seed(7)
    obfuscated = torch.bernoulli(torch.full((40, matrix.shape[0]), 0.5), generator=g)

    def forward(m, b):
        # The obfuscator with a given draw instead of its own.
        embedded = m.embedder(b["x"]).to(b["x"].dtype)
        variables = b["obfuscated_groups"] @ m.masker.group_matrix.to(embedded.dtype)
        steps, _ = m.encoder((1 - variables) * embedded, prior=1 - b["obfuscated_groups"])
        output = m.decoder(steps)
        return output, UnsupervisedLoss(output, embedded, variables)

    def evaluate(m, b):
        output, embedded, _ = m(b["x"])
        return {"output": output, "embedded": embedded, "group_matrix": model.embedder.embedding_group_matrix}

    record(name, "pytorch-tabnet 4.1.0", {**configuration, "grouped_features": [list(k) for k in groups]}, model,
           {"x": data, "obfuscated_groups": obfuscated}, forward, lambda m: torch.optim.Adam(m.parameters(), lr=0.02),
           {"optimiser": "Adam", "lr": 0.02, "loss": "UnsupervisedLoss"}, 26, evaluate, clip=1)


tabnet("tabnet-numeric", n_steps=3)
tabnet("tabnet-binary-entmax", task="binary", mask_type="entmax")
tabnet("tabnet-multiclass-shared", task="multiclass", n_shared=1, n_independent=0, n_steps=3)
tabnet("tabnet-independent", n_shared=0, n_independent=1)
tabnet("tabnet-shared-independent", n_shared=1, n_independent=1, size=19)
tabnet("tabnet-embedding-1", numeric=4, categories=(3, 5), cat_emb_dim=1)
tabnet("tabnet-embedding-3", numeric=4, categories=(3, 5), cat_emb_dim=3, mask_type="entmax")
tabnet("tabnet-groups", numeric=4, categories=(3, 5), cat_emb_dim=(1, 3), groups=((0, 1), (3, 4)), task="multiclass")
pretraining("tabnet-pretraining", 5, (), 1)
pretraining("tabnet-pretraining-embedding", 4, (3, 5), 3, groups=((0, 1),))


# FT-Transformer ---------------------------------------------------------------------------------------------------------

def transformer(name, numeric, categories, blocks, outputs=1, size=9, **arguments):
    torch.manual_seed(1)
    x, c, y = table(24, numeric, categories, 4)
    configuration = {
        "n_cont_features": numeric, "cat_cardinalities": list(categories), "d_out": outputs, "n_blocks": blocks, "d_block": 16,
        "attention_n_heads": 4, "attention_dropout": 0.0, "ffn_d_hidden": None, "ffn_d_hidden_multiplier": 4 / 3,
        "ffn_dropout": 0.0, "residual_dropout": 0.0, **arguments}
    model = FTTransformer(**configuration)
    shake(model, 5)
    inputs = {**({"x_cont": x} if numeric else {}), **({"x_cat": c} if categories else {})}
    inputs["y"] = y[:, None] if outputs == 1 else torch.bucketize(y, torch.quantile(y, torch.linspace(0, 1, outputs + 1)[1:-1]))
    rates = {"lr": 1e-3, "weight_decay": 1e-2}
    free = {id(p) for p in model.make_parameter_groups()[1]["params"]}
    undecayed = [k for k, p in model.named_parameters() if id(p) in free]

    def forward(m, b):
        output = m(b.get("x_cont"), b.get("x_cat"))
        target = b["y"].to(output.dtype) if outputs == 1 else b["y"]
        return output, torch.nn.functional.mse_loss(output, target) if outputs == 1 else torch.nn.functional.cross_entropy(output, target)

    defaults = {n: FTTransformer.get_default_kwargs(n) for n in range(1, 7)}
    record(name, "rtdl_revisiting_models 0.0.2", configuration, model, inputs, forward,
           lambda m: torch.optim.AdamW(m.make_parameter_groups(), **rates),
           {"optimiser": "AdamW", **rates, "no_decay": undecayed, "loss": "mse" if outputs == 1 else "cross_entropy",
            "default_kwargs": defaults, "default_optimiser": {"lr": 1e-4, "weight_decay": 1e-5}},
           size, lambda m, b: {"output": m(b.get("x_cont"), b.get("x_cat"))})


transformer("ft-transformer-numeric", 4, (), 1)
transformer("ft-transformer-categorical", 0, (3, 5, 2), 1, outputs=3)
transformer("ft-transformer-both", 3, (3, 4), 3)
transformer("ft-transformer-headwise", 5, (3, 2), 1, linformer_kv_compression_ratio=0.5, linformer_kv_compression_sharing="headwise")
transformer("ft-transformer-key-value", 5, (3, 2), 1, linformer_kv_compression_ratio=0.4, linformer_kv_compression_sharing="key-value")


# Numeric embeddings -----------------------------------------------------------------------------------------------------

def embeddings():
    g = torch.Generator().manual_seed(11)
    x = torch.randn((200, 3), generator=g)
    x[:, 1] = torch.round(x[:, 1] * 1.5)  # few distinct values: quantiles coincide
    x[:, 2] = torch.exp(x[:, 2])
    y = x[:, 0] + torch.sin(2 * x[:, 2]) + 0.1 * torch.randn(200, generator=g)
    tree = {"min_samples_leaf": 8, "min_impurity_decrease": 1e-4, "random_state": 0}
    quantiles = compute_bins(x, n_bins=6)
    regression = compute_bins(x, n_bins=6, tree_kwargs=tree, y=y, regression=True)
    classes = compute_bins(x, n_bins=6, tree_kwargs=tree, y=(y > 0.5).long(), regression=False)
    single = [torch.tensor([0.0, 1.0]), *quantiles[1:]]
    tensors = {"input.x": x, "input.y": y}
    for kind, bins in [("quantile", quantiles), ("regression", regression), ("classification", classes)]:
        tensors.update({f"bins.{kind}.{i}": b for i, b in enumerate(bins)})
    probe = torch.cat([x[:12], torch.tensor([[-9.0, -9, -9], [9, 9, 99]])])
    tensors["input.probe"] = probe
    for kind, bins in [("quantile", quantiles), ("single", single)]:
        encoding = PiecewiseLinearEncoding(bins)
        tensors[f"encoding.{kind}"] = encoding(probe)
        tensors.update({f"encoding.{kind}.{k}": v for k, v in encoding.state_dict().items()})
    modules = {}
    for version in "AB":
        for activation in [False, True]:
            modules[f"piecewise-{version}-{'relu' if activation else 'linear'}"] = (
                lambda v=version, a=activation: PiecewiseLinearEmbeddings(quantiles, 5, activation=a, version=v))
    modules["periodic-lite"] = lambda: PeriodicEmbeddings(3, 5, n_frequencies=4, frequency_init_scale=0.3, lite=True)
    modules["periodic"] = lambda: PeriodicEmbeddings(3, 5, n_frequencies=4, frequency_init_scale=0.3, lite=False)
    modules["periodic-linear"] = lambda: PeriodicEmbeddings(
        3, 5, n_frequencies=4, frequency_init_scale=0.3, activation=False, lite=False)
    target = torch.randn((len(probe), 3, 5), generator=g)
    tensors["input.target"] = target
    for name, make in modules.items():
        torch.manual_seed(1)
        module = make()
        with torch.no_grad():  # version B starts at zero
            for p in module.parameters():
                p.add_(torch.randn(p.shape, generator=g) * 0.3)
        given = probe.clone().requires_grad_(True)
        output = module(given)
        loss = (output * target).sum()
        loss.backward()
        tensors.update({f"{name}.weight.{k}": v for k, v in module.state_dict().items()})
        tensors[f"{name}.output"] = output
        tensors.update({f"{name}.gradient.{k}": p.grad for k, p in module.named_parameters()})
        tensors[f"{name}.gradient.input"] = given.grad
    write("numeric-embeddings", "rtdl_num_embeddings 0.0.12, scikit-learn 1.9.1",
          {"n_bins": 6, "tree_kwargs": tree, "d_embedding": 5, "n_frequencies": 4, "frequency_init_scale": 0.3,
           "classification_label": "y > 0.5", "single": "the quantile bins with [0, 1] for the first feature"},
          {"loss": "sum of output * input.target"}, tensors)


embeddings()
