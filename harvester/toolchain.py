"""The versions a document names: a text is only reproducible together with what read it."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from types import MappingProxyType
from typing import Final

from harvester._version import __version__

_READERS: Final = ("selectolax", "lxml", "trafilatura")


@cache
def _versions() -> MappingProxyType[str, str]:
    return MappingProxyType({"harvester": __version__} | {name: metadata.version(name) for name in _READERS})


def software() -> dict[str, str]:
    """Return the versions of ourselves and of every library that a text can depend on."""
    return dict(_versions())


def software_name() -> str:
    """Return the name that warcinfo and notes carry."""
    return f"harvester/{__version__}"
