"""The embedded origin: shipped inside the package, in a checkout the top-level folder `fixtures`."""

from __future__ import annotations

import importlib
from types import ModuleType

from harvester.errors import DefectError


def fixtures() -> ModuleType:
    """Return the package of the embedded origin."""
    for name in ("harvester._fixtures", "fixtures"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    raise DefectError("the embedded origin is missing from this installation; install wechat-harvester again")
