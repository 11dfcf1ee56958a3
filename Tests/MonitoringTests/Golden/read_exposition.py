"""Reads exposition.txt with Prometheus' own client and writes what it found to exposition.json.

Run with Python 3.11 and prometheus_client 0.26.0: python read_exposition.py
"""

import json
import pathlib

from prometheus_client.parser import text_string_to_metric_families

folder = pathlib.Path(__file__).parent
text = (folder / "exposition.txt").read_text(encoding="utf-8")
families = {}
for family in text_string_to_metric_families(text):
    # The client drops the suffix _total from a counter's name.
    name = family.name + "_total" if family.type == "counter" else family.name
    families[name] = {
        "type": family.type,
        "help": family.documentation,
        "samples": [
            {"name": s.name, "labels": dict(s.labels), "value": repr(float(s.value))} for s in family.samples
        ],
    }
(folder / "exposition.json").write_text(json.dumps(families, indent=1, sort_keys=True) + "\n", encoding="utf-8")
