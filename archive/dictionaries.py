"""The dictionaries of the `.warc.zst` files read last, so that none is inflated again for each record."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Any, BinaryIO, Final

import zstandard

from archive.members import Input
from archive.zstd_members import read_dictionary

MAX_KEPT: Final = 4
"""Files whose dictionaries are kept; each has a few MB."""

_Key = tuple[int | str, ...]
_kept: OrderedDict[_Key, zstandard.ZstdCompressionDict | None] = OrderedDict()
_lock = threading.Lock()


def dictionary_of(source: Input, file: BinaryIO) -> zstandard.ZstdCompressionDict | None:
    """Return the dictionary of an open file, None if it has none; the input is left anywhere.

    Raises WarcError if it is damaged, StorageError.
    """
    key = _key(file)
    with _lock:
        if key is not None and key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    source.seek(0)
    found = read_dictionary(source)
    if key is None:
        return found
    with _lock:
        _kept[key] = found
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return found


def _key(file: BinaryIO) -> _Key | None:
    """Return what tells an open file from all others, None where its store tells too little."""
    raw: Any = getattr(file, "raw", None)
    if hasattr(raw, "identity"):  # a file at a URL (`archive.storage.ranges`)
        identity: _Key | None = raw.identity
        return identity
    status = os.fstat(file.fileno())
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
