"""Who writes into an output at a store: claims instead of locks, which no store has.

A run puts an object of its own and then looks at all of them: of two that begin together at least one sees
the other (stores list what was put before). So nothing needs to be created atomically. A claim
is put again every while; one that was not for long is of a run that died. Ages are told by the store's
own times, so the machines' clocks do not matter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from archive.disk import explain
from archive.storage import RemotePath
from archive.storage.faults import StoreError
from harvester.errors import LockedError, StorageError
from harvester.rebuild.outputs.repeating import every

RENEWED_EVERY_S: Final = 20.0
DEAD_AFTER_S: Final = 120.0
_WHOLE: Final = "whole"


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim says: whose it is, and of which share (None: of all)."""

    machine: str
    place: str
    pid: int
    share: str | None = None
    renewals: int = 0


def _place() -> str:
    """Return what tells this machine's processes from those of another, or of another container or boot."""
    words = [platform.node()]
    with contextlib.suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        words.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


class Claimed:
    """A claim of this process: a `Hold`."""

    def __init__(self, folder: RemotePath, share: str | None) -> None:
        self._folder = folder
        self._output = folder.parent.parent
        self._there = folder / f"{(share or _WHOLE).replace('/', '-of-')}-{os.urandom(8).hex()}"
        self._said = _Claim(machine=platform.node(), place=_place(), pid=os.getpid(), share=share)
        self._taken_over = False

    def take(self) -> None:
        """Put the claim; take it back if it cannot stand beside another. Raises `LockedError`."""
        self._put()
        own_ns = self._there.stat().st_mtime_ns
        try:
            for path in self._folder.iterdir():
                if path.name != self._there.name:
                    self._face(path, own_ns)
        except BaseException:
            self.drop()
            raise

    def _face(self, path: RemotePath, own_ns: int) -> None:
        try:
            other = msgspec.json.decode(path.read_bytes(), type=_Claim)
            age_s = (own_ns - path.stat().st_mtime_ns) / 1e9
        except FileNotFoundError:
            return  # it was dropped this moment
        except msgspec.DecodeError:
            raise LockedError(f"{path} is no claim of a rebuild: see whose it is, and remove it") from None
        if age_s > DEAD_AFTER_S or self._is_dead(other):
            path.unlink()
            return
        if self._said.share is not None and other.share is not None and self._said.share != other.share:
            return
        what = "another rebuild" if other.share is None else f"a rebuild of share {other.share}"
        raise LockedError(
            f"{what} (process {other.pid} on {other.machine}, heard of {max(0.0, age_s):.0f} s ago) writes "
            f"into {self._output}: let it end, or name another place; one that died is forgotten "
            f"{DEAD_AFTER_S:.0f} s after it was last heard of"
        )

    def _is_dead(self, other: _Claim) -> bool:
        if other.place != self._said.place or other.pid == self._said.pid:
            return False
        try:
            os.kill(other.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def renew(self) -> None:
        """Say that this run lives; see whether somebody took it for dead."""
        if not self._there.exists():
            self._taken_over = True
            return
        self._said = msgspec.structs.replace(self._said, renewals=self._said.renewals + 1)
        self._put()

    def check(self) -> None:
        if self._taken_over:
            raise LockedError(
                f"another rebuild took over {self._output}: this one was not heard of for too long; "
                "what it finished is kept"
            )

    def drop(self) -> None:
        with contextlib.suppress(StoreError):
            self._there.unlink()

    def _put(self) -> None:
        self._there.write_bytes(msgspec.json.encode(self._said) + b"\n")


@contextlib.contextmanager
def claimed(folder: RemotePath, share: str | None) -> Iterator[Claimed]:
    """Hold an output alone, or a share of it beside other shares. Raises `LockedError`, `StorageError`."""
    claim = Claimed(folder, share)
    try:
        claim.take()
    except StoreError as error:
        raise StorageError(f"cannot write into {folder.parent.parent}: {explain(error)}") from error
    try:
        with every(RENEWED_EVERY_S, claim.renew):
            yield claim
    finally:
        claim.drop()
