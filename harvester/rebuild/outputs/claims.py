"""Who writes into an output at a store: claims instead of locks, which no store has.

Who comes first is told as in Lamport's bakery (https://lamport.azurewebsites.net/pubs/bakery.pdf): a run
puts an object of its own, draws a ticket above all that it sees, and gives way to whoever has a lower one;
for those that are still drawing it waits. So of runs that begin together exactly one goes on, and nothing
needs to be created atomically; the store must list what was put. A claim is put again every while; one
that was not for long is of a run that died. Ages are told by the store's own times, so the machines' clocks
do not matter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import time
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
TAKEN_WITHIN_S: Final = 60.0
"""Seconds between two puts, while it is taken, after which a claim may have been taken for a dead run's."""
_LOOKS_EVERY_S: Final = 0.5
_WHOLE: Final = "whole"


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim says: whose it is, and of which share (None: of all).

    `ticket` is None while it is drawn.
    """

    machine: str
    place: str
    pid: int
    share: str | None = None
    renewals: int = 0
    ticket: int | None = 0


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
        self._said = _Claim(
            machine=platform.node(), place=_place(), pid=os.getpid(), share=share, ticket=None
        )
        self._taken_over = False
        self._put_at_s = 0.0

    def take(self) -> None:
        """Put the claim; take it back if it cannot stand beside another. Raises `LockedError`."""
        try:
            self._put()
            drawn = max((other.ticket or 0 for _, other, _ in self._others()), default=0) + 1
            self._said = msgspec.structs.replace(self._said, ticket=drawn)
            self._put_in_time()
            while self._must_wait():
                time.sleep(_LOOKS_EVERY_S)
                self._put_in_time()
        except BaseException:
            self.drop()
            raise

    def _put_in_time(self) -> None:
        """Put the claim again, before others may forget it."""
        before_s = self._put_at_s
        self._put()
        if self._put_at_s - before_s > TAKEN_WITHIN_S:
            raise LockedError(
                f"{self._output} is so slow that another rebuild may have begun there: run it again"
            )

    def _others(self) -> Iterator[tuple[RemotePath, _Claim, float]]:
        """Yield the claims of runs that live, with the seconds since each was put; forget dead ones."""
        own_ns = self._there.stat().st_mtime_ns
        for path in self._folder.iterdir():
            if path.name == self._there.name:
                continue
            try:
                other = msgspec.json.decode(path.read_bytes(), type=_Claim)
                age_s = (own_ns - path.stat().st_mtime_ns) / 1e9
            except FileNotFoundError:
                continue  # it was dropped this moment
            except msgspec.DecodeError:
                raise LockedError(
                    f"{path} is no claim of a rebuild: see whose it is, and remove it"
                ) from None
            if age_s <= DEAD_AFTER_S and not self._is_dead(other):
                yield path, other, age_s
                continue
            with contextlib.suppress(FileNotFoundError):  # another run may forget it, too
                path.unlink()

    def _must_wait(self) -> bool:
        """Tell whether one that may not write beside this one still draws its ticket.

        Raises `LockedError` for one that has a lower ticket.
        """
        waits = False
        for path, other, age_s in self._others():
            if self._said.share is not None and other.share is not None and self._said.share != other.share:
                continue
            if other.ticket is None:
                waits = True
            elif (other.ticket, path.name) < (self._said.ticket or 0, self._there.name):
                raise self._refused(other, age_s)
        return waits

    def _refused(self, other: _Claim, age_s: float) -> LockedError:
        what = "another rebuild" if other.share is None else f"a rebuild of share {other.share}"
        return LockedError(
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
        self._put_at_s = time.monotonic()
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
