"""Which tags an article has: those of the watch that names it, of what found it, and those people gave it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harvester.config import Loaded
from harvester.watch import journal
from harvester.watch.wanted import named_watches, wanted


class Tags:
    """The tags by URL. What was written to the journal since is read when it is asked for."""

    def __init__(self, archive: Path, loaded: Loaded) -> None:
        self._archive = archive
        self._loaded = loaded
        self._stamp: tuple[tuple[int, int], ...] | None = None
        self._by_url: dict[str, tuple[str, ...]] = {}

    def of(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the tags of an article that has these URLs, in alphabetical order."""
        self._refresh()
        return tuple(sorted({tag for url in urls for tag in self._by_url.get(url, ())}))

    def _refresh(self) -> None:
        stamp = tuple(self._file_stamp(name) for name in (journal.FOUND, journal.NOTES))
        if stamp == self._stamp:
            return
        self._stamp = stamp
        watches = named_watches(self._loaded)
        finds = list(journal.read(self._archive, journal.FOUND, journal.Find))
        given: dict[str, tuple[str, ...]] = {find.url: find.tags for find in finds if find.tags}
        for url, item in wanted(self._loaded, finds, 0.0).items.items():
            if item.watch in watches and watches[item.watch].tags:
                given[url] = (*given.get(url, ()), *watches[item.watch].tags)
        notes: dict[str, list[journal.Note]] = {}
        for note in journal.read(self._archive, journal.NOTES, journal.Note):
            notes.setdefault(note.about, []).append(note)
        for url, said in notes.items():
            given[url] = (*given.get(url, ()), *journal.tags_of(said))
        self._by_url = given

    def _file_stamp(self, name: str) -> tuple[int, int]:
        try:
            found = (self._archive / journal.FOLDER / name).stat()
        except OSError:
            return (0, 0)
        return (found.st_size, found.st_mtime_ns)
