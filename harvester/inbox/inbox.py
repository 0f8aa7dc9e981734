"""The inbox at work: each file is read, written down as taken, and only then put aside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from archive.disk import SYSTEM_DISK, storage_errors
from archive.locks import FileLock
from archive.storage.places import sha256_of
from harvester.clock import Clock
from harvester.errors import LockedError, StorageError
from harvester.exits import Exit, combined
from harvester.imports.importer import ImportOutcome, recordable_name
from harvester.inbox import taken
from harvester.inbox.aside import put_aside, say_why
from harvester.inbox.folder import REFUSED, TAKEN, Dropped, Left, at_rest, look, same
from harvester.inbox.reading import Brought, Reader
from harvester.times import for_people, utc_text

_VERIFICATION: Final = frozenset({"verification", "rate_limited"})
_NOT_PASSED: Final = (
    "this is the publisher's demand for verification, not the article: pass it in your browser, "
    "then save the page that follows"
)
_CHANGED: Final = "it changed while it was read: it is taken at the next look"
State = Literal["taken", "known", "refused", "left"]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file.

    `state`: `taken`, `known` (taken before, as `message` says), `refused` (of no use, as `message` says), or
    `left` where it lies. `aside` is where it is now, None where it was. `closed` are the URLs of items handed
    to a person that this file answers.
    """

    file: str
    state: State
    code: int
    message: str | None = None
    brought: Brought = Brought()
    closed: tuple[str, ...] = ()
    aside: str | None = None


Closing = Callable[[Sequence[ImportOutcome]], Sequence[str]]
"""Told which pages came in, closes what was handed to a person and is answered; returns the URLs."""


class Handling(msgspec.Struct, frozen=True, kw_only=True):
    """How a folder is dealt with.

    `done` is where files are put aside (None: they stay), `lock` a file that is held while the folder is
    read, `settle_s` how long a file must not have changed.
    """

    done: Path | None
    lock: Path
    settle_s: float = 1.0


class Inbox:
    """One folder, read into one archive. Raises `UsageError` for what is no folder, `StorageError`."""

    def __init__(
        self,
        root: Path,
        archive: Path,
        reader: Reader,
        clock: Clock,
        handling: Handling,
        closing: Closing = lambda _: (),
    ) -> None:
        self._root = root
        self._archive = archive
        self._reader = reader
        self._clock = clock
        self._handling = handling
        self._done = handling.done
        self._closing = closing
        self._left_before: set[Left] = set()
        self._kept: set[tuple[Path, int, int]] = set()  # what stays, and was told of

    @property
    def _aside(self) -> list[Path]:
        return [self._root / TAKEN, self._root / REFUSED, *([self._done] if self._done else [])]

    def take(self, *, again: bool = True) -> Iterator[Result]:
        """Take all that is at rest, one file after the other, yielding each result when it is durable.

        With `again` false, what was told before and still lies there is not told once more. Raises
        `LockedError` while another process takes it in.
        """
        with self._alone():
            yield from self._take(again=again)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with storage_errors("cannot make", self._handling.lock.parent):
            SYSTEM_DISK.mkdir(self._handling.lock.parent)
        lock = FileLock(self._handling.lock, SYSTEM_DISK)
        try:
            if not lock.take(shared=False, wait=False):
                raise LockedError(f"{self._root} is being taken in by another process; let it end")
            yield
        finally:
            lock.release()

    def _take(self, *, again: bool) -> Iterator[Result]:
        dropped, left = look(self._root, self._aside)
        dropped = [one for one in dropped if again or _mark(one) not in self._kept]
        ready, moving = at_rest(dropped, self._clock, self._handling.settle_s)
        held = taken.held(self._archive)
        for one in ready:
            result = self._one(one, held)
            if result.aside is None and result.state != "left":
                self._kept.add(_mark(one))
            yield result
        for each in (*moving, *left):
            if again or each not in self._left_before:
                yield Result(file=str(each.path), state="left", code=Exit.DONE, message=each.why)
        self._left_before = {*moving, *left}

    def _one(self, one: Dropped, held: dict[str, taken.Taken]) -> Result:
        try:
            sha256 = sha256_of(one.path)
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
            return Result(file=str(one.path), state="left", code=Exit.STORAGE, message=why)
        earlier = held.get(sha256)
        if earlier is not None:
            said = f"taken on {for_people(earlier.at)}" + (
                f" as {earlier.file}" if earlier.file != one.path.name else ""
            )
            result = Result(file=str(one.path), state="known", code=Exit.DONE, message=said)
            return self._put(one, result, TAKEN)
        brought = self._reader.read(one.path)
        closed = tuple(self._closing(brought.used)) if brought.used else ()
        if not same(one):
            return Result(file=str(one.path), state="left", code=Exit.DONE, message=_CHANGED, brought=brought)
        if not brought.is_of_use or all(page.state in _VERIFICATION for page in brought.used or [_NO_PAGE]):
            why = _NOT_PASSED if brought.used else brought.why_not()
            result = Result(
                file=str(one.path), state="refused", code=Exit.NEGATIVE, message=why, brought=brought
            )
            return self._put(one, result, REFUSED)
        line = taken.Taken(
            at=utc_text(self._clock.now()),
            sha256=sha256,
            file=recordable_name(one.path),
            pages=len(brought.used),
            links=len(brought.added.new),
        )
        taken.keep(self._archive, line)
        held[sha256] = line
        code = combined(Exit(page.code) for page in brought.pages)
        result = Result(file=str(one.path), state="taken", code=code, brought=brought, closed=closed)
        return self._put(one, result, TAKEN)

    def _put(self, one: Dropped, result: Result, folder: str) -> Result:
        """Put a file aside; where that fails, what it brought is safe all the same, and the fault is told."""
        if self._done is None:
            return result
        target = self._done if folder == TAKEN else self._root / REFUSED
        try:
            aside = put_aside(one.path, self._root, target, one.beside)
            if result.state == "refused":
                say_why(aside, result.message or "")
        except StorageError as error:
            said = "; ".join(filter(None, (result.message, str(error))))
            return msgspec.structs.replace(result, code=Exit.STORAGE, message=said)
        return msgspec.structs.replace(result, aside=str(aside))


_NO_PAGE: Final = ImportOutcome(file="", state="none", code=Exit.DONE)


def _mark(one: Dropped) -> tuple[Path, int, int]:
    return one.path, one.size, one.changed_ns
