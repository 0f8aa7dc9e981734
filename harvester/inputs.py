"""Files and standard input that a user names, read whole within a cap; gzip undone. Errors say what to do."""

from __future__ import annotations

import errno
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from archive.storage import is_remote
from harvester.errors import StorageError, UsageError

if TYPE_CHECKING:
    from archive.storage.places import Place

GZIP: Final = b"\x1f\x8b"
_MIB: Final = 1 << 20


def read_file(path: Place, max_bytes: int, what: str) -> bytes:
    """Return a file's bytes; `what` says in words what it should have been ("one article").

    Raises `StorageError` where permission is missing or a store does not answer, `UsageError` for another
    file that cannot be read or one that is larger.
    """
    try:
        with path.open("rb") as stream:
            return _within(stream, str(path), max_bytes, what)
    except PermissionError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}; mend its permissions") from error
    except OSError as error:
        if is_remote(path) and not isinstance(error, FileNotFoundError):
            raise StorageError(f"cannot read {path}: {error.strerror}") from error
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def read_stdin(max_bytes: int, what: str) -> bytes:
    """Return what comes by standard input; raises `UsageError` where it is closed or brings more."""
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("standard input is closed: nothing to read")
    try:
        return _within(sys.stdin.buffer, "standard input", max_bytes, what)
    except OSError as error:
        closed = error.errno == errno.EBADF
        why = "it is closed" if closed else error.strerror or str(error)
        raise UsageError(f"cannot read standard input: {why}") from error


def below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; raises `OSError` for a folder that cannot be looked into."""
    for place, _, names in os.walk(folder, onerror=_raised):
        yield from (Path(place, name) for name in names)


def _raised(error: OSError) -> None:
    raise error


def gunzipped(data: bytes, name: str, max_bytes: int, what: str) -> bytes:
    """Return what a gzip file holds, any other bytes as they are; raises `UsageError` for a damaged one."""
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{name} is a damaged gzip file: {error}") from error
    if len(plain) > max_bytes:
        raise UsageError(f"{name} unpacks to more than {max_bytes // _MIB} MiB: too large for {what}")
    return plain


def _within(stream: BinaryIO, name: str, max_bytes: int, what: str) -> bytes:
    data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise UsageError(f"{name} is larger than {max_bytes // _MIB} MiB: too large for {what}")
    return data
