"""An archive at a URL, opened to be read: its index is made on this disk, its records stay where they are.

The index is made by reading every WARC file once, so this is for archives of a size at which that is
bearable; nothing at the URL is changed, and what was made here goes when it is closed.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar, cast

from archive.disk import SYSTEM_DISK, explain
from archive.errors import StorageError, WarcError
from archive.index import RecordIndex
from archive.layout import WARC_FOLDER, Layout, check_marker_at
from archive.reindex import rebuild
from archive.store import Archive

if TYPE_CHECKING:
    from archive.storage.remote import RemotePath

_KEPT_OPEN: Final = 4
"""Files that stay open with what was read ahead of them: records are mostly read in their order."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _FarLayout(Layout):
    """The names of an archive of which only the WARC files are at a distance."""

    far: RemotePath

    @property
    def warc(self) -> Path:
        return cast("Path", self.far / WARC_FOLDER)  # readers ask of it what both can do


@contextlib.contextmanager
def viewed(far: RemotePath) -> Iterator[tuple[Archive, tuple[str, ...]]]:
    """Open the archive at a URL for reading; with it come lines for the damage that was met.

    What is derived can be written, and goes with the view. Raises as `Archive.open`.
    """
    check_marker_at(far)
    with tempfile.TemporaryDirectory(prefix="harvester-view-") as scratch:
        layout = _FarLayout(Path(scratch), far)
        layout.index.parent.mkdir()
        index = RecordIndex.create(layout.index)
        with _View(layout, index) as view:
            damaged: tuple[str, ...] = ()
            try:
                rebuild(layout, index)
            except WarcError as error:
                damaged = (str(error),)
            yield view, damaged


class _View(Archive):
    """Reads from files that it keeps open: each opening asks the store, and loses what was read ahead."""

    def __init__(self, layout: Layout, index: RecordIndex) -> None:
        super().__init__(layout, index, SYSTEM_DISK)
        self._kept: OrderedDict[str, BinaryIO] = OrderedDict()
        self._reading = threading.Lock()

    def with_file(self, name: str, use: Callable[[BinaryIO, str], _T]) -> _T:
        path = self._layout.candidates(name)[0]
        with self._reading:
            try:
                if name not in self._kept:
                    self._kept[name] = path.open("rb")
                self._kept.move_to_end(name)
                while len(self._kept) > _KEPT_OPEN:
                    self._kept.popitem(last=False)[1].close()
                return use(self._kept[name], str(path))
            except OSError as error:
                raise StorageError(f"cannot read {path}: {explain(error)}") from error

    def write_derived(self, relative: str, data: bytes) -> None:
        self._put_derived(relative, data)

    def close(self) -> None:
        for file in self._kept.values():
            file.close()
        self._kept.clear()
        super().close()
