"""Sorting more lines than memory holds: sorted runs in temporary files, merged."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator
from itertools import groupby
from types import TracebackType
from typing import IO, Final, Self

from archive.disk import explain
from archive.errors import StorageError

MEMORY_BYTES: Final = 32 * 1024 * 1024
"""How many bytes of lines are held before they go to a run."""
_MAX_RUNS: Final = 64  # open files at a time; more runs are first merged into one
_LINE_OVERHEAD: Final = 60


class SortedLines:
    """Lines put in any order and given back in the order of their bytes, each once. A context manager.

    Lines end with a line feed. The temporary files have no names and go with their process.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._lines: list[bytes] = []
        self._held = 0
        self._runs: list[IO[bytes]] = []

    def add(self, line: bytes) -> None:
        """Put one line. Raises StorageError when the temporary disk fails."""
        self._lines.append(line)
        self._held += len(line) + _LINE_OVERHEAD
        if self._held > self._memory_bytes:
            self._spill()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines; to be done once. Raises StorageError when the temporary disk fails."""
        self._lines.sort()
        if not self._runs:
            yield from _once(iter(self._lines))
            return
        try:
            yield from _once(heapq.merge(*self._runs, self._lines))
        except OSError as error:
            raise _storage_error(error) from error

    def _spill(self) -> None:
        self._lines.sort()
        try:
            if len(self._runs) >= _MAX_RUNS:
                merged = _written(heapq.merge(*self._runs))
                self.close()
                self._runs.append(merged)
            self._runs.append(_written(iter(self._lines)))
        except OSError as error:
            raise _storage_error(error) from error
        self._lines, self._held = [], 0

    def close(self) -> None:
        """Drop the temporary files."""
        for run in self._runs:
            run.close()
        self._runs.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _written(lines: Iterator[bytes]) -> IO[bytes]:
    run = tempfile.TemporaryFile(buffering=1024 * 1024)  # noqa: SIM115  # lives as long as the sorting
    try:
        run.writelines(_once(lines))
        run.seek(0)
    except BaseException:
        run.close()
        raise
    return run


def _once(lines: Iterator[bytes]) -> Iterator[bytes]:
    return (line for line, _ in groupby(lines))


def _storage_error(error: OSError) -> StorageError:
    return StorageError(
        f"sorting needs room in {tempfile.gettempdir()} (TMPDIR names another place): {explain(error)}"
    )
