"""Candidates: URLs that were proposed, each with how it was found, and what was decided of them.

All of it is append-only lines in the archive (`journal/candidates.jsonl`): nothing is proposed twice, and
what was rejected stays rejected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from harvester.capture.guard import Guard
from harvester.errors import GiveUpError, UsageError
from harvester.intake import displayed
from harvester.reading import Lead
from harvester.sites import allowed_hosts, site_for_url
from harvester.times import utc_text
from harvester.watch import journal
from harvester.watch.adding import Refused, ready
from harvester.watch.names import Names, names_of
from harvester.watch.queue import Kind

FILE: Final = "candidates.jsonl"
ROUTES: Final = {
    "album": "an album (合集) that an article is in",
    "album-neighbour": "the article before or after in an album",
    "past-issues": "a link under a heading such as 往期",
    "article-link": "a link in an article's text",
    "repost-source": "the original of a repost, as the platform states it",
    "read-original": "the link 阅读原文 under an article",
    "listing": "a listing or album page",
    "feed": "a feed, or an entry of one",
    "sitemap": "a sitemap",
    "list": "a file of links",
    "index": "the index of a web archive",
}
"""Kinds of route by which a URL is found."""
_ID_CHARS: Final = 8
_MAX_TEXT_CHARS: Final = 500


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="candidate"):
    """A URL that was proposed: when, by what kind of route, and in words how it was found.

    `kind` is what it is looked at as once approved: a page, or a source of pages. `source` names the
    capture, page or file that it stands in. `account` and `account_id` (`__biz`, `gh_…`) are whose it is, as
    far as that is said there.
    """

    at: str
    url: str
    route: str
    via: str
    kind: Kind = "page"
    source: str | None = None
    title: str | None = None
    account: str | None = None
    account_id: str | None = None
    note: str | None = None

    @property
    def id(self) -> str:
        """Its name for a person: the same for the same URL, always."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:_ID_CHARS]


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="decision"):
    """What became of a candidate, and by whom: a person, or the rule `approve = "auto"` of a watch."""

    at: str
    url: str
    decision: Literal["approved", "rejected"]
    watch: str | None = None
    by: Literal["person", "rule"] = "person"


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of leads: new candidates, how many were known already, what cannot be asked and why."""

    new: tuple[Candidate, ...] = ()
    known: int = 0
    refused: tuple[Refused, ...] = ()


_LINES: Final[msgspec.json.Decoder[Candidate | Decision]] = msgspec.json.Decoder(Candidate | Decision)
AreKnown = Callable[[Sequence[Collection[str]]], Sequence[bool]]
"""Tells of articles, each by its names, whether they are captured, or queued (harvester.discover.known)."""


class Candidates:
    """The candidates of one archive, read once; what is proposed or decided here is known at once."""

    def __init__(
        self,
        directory: Path,
        *,
        are_known: AreKnown = lambda asked: [False] * len(asked),
        allow_hosts: Sequence[str] = (),
    ) -> None:
        self._directory = directory
        self._are_known = are_known
        self._guard = Guard.of([*allowed_hosts(), *allow_hosts])
        # By time: a merge appends the lines of other archives (harvester.merging).
        lines = journal.by_time(journal.read_with(directory, FILE, _LINES))
        self._all: dict[str, Candidate] = {}
        self._decided: dict[str, Decision] = {}
        for one in lines:
            if isinstance(one, Candidate):
                self._all.setdefault(one.url, one)
            else:
                self._decided[one.url] = one
        self._names: dict[str, tuple[str, ...]] = {}  # by URL, of those met here

    def propose(self, leads: Iterable[Lead], *, where: str, source: str, now: datetime) -> Proposed:
        """Write down the leads that are new; on return they are durable. Raises `StorageError`.

        `where` says in words where they stand (`in NAME`, `on URL`), `source` names that for programs.
        """
        found: list[Candidate] = []
        refused: list[Refused] = []
        for lead in leads:
            try:
                found.append(self._candidate(lead, where, source, now))
            except (UsageError, GiveUpError) as error:
                refused.append(Refused(text=displayed(lead.url), why=str(error)))
        new = self._written(found) if found else []
        return Proposed(new=tuple(new), known=len(found) - len(new), refused=tuple(refused))

    def _written(self, found: Sequence[Candidate]) -> list[Candidate]:
        """Write down those that are new, and return them."""
        new: list[Candidate] = []
        names = [names_of(one.url) for one in found]
        known = self._are_known(names)
        with Names(self._directory, FILE, Candidate) as told, told.growing():
            for candidate, own, is_known in zip(found, names, known, strict=True):
                self._names[candidate.url] = own
                if not is_known and told.met(candidate, own) is None:
                    new.append(candidate)
            journal.append(self._directory, FILE, new)
        self._all.update((one.url, one) for one in new)
        return new

    def waiting(self) -> list[Candidate]:
        """Return what is neither decided nor known meanwhile, in the order in which it was found."""
        undecided = [one for one in self._all.values() if one.url not in self._decided]
        names = [self._names.get(one.url) or names_of(one.url) for one in undecided]
        known = self._are_known(names)
        return [one for one, is_known in zip(undecided, known, strict=True) if not is_known]

    def decide(
        self,
        chosen: Sequence[Candidate],
        decision: Literal["approved", "rejected"],
        *,
        now: datetime,
        watch: str | None = None,
        by: Literal["person", "rule"] = "person",
    ) -> None:
        """Write down what was decided; on return it is durable. Raises `StorageError`."""
        lines = [
            Decision(at=utc_text(now), url=one.url, decision=decision, watch=watch, by=by) for one in chosen
        ]
        journal.append(self._directory, FILE, lines)
        self._decided.update((one.url, one) for one in lines)

    def _candidate(self, lead: Lead, where: str, source: str, now: datetime) -> Candidate:
        """Return a lead as a candidate, under its lasting URL."""
        url, _ = ready(lead.url, self._guard)
        site = site_for_url(url)
        lasting = site.canonical_url(url) if lead.kind == "page" else site.listing_url(url)
        fields = {
            name: " ".join(text.split())[:_MAX_TEXT_CHARS] or None
            for name in ("title", "account", "account_id", "note")
            if (text := getattr(lead, name))
        }
        return msgspec.convert(
            {
                "type": "candidate",
                "at": utc_text(now),
                "url": lasting or url,
                "route": lead.route,
                "via": f"{lead.route} {where}",
                "kind": lead.kind,
                "source": source,
                **fields,
            },
            Candidate,
        )
