"""Accounts that a watch follows: what captured articles lead to at them is proposed, or queued by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from archive import Archive
from harvester.config import Loaded
from harvester.discover.approving import approve
from harvester.discover.archived import leads_of
from harvester.discover.candidates import Candidate, Candidates
from harvester.discover.known import known_to
from harvester.discover.led import Led
from harvester.discover.whose import Whose, key_of_url
from harvester.library import Library
from harvester.reading import Lead
from harvester.watch.config import Watch
from harvester.watch.manners import Manners


class Following:
    """The accounts of all watches, in one run. Nothing is asked of the network but robots.txt."""

    def __init__(
        self,
        directory: Path,
        archive: Archive,
        library: Library,
        manners: Manners,
        loaded: Loaded,
        watches: Mapping[str, Watch],
    ) -> None:
        self._directory = directory
        self._archive = archive
        self._library = library
        self._manners = manners
        self._hosts = loaded.config.fetch.allow_hosts or ()
        self._watches = {name: watch for name, watch in watches.items() if watch.accounts}
        self._desk = Candidates(
            directory, are_known=known_to(directory, library, loaded), allow_hosts=self._hosts
        )
        self._led = Led(directory, library)
        self._whose = Whose.of(library, library.articles())

    def begin(self, now: datetime) -> int:
        """Queue what waits and is of an account that is followed by rule; return how many."""
        self._manners.ask_again()
        return self._queue(self._desk.waiting(), now)

    def after(self, captured: str, now: datetime) -> int:
        """Propose what an article leads to at accounts that are followed; return how many were queued."""
        row = self._library.find(captured)
        if row.state != "ok":
            return 0
        key = key_of_url(row.url) if row.url else None
        if key is not None and row.source and self._whose.get(key) is None:
            self._whose.learn_account(key, self._library.document(row).account)
        leads = [lead for lead in leads_of(self._archive, self._library, row) if self._watch_of(lead)]
        proposed = self._desk.propose(leads, where=f"in {row.id}", source=row.id, now=now)
        return self._queue(proposed.new, now)

    def _queue(self, candidates: Iterable[Candidate], now: datetime) -> int:
        """Approve what a watch takes without asking, and its host lets us discover."""
        count = 0
        by_watch: dict[str, list[Candidate]] = {}
        for one in candidates:
            name = self._watch_of(one)
            if name is not None and self._watches[name].approve == "auto" and self._manners.may(one.url, now):
                by_watch.setdefault(name, []).append(one)
        for name, chosen in by_watch.items():
            tags = self._watches[name].tags
            added = approve(
                self._directory,
                self._desk,
                chosen,
                now=now,
                watch=name,
                tags=tags,
                allow_hosts=self._hosts,
                by="rule",
                led_to=self._led.to,
            )
            count += len(added.new)
        return count

    def _watch_of(self, lead: Lead | Candidate) -> str | None:
        """Return the first watch that follows the account of a lead."""
        for name, watch in self._watches.items():
            for wanted in watch.accounts:
                if self._whose.fits(wanted, lead.url, lead.account, lead.account_id):
                    return name
        return None
