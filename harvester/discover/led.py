"""What led to a candidate in the end: so that it is looked at where that is (harvester.watch.sharding)."""

from __future__ import annotations

from pathlib import Path

from harvester.discover.candidates import Candidate
from harvester.errors import UsageError
from harvester.library import Library
from harvester.watch import journal
from harvester.watch.names import names_of


class Led:
    """Knows of an archive's captures which source found them, at any remove."""

    def __init__(self, directory: Path, library: Library) -> None:
        self._library = library
        self._finds = journal.Follower(directory, journal.FOUND, journal.Find)
        self._sources: dict[str, str] = {}

    def to(self, candidate: Candidate) -> str | None:
        """Return the URL of the list it stands in, or of what found the article that it stands in.

        That article's own URL, if no source found it; None for a file of links.
        """
        where = candidate.source
        if where is None or where.startswith(("http://", "https://")):
            return where
        try:
            row = self._library.find(where)
        except UsageError:
            return None
        url = row.requested_url or row.url
        if url is None:
            return None
        for find in self._finds.new():
            if find.source is not None:
                for name in names_of(find.url):
                    self._sources.setdefault(name, find.source)
        return next((self._sources[name] for name in names_of(url) if name in self._sources), url)
