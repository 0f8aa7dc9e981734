"""Run every benchmark of this folder."""

import importlib
import pkgutil
from pathlib import Path

for info in sorted(pkgutil.iter_modules([str(Path(__file__).parent)]), key=lambda info: info.name):
    if info.name not in {
        "__main__",
        "timing",
        "shelf",
        "faults",
        "simulate",
        "verify_quality",
        "plot",
        "scale",
    }:
        importlib.import_module(f"benchmarks.{info.name}").main()
