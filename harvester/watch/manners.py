"""What a host lets us discover: its robots.txt, fetched and recorded once a day, obeyed."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from archive import Archive
from harvester.bodies import body_of
from harvester.errors import IntegrityError, StorageError
from harvester.fetching import Fetcher
from harvester.library import Library
from harvester.watch.robots import MAX_AGE_S, Rules, robots_url, rules_of

_FORBIDDEN: Final = "robots.txt forbids it"
_UNAVAILABLE: Final = "robots.txt cannot be had now, so nothing is discovered there (RFC 9309 §2.3.1.4)"


class Refusal(NamedTuple):
    """Why a URL is not asked for: forbidden (`refused`), or not to be known now (`failed`), and in words."""

    state: str
    why: str


class Manners:
    """Asks and remembers what hosts allow, in one session."""

    def __init__(self, archive: Archive, library: Library, fetcher: Fetcher) -> None:
        self._archive = archive
        self._library = library
        self._fetcher = fetcher
        self._rules: dict[str, Rules] = {}

    def ask_again(self) -> None:
        """Forget what could not be had: it may be there now."""
        self._rules = {where: rules for where, rules in self._rules.items() if not rules.unavailable}

    def may(self, url: str, now: datetime) -> bool:
        """Tell whether a URL may be asked for, for discovery."""
        where = robots_url(url)
        if where not in self._rules:
            self._rules[where] = self._held(where, now) or self._asked(where)
        return self._rules[where].allow(url)

    def refusal(self, url: str, now: datetime) -> Refusal | None:
        """Return why a URL may not be asked for, None if it may."""
        if self.may(url, now):
            return None
        down = self._rules[robots_url(url)].unavailable
        return Refusal("failed", _UNAVAILABLE) if down else Refusal("refused", _FORBIDDEN)

    def _asked(self, where: str) -> Rules:
        answer = self._fetcher.fetch_resource(where, "robots")
        return rules_of(answer.status, answer.body.data if answer.body else None)

    def _held(self, where: str, now: datetime) -> Rules | None:
        """Return the rules that the archive has, if they are of today."""
        row = self._library.last_asset(where)
        if row is None or not 0 <= (now - datetime.fromisoformat(row.fetch_date)).total_seconds() < MAX_AGE_S:
            return None
        if row.state != "ok":
            status = row.state.removeprefix("http-")
            found = rules_of(int(status), None) if status.isdecimal() else None
            return None if found is None or found.unavailable else found
        try:
            record = self._archive.get(row.record_id)
            body = body_of(self._archive.resolved(record)) if record else None
        except (IntegrityError, StorageError):
            return None
        return rules_of(200, body.data) if body else None
