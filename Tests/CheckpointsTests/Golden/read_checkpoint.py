"""Prints what h5py finds in a checkpoint as one JSON document. Command: python read_checkpoint.py FILE"""

import json
import sys

import h5py

with h5py.File(sys.argv[1], "r") as file:
    tensors = {}
    file.visititems(
        lambda name, item: tensors.update({name: [str(item.dtype), list(item.shape), float(item[...].sum())]})
        if isinstance(item, h5py.Dataset)
        else None
    )
    attributes = {key: value if isinstance(value, str) else int(value) for key, value in file.attrs.items()}
    print(json.dumps({"attributes": attributes, "tensors": tensors}, sort_keys=True, ensure_ascii=False))
