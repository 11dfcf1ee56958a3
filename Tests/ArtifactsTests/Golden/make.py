"""Writes the golden files of ArtifactsTests.

Program: safetensors 0.8.0 with numpy 2.4.6 (PyPI). Command: python make.py
"""

import pathlib

import numpy
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
tensors = {
    "encoder.0.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 7,
    "encoder.0.bias": numpy.array([numpy.inf, -0.0, 1e-45], dtype=numpy.float32),
    "z.double": numpy.array([0.1, -2.5], dtype=numpy.float64),
    "a.count": numpy.array(2**40, dtype=numpy.int64),
    "nodes.feature": numpy.array([[-1, 2**31 - 1]], dtype=numpy.int32),
    "bytes": numpy.array([0, 127, 255], dtype=numpy.uint8),
    "empty": numpy.zeros((0, 4), dtype=numpy.float32),
    'quote"back\\slash/é\t\x01\x7f': numpy.array([1.0], dtype=numpy.float32),
}
save_file(tensors, here / "reference.safetensors", {"configuration": '{"a": "µ/\\\\ \n\x1f"}'})
save_file({"w": numpy.array([1, 2, 3], dtype=numpy.float32)}, here / "plain.safetensors")
save_file(
    {
        "flag": numpy.array([True, False]),
        "half": numpy.array([1.5], dtype=numpy.float16),
        "small": numpy.array([-1], dtype=numpy.int8),
        "wide": numpy.array([1], dtype=numpy.uint64),
        "weight": numpy.array([0.25], dtype=numpy.float32),
    },
    here / "other-types.safetensors",
)
