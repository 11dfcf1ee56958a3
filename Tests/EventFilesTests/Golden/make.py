"""Writes torch.tfevents: an event file by the SummaryWriter of PyTorch 2.13.0 with tensorboard 2.21.0, at given times.

Run in this folder with a Python that has torch and tensorboard: python3 make.py
"""

import glob
import os
import shutil
import tempfile

from torch.utils.tensorboard import SummaryWriter

with tempfile.TemporaryDirectory() as folder:
    writer = SummaryWriter(folder)
    for step in range(5):
        writer.add_scalar("loss/train", 1 / (step + 1), step, walltime=1700000000.25 + step)
        writer.add_scalar("loss/valid", -1.5 * step, step, walltime=1700000000.5 + step)
    writer.add_scalar("große Schritte", 1e-3, 3_000_000_000, walltime=1700000010)
    writer.add_scalar("nan", float("nan"), 5, walltime=1700000010)
    writer.add_text("hparams", "| lr | 0.001 |\n|---|---|\n" + "| x | y |\n" * 20, 0, walltime=1700000011)
    writer.close()
    shutil.copy(glob.glob(os.path.join(folder, "*tfevents*"))[0], "torch.tfevents")
