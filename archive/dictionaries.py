"""The dictionaries of the `.warc.zst` files read last, so that none is inflated again for each record."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Final

import zstandard

from archive.members import Input
from archive.zstd_members import read_dictionary

MAX_KEPT: Final = 4
"""Files whose dictionaries are kept; each has a few MB."""

_Key = tuple[int, int, int, int]
_kept: OrderedDict[_Key, zstandard.ZstdCompressionDict | None] = OrderedDict()
_lock = threading.Lock()


def dictionary_of(source: Input, descriptor: int) -> zstandard.ZstdCompressionDict | None:
    """Return the dictionary of an open file, None if it has none; the input is left anywhere.

    Raises WarcError if it is damaged, StorageError.
    """
    status = os.fstat(descriptor)
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    source.seek(0)
    found = read_dictionary(source)
    with _lock:
        _kept[key] = found
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return found
