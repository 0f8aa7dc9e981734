"""Files of an output: each stands under its own name whole, or not at all, and its digest is known."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archive.disk import TEMPORARY_PREFIX, explain
from harvester.errors import StorageError


class Written(msgspec.Struct, frozen=True):
    """A file of the output: its path below it, with `/`, and the SHA-256 of its bytes."""

    path: str
    sha256: str


def put_in_place(output: Path, relative: str, data: bytes) -> Written:
    """Write a file under a temporary name and rename it; not durable by itself. Raises `StorageError`."""
    target = output / relative
    temporary = target.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StorageError(f"cannot write {target}: {explain(error)}") from error
    return Written(relative, hashlib.sha256(data).hexdigest())


class PartFile:
    """A file that grows under a temporary name; `close` puts it under its own."""

    def __init__(self, output: Path, relative: str) -> None:
        self.relative = relative
        self._target = output / relative
        self._temporary = self._target.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
        self._digest = hashlib.sha256()
        with self._worded():
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("xb")

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        with self._worded():
            self._file.write(data)

    def close(self) -> Written:
        with self._worded():
            self._file.close()
            self._temporary.replace(self._target)
        return Written(self.relative, self._digest.hexdigest())

    def abort(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    @contextlib.contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"cannot write {self._target}: {explain(error)}") from error
