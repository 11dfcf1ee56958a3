"""Writes optimizers.csv and schedules.csv: weights of PyTorch 2.13.0 (CPU) and lion-pytorch 0.2.5 over twenty steps with given
gradients, and learning rates and momenta of torch.optim.lr_scheduler.

Run in this folder with a Python that has torch and lion-pytorch: python3 make.py

optimizers.csv: step, gradients g0…g6, then for each case the seven weights after the step; step 0 has the initial ones.
The first four weights belong to a group with decay, the last three to one without.
"""

import torch
from lion_pytorch import Lion
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, OneCycleLR, ReduceLROnPlateau, SequentialLR, StepLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_num_threads(1)
g = torch.Generator().manual_seed(3)
start = torch.randn(7, generator=g)
gradients = torch.randn((20, 7), generator=g) * torch.tensor([1e-4, 1e-2, 1, 10, 1, 0.1, 3])
gradients[:, 6] *= (torch.arange(20) % 3 == 0)  # often exactly zero

cases = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1),
    "adamw-betas": lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02),
    "adam-decay": lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0.1),
    "sgd-momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1),
    "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
    "lion": lambda p: Lion(p, lr=0.003, betas=(0.9, 0.99), weight_decay=0.1),
    "clipped": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1),
    "ema": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    # OneCycleLR over the twenty steps, its learning rate at most that of the optimiser.
    "cycle-adamw": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1),
    "cycle-sgd": lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0.1),
    "cycle-nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5, nesterov=True, weight_decay=0.1),
    "cycle-lion": lambda p: Lion(p, lr=0.003, betas=(0.9, 0.99), weight_decay=0.1),
}
names, columns = ["step"], [[float(i) for i in range(21)]]
for i in range(7):
    names.append(f"g{i}")
    columns.append([0.0] + gradients[:, i].tolist())
for name, make in cases.items():
    a, b = torch.nn.Parameter(start[:4].clone()), torch.nn.Parameter(start[4:].clone())
    model = torch.nn.ParameterList([a, b])
    o = make([{"params": [a]}, {"params": [b], "weight_decay": 0.0}])
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9)) if name == "ema" else None
    cycle = OneCycleLR(o, max_lr=o.defaults["lr"], total_steps=20) if name.startswith("cycle-") else None
    rows = [start.tolist()]
    for step in range(20):
        a.grad, b.grad = gradients[step, :4].clone(), gradients[step, 4:].clone()
        if name == "clipped":
            torch.nn.utils.clip_grad_norm_([a, b], 2.0)
        o.step()
        if cycle:
            cycle.step()
        if average:
            average.update_parameters(model)
            rows.append([v for p in average.parameters() for v in p.detach().tolist()])
        else:
            rows.append(a.detach().tolist() + b.detach().tolist())
    for i in range(7):
        names.append(f"{name}{i}")
        columns.append([row[i] for row in rows])
with open("optimizers.csv", "w") as file:
    file.write(",".join(names) + "\n")
    for row in zip(*columns):
        file.write(",".join(f"{v:.9g}" for v in row) + "\n")


def trace(make, lr=0.1, steps=40, metrics=None, key="lr"):
    p = torch.nn.Parameter(torch.zeros(1))
    o = torch.optim.SGD([p], lr=lr)
    s = make(o)
    rates = []
    for i in range(steps):
        rates.append(o.param_groups[0][key])
        o.step()
        s.step(metrics[i]) if metrics else s.step()
    return rates


falling = [max(1 / (i + 1), 0.1) + (0.01 if i % 4 == 3 else 0) for i in range(40)]
rising = [-v for v in falling]
schedules = {
    "cosine": trace(lambda o: CosineAnnealingLR(o, T_max=39, eta_min=0.003)),
    "one-cycle": trace(lambda o: OneCycleLR(o, max_lr=0.1, total_steps=40, cycle_momentum=False), steps=39),
    "one-cycle-late": trace(lambda o: OneCycleLR(
        o, max_lr=0.1, total_steps=40, pct_start=0.4, div_factor=10, final_div_factor=100, cycle_momentum=False), steps=39),
    "warmup": trace(lambda o: LinearLR(o, start_factor=0.01, total_iters=8)),
    "warmup-cosine": trace(lambda o: SequentialLR(
        o, [LinearLR(o, start_factor=0.1, total_iters=8), CosineAnnealingLR(o, T_max=32)], milestones=[8])),
    "step": trace(lambda o: StepLR(o, step_size=7, gamma=0.5)),
    "plateau": trace(lambda o: ReduceLROnPlateau(o, factor=0.5, patience=3, cooldown=2, min_lr=0.02), metrics=falling),
    "plateau-higher": trace(lambda o: ReduceLROnPlateau(o, mode="max", factor=0.3, patience=1), metrics=[2 + v for v in rising]),
    "momentum": trace(lambda o: OneCycleLR(o, max_lr=0.1, total_steps=40), steps=39, key="momentum"),
    "momentum-late": trace(lambda o: OneCycleLR(
        o, max_lr=0.1, total_steps=40, pct_start=0.4, base_momentum=0.7, max_momentum=0.9), steps=39, key="momentum"),
}
for rates in schedules.values():
    rates.extend([float("nan")] * (40 - len(rates)))
with open("schedules.csv", "w") as file:
    file.write("metric," + ",".join(schedules) + "\n")
    for i in range(40):
        file.write(",".join(f"{v:.17g}" for v in [falling[i]] + [s[i] for s in schedules.values()]) + "\n")
