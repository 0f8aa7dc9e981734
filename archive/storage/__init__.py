"""Storage elsewhere: closed files on any URL that fsspec knows (S3 first), read by ranges, written whole.

Object stores have neither append nor rename, so only files that will not change travel. Credentials come
from the environment or the client's own configuration and from nowhere else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from archive.storage.places import is_remote, is_url, place

if TYPE_CHECKING:
    from archive.storage.remote import RemotePath

__all__ = ["RemotePath", "is_remote", "is_url", "place"]


def __getattr__(name: str) -> object:
    if name != "RemotePath":  # the one that is heavy
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module("archive.storage.remote"), name)
    globals()[name] = value
    return value
