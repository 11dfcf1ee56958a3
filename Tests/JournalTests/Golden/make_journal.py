#!/usr/bin/env python3
"""Writes tiny.journal with nothing but Python's own hashlib and struct, from the description of the format.

Made with Python 3.11.7:  python3 make_journal.py > tiny.journal
"""
import hashlib
import struct
import sys

MAGIC = b"TERNJRN1"


def text(value):
    encoded = value.encode()
    return struct.pack("<I", len(encoded)) + encoded


records = [  # kind, lane, commit, time, payload
    (1, 0, True, 1700000000000, b'{"stack":"phase1","version":1}'),
    (2, 0, False, 1700000060000, text("BTCUSDT") + struct.pack("<dddd", 37000.5, -0.0, float("inf"), 5e-324)),
    (3, 2, False, 1700000060000, struct.pack("<qBfH", 3_700_050_000_000, 1, 0.65, 65535)),
    (4, 2, True, 1700000060001, b""),
    (13, 255, True, -1, text("naïve → done") + struct.pack("<bhiq", -1, -2, -3, -4)),
]

out = bytearray(MAGIC)
chain = hashlib.sha256(MAGIC).digest()
for sequence, (kind, lane, commit, time, payload) in enumerate(records):
    frame = struct.pack("<IBBBBQq", len(payload), kind, 1, lane, int(commit), sequence, time)
    chain = hashlib.sha256(chain + frame + payload).digest()
    out += frame + payload + chain
sys.stdout.buffer.write(out)
