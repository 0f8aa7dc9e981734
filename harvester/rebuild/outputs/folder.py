"""An output in a folder, which machines may share: files stand where they are made."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, explain, storage_errors, write_file
from archive.layout import MARKER
from archive.locks import FileLock
from harvester.errors import LockedError, StorageError, UsageError
from harvester.rebuild.outputs.base import UNITS, Hold

_LOCK: Final = ".lock"
_A = TypeVar("_A")
_B = TypeVar("_B")


class _Held:
    """A lock of the system is held until it is let go."""

    def check(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Folder:
    """An `Output` in a folder."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    def check(self) -> None:
        # A `Path` has made one slash of two; one letter before the colon may be a drive.
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(self.root)):
            raise UsageError(f"{self.root} was a URL before it became a path: give it as text")
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"{self.root} is a file: name a directory for the documents")
        for place in (self.root.absolute(), *self.root.absolute().parents):
            with contextlib.suppress(OSError):
                if (place / MARKER).exists():
                    raise UsageError(f"{self.root} is in the archive {place}: name a directory outside of it")

    @contextlib.contextmanager
    def holding(self, share: str | None) -> Iterator[Hold]:
        with storage_errors("cannot make", self.root / UNITS):
            (self.root / UNITS).mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / UNITS / _LOCK, SYSTEM_DISK)
        try:
            if not lock.take(shared=share is not None, wait=False):
                raise LockedError(
                    f"another rebuild writes into {self.root}: let it end, or name another directory"
                )
            yield _Held()
        finally:
            lock.release()

    def reachable(self) -> None:
        if not (self.root / UNITS).is_dir():
            raise StorageError(
                f"{platform.node()} does not see {self.root}: name a folder that all machines share, or a URL"
            )

    def tidy(self) -> None:
        with storage_errors("cannot remove from", self.root):
            _remove_temporaries(self.root)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {self.root / name}: {explain(error)}") from error

    def write(self, name: str, data: bytes, seen: int | None = None) -> None:
        """The file bears the time of the input's last change, as a copy would."""
        path = self.root / name
        with storage_errors("cannot write", path):
            write_file(SYSTEM_DISK, path, data)
            if seen is not None:
                os.utime(path, ns=(seen, seen))

    def seen(self, name: str, data: bytes) -> int | None:  # noqa: ARG002 - a file's time is its own
        try:
            return (self.root / name).stat().st_mtime_ns
        except OSError:
            return None

    def tell(self, name: str, data: bytes) -> None:
        path = self.root / name
        temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
        with storage_errors("cannot write", path):
            temporary.write_bytes(data)
            temporary.replace(path)

    def move(self, name: str, new: str) -> None:
        with (
            storage_errors("cannot rename", self.root / name),
            contextlib.suppress(FileNotFoundError),  # two shares may begin one file anew
        ):
            (self.root / name).replace(self.root / new)

    def remove(self, names: Iterable[str]) -> int:
        removed = 0
        for name in names:
            with storage_errors("cannot remove", self.root / name), contextlib.suppress(FileNotFoundError):
                (self.root / name).unlink()
                removed += 1
        return removed

    def listed(self, folder: str) -> list[str]:
        with (
            storage_errors("cannot look into", self.root / folder),
            contextlib.suppress(FileNotFoundError),
            os.scandir(self.root / folder) as found,
        ):
            return sorted(entry.name for entry in found if entry.is_file())
        return []

    def presence(self) -> Callable[[Iterable[str]], bool]:
        return lambda names: all((self.root / name).exists() for name in names)

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        with storage_errors("cannot make", self.root / UNITS):
            (self.root / UNITS).mkdir(parents=True, exist_ok=True)
        yield self.root

    def bring(self, name: str, place: Path) -> None:
        pass

    def deliver(self, place: Path, names: Iterable[str]) -> None:  # noqa: ARG002 - they are there
        with storage_errors("cannot write", self.root):
            _sync_file_system(self.root)

    @contextlib.contextmanager
    def shared(self, name: str) -> Iterator[Path]:
        yield self.root / name

    @contextlib.contextmanager
    def sharing(self, name: str) -> Iterator[Path]:
        yield self.root / name

    def unshare(self, name: str) -> None:
        self.remove([name])

    def files(self, names: Iterable[str]) -> Iterator[BinaryIO]:
        for name in names:
            with storage_errors("cannot read", self.root / name):
                file = (self.root / name).open("rb")
            with file:
                yield file

    def each(self, call: Callable[[_A], _B], items: Iterable[_A]) -> Iterator[_B]:
        return map(call, items)


def _remove_temporaries(folder: Path) -> None:
    """Names are taken one by one: a month's folder may have very many."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                _remove_temporaries(Path(entry.path))
            elif entry.name.startswith(TEMPORARY_PREFIX):
                Path(entry.path).unlink(missing_ok=True)


def _sync_file_system(folder: Path) -> None:
    """Return once everything that was written to the folder's file system is durable. Raises OSError.

    One call for the many files of a unit: syncfs(2) where there is one, else sync(2).
    """
    import ctypes  # noqa: PLC0415 - once a unit

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        syncfs = getattr(library, "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
