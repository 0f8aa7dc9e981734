"""Closed WARC files repacked: their records in order, each octet for octet, in one or more `.warc.zst`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.compact.dictionary import Choice, RecordCompressor, choose, probe_size
from archive.disk import Disk
from archive.journal import FileState
from archive.raw import RawRecord, raw_records
from archive.reader import read_at
from archive.record import Location
from archive.staging import StagedFile, Staging

MAX_FILE_BYTES: Final = 1024 * 1024 * 1024
"""Size after which another file is begun, as in writing."""

_LEAST_WORTH_BYTES: Final = 4 * 1024
_MOST_WORTH_BYTES: Final = 6 * 1024 * 1024
_SAMPLES: Final = 16
_SAMPLE_BYTES: Final = 24 * 1024 * 1024
_AHEAD: Final = 512  # records worth a dictionary that the sample is taken from
_PACKED_RATIO: Final = 1.5  # what a member shrank by, if it is text and not an image
_RECENT: Final = 12
_DROP: Final = 1.5


@dataclass(frozen=True, slots=True)
class _Item:
    """A record worth a dictionary: where it lies and its size; `number` counts all records of the run."""

    number: int
    path: Path
    location: Location
    size: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one pass over a file found. `items` are the records that a dictionary may serve."""

    path: Path
    records: int
    octets: int
    items: tuple[_Item, ...]


def scan(path: Path, first_number: int = 0) -> Scanned:
    """Read a file strictly, whole. Raises WarcError for damage, StorageError."""
    items = []
    records = octets = 0
    for raw in raw_records(path):
        size = len(raw.octets)
        at = raw.record.location
        if _LEAST_WORTH_BYTES <= size <= _MOST_WORTH_BYTES and _shrinks(raw):
            items.append(_Item(first_number + records, path, at, size))
        records += 1
        octets += size
    return Scanned(path, records, octets, tuple(items))


def _shrinks(raw: RawRecord) -> bool:
    size = len(raw.octets)
    packed = raw.record.location.length
    if packed >= size:  # a plain file: look for oneself
        part = raw.octets[: 64 * 1024]
        size, packed = len(part), probe_size([part])
    return size >= packed * _PACKED_RATIO


class Packer:
    """Repacks one run of files. Uses the disk for the new files and nothing else."""

    def __init__(
        self,
        sources: Sequence[Scanned],
        folder: Path,
        disk: Disk,
        *,
        is_taken: Callable[[str], bool],
        progress: Callable[[str, int], None] = lambda *_: None,
    ) -> None:
        """`is_taken` tells names that no new file may have."""
        self._sources = sources
        self._staging = Staging(folder, disk, is_taken)
        self._progress = progress
        self._items: deque[_Item] = deque(item for source in sources for item in source.items)
        self._left_bytes = sum(item.size for item in self._items)
        self._content: bytes | None = None
        self._compressor = RecordCompressor(None)
        self._watch = _Watch()

    def run(self) -> tuple[FileState, ...]:
        """Write the files, durable on return. Raises WarcError, StorageError."""
        with self._staging as staging:
            for number, (source, raw) in enumerate(self._records()):
                self._record(number, source, raw)
            return staging.finish()

    def _records(self) -> Iterator[tuple[Path, RawRecord]]:
        for source in self._sources:
            for raw in raw_records(source.path):
                yield source.path, raw

    def _record(self, number: int, source: Path, raw: RawRecord) -> None:
        worth = bool(self._items) and self._items[0].number == number
        file = self._staging.file
        if file is None or file.size >= MAX_FILE_BYTES or (worth and self._watch.dropped and self._rolls()):
            file = self._begin(source, self._choice())
        frame = self._compressor.frame(raw.octets)
        file.write(frame)
        file.records += 1
        if worth:
            self._left_bytes -= self._items.popleft().size
            self._watch.add(len(raw.octets), len(frame))
        self._progress(source.name, len(raw.octets))

    def _samples(self) -> list[bytes]:
        """Read records from those to come, evenly spread; their octets as far as a block goes."""
        ahead = [item for item, _ in zip(self._items, range(_AHEAD), strict=False)]
        step = max(1, len(ahead) // _SAMPLES)
        found: list[bytes] = []
        size = 0
        for item in ahead[::step][:_SAMPLES]:
            if size + item.size > _SAMPLE_BYTES:
                break
            found.append(read_at(item.path, item.location).block)
            size += item.size
        return found

    def _choice(self) -> tuple[Choice | None, list[bytes]]:
        samples = self._samples()
        return choose(samples, self._left_bytes), samples

    def _rolls(self) -> bool:
        """Tell whether another dictionary, itself counted, serves what is left better than this one."""
        choice, samples = self._choice()
        self._watch.settle()
        if choice is None:
            return False
        scale = max(1.0, self._left_bytes / max(1, sum(map(len, samples))))
        return choice.with_it < scale * probe_size(samples, self._content)

    def _begin(self, source: Path, found: tuple[Choice | None, list[bytes]]) -> StagedFile:
        choice, samples = found
        self._content = choice.content if choice else None
        self._compressor = RecordCompressor(self._content, samples)
        self._watch = _Watch()
        file = self._staging.begin(self._staging.free_name(source, ".warc.zst"))
        file.write(self._compressor.head())
        return file


class _Watch:
    """How well the records shrink: `dropped` when the last ones do much worse than the first ones did."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, int]] = deque(maxlen=_RECENT)
        self._first: float | None = None
        self._since = 0

    def add(self, size: int, packed: int) -> None:
        self._recent.append((size, packed))
        self._since += 1
        if self._first is None and self._since == _RECENT:
            self.settle()

    def settle(self) -> None:
        """Take what the last records did as the measure from now on."""
        self._first, self._since = self._now(), 0

    def _now(self) -> float:
        return sum(packed for _, packed in self._recent) / max(1, sum(size for size, _ in self._recent))

    @property
    def dropped(self) -> bool:
        return self._first is not None and self._since >= _RECENT and self._now() > self._first * _DROP
