"""Writes the golden file of HDF5Tests.

Program: h5py 3.16.0 over HDF5 2.0.0 with numpy 2.4.6 (PyPI). Command: python make.py
"""

import pathlib

import h5py
import numpy

with h5py.File(pathlib.Path(__file__).parent / "h5py.h5", "w") as file:
    file["market/close"] = numpy.array([[1.5, -2.25]], dtype=">f4")
    file.create_dataset(
        "market/volume", data=numpy.arange(1000, dtype=numpy.float64) / 3, chunks=(64,), compression="gzip", shuffle=True
    )
    file["count"] = numpy.int64(-5)
    file["nodes"] = numpy.arange(4, dtype=numpy.int32)
    file["bytes"] = numpy.arange(4, dtype=numpy.uint8)
    file["words"] = ["not", "numbers"]
    file["half"] = numpy.zeros(2, dtype=numpy.float16)
    file.attrs["text"] = "µ ≥ 65 %"
    file.attrs["fixed"] = numpy.bytes_("fixed length")
    file.attrs["integer"] = 7
    file.attrs["double"] = 0.1
    file.attrs["list"] = [1, 2]
