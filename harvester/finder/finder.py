"""Finds the original of a captured text among an archive's documents, and says why it thinks so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from archive import Archive
from harvester.document import Document
from harvester.errors import GiveUpError
from harvester.finder import ranking, rules
from harvester.finder.database import FILE
from harvester.finder.index import Progress, Text, title_prints
from harvester.finder.opened import Opened
from harvester.finder.sought import Sought, sought
from harvester.finder.values import Candidate, Found, Reason, Suggested
from harvester.library import Library, PageRow
from harvester.likeness import SHINGLE, Shared, shared, shingles, winnow
from harvester.likeness.winnowing import WINDOW
from harvester.sites import site_for_url
from harvester.verify import Side

SITES: Final = ("mfa",)
"""Publishers whose articles are originals."""


@dataclass(slots=True)
class _Gathered:
    """What speaks for which capture, by id; `by_text` were found by their text: how rare it is."""

    rows: dict[str, PageRow] = field(default_factory=dict)
    reasons: defaultdict[str, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    by_text: dict[str, float] = field(default_factory=dict)


class Finder(Opened):
    """The originals of one archive."""

    file = FILE
    sites = SITES

    @classmethod
    def renew(cls, archive: Archive, library: Library, progress: Progress = lambda _done, _all: None) -> None:
        """Make the index anew from the library's documents."""
        cls.forget(archive)
        cls.open(archive, library, progress).close()

    def find(self, captured: Document | Side, limit: int = 10) -> list[Candidate]:
        """Return up to `limit` documents that may be the original, the likeliest first."""
        return list(self.search(captured, limit).candidates)

    def search(self, captured: Document | Side, limit: int = 10) -> Found:
        """Return the same, with addresses that the text gives and that are not archived as articles.

        The same archive gives the same answer. Captures of one article (one identity, under whatever host)
        are one candidate. Raises `StorageError` where the index is damaged.
        """
        wanted = sought(captured)
        gathered = _Gathered()
        self._by_print_and_title(wanted, gathered)
        suggested = tuple(self._by_link(wanted, gathered))
        self._compare(wanted, gathered)
        candidates = sorted(self._candidates(wanted, gathered), key=ranking.order)
        least = rules.level("least_score")
        good = [found for found in candidates if found.score >= least]
        return Found(candidates=tuple(good[:limit]), suggested=suggested)

    def _by_print_and_title(self, wanted: Sought, gathered: _Gathered) -> None:
        texts = self._index.by_prints(lookup_prints(wanted.text), rules.limit("text_checked"))
        near: dict[int, float] = {}
        same: list[int] = []
        count = 0
        if len(wanted.title) >= rules.limit("title_characters"):
            near = self._index.by_prints(title_prints(wanted.title), rules.limit("titles_checked"))
            count, same = self._index.by_title(wanted.title, wanted.day, rules.limit("same_titles"))
        numbers = self._index.ids([*texts, *near, *same])
        for id_, row in self._library.named(numbers).items():
            gathered.rows[id_] = row
            gathered.reasons[id_] += ranking.title_reason(wanted.title, row.title, count)
            if numbers[id_] in texts:
                gathered.by_text[id_] = texts[numbers[id_]]

    def _by_link(self, wanted: Sought, gathered: _Gathered) -> Iterator[Suggested]:
        for url, rule in wanted.links:
            key = site_for_url(url).identity_key(url)
            captures = self._library.visits(url) + (self._library.captures_of(key) if key else [])
            good = {row.id: row for row in captures if row.state == "ok"}
            gathered.rows |= good
            for id_ in good:
                gathered.reasons[id_].append(rules.reason(rule, 1.0))
            if not good and (rule == "link.source-url" or site_for_url(url).name in SITES):
                yield Suggested(url=url, rule=rule, words=_why_suggested(captures))

    def _compare(self, wanted: Sought, gathered: _Gathered) -> None:
        """Compare the texts themselves, each once, of all that the index or another reason brought up."""
        mine = shingles(wanted.text, SHINGLE)
        known: dict[str | None, Shared | None] = {}
        for id_, row in gathered.rows.items():
            if id_ not in gathered.by_text and not gathered.reasons[id_]:
                continue
            if row.text_sha256 not in known:
                known[row.text_sha256] = self._shared(mine, row)
            gathered.reasons[id_] += ranking.text_reason(
                known[row.text_sha256], gathered.by_text.get(id_, 1.0)
            )

    def _shared(self, mine: frozenset[str], row: PageRow) -> Shared | None:
        """Return what the texts share; None where the document cannot be read."""
        try:
            text = msgspec.json.decode(self._library.document_bytes(row), type=Text).text
        except (GiveUpError, msgspec.DecodeError):
            return None
        return shared(mine, shingles(text, SHINGLE))

    def _candidates(self, wanted: Sought, gathered: _Gathered) -> Iterator[Candidate]:
        groups: defaultdict[str, list[tuple[float, PageRow, list[Reason]]]] = defaultdict(list)
        for id_, row in gathered.rows.items():
            key = row.identity_key or id_
            if id_ == wanted.id or key == wanted.key or not gathered.reasons[id_]:
                continue
            mine = ranking.strongest(gathered.reasons[id_])
            mine += ranking.circumstances(wanted, row, ministry=row.site in SITES)
            groups[key].append((ranking.score(mine), row, mine))
        for key, members in groups.items():
            score, row, mine = min(members, key=lambda item: (-item[0], item[1].fetch_date, item[1].id))
            others = [other for other in self._library.captures_of(key) if other.state == "ok"]
            yield Candidate(
                id=row.id,
                score=score,
                reasons=tuple(mine),
                versions=tuple(other.id for other in others if other.id != row.id),
                identity_key=key,
                title=row.title,
                url=row.url,
                date=row.date,
            )


def lookup_prints(text: str) -> Iterable[int]:
    """Return the fingerprints that a text is looked up by.

    Whatever is least in a window is least in any part of it that holds it: a smaller window keeps all that
    the larger one of the index keeps, and more. Of a short text every shingle is kept.
    """
    window = min(WINDOW, 2 * len(text) // rules.limit("prints") + 1)
    return winnow(text, guarantee=SHINGLE + window - 1)


def _why_suggested(captures: Sequence[PageRow]) -> str:
    if captures:
        return f"archived, but not as an article ({captures[-1].state})"
    return "not archived"
