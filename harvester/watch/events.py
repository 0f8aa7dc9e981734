"""From the visits of one article to its events: every visit is at least one. Pure.

An article is *reported gone* at the first sight of a notice in its place, and *gone* at the second, at least
`CONFIRM` later: then it went between its last good capture and the first sight. What fails or is blocked says
nothing of the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from harvester.core import changed
from harvester.watch.plan import CONFIRM
from harvester.watch.visits import Seen

GONE_STATES: Final = frozenset(
    {
        "deleted",
        "violation",
        "complaint",
        "banned",
        "cancelled",
        "not_found",
        "expired",
        "send_failed",
        "private",
    }
)
"""States in which the publisher or the platform has taken an article away."""
_GONE_STATUSES: Final = frozenset({404, 410})
_BLOCKED: Final = frozenset({"verification", "rate_limited"})
_FAILED: Final = frozenset({"failed", "partial", "system_error", "http_error", "redirect"})
_UNNAMED: Final = "page:"
"""How an identity begins that is but the digest of a page's bytes."""
_FAULTS_OF_OURS: Final = frozenset({"guard.time", "defect"})
"""Rules by which a page is unknown for reasons that say nothing of it (harvester.pipeline)."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What came of holding an article against an original: docs/verify.md.

    `original` is the capture that it was compared with, `original_title` and `original_url` its own; `edits`,
    `material` and `moves` are counts. `first` says the first material difference: its class, the words of the
    original, those of the article.
    """

    verdict: str
    level: str | None
    original: str
    original_title: str | None
    original_url: str | None
    original_at: datetime | None
    edits: int
    material: int
    moves: int
    first: tuple[str, str, str] | None = None

    @property
    def is_material(self) -> bool:
        """Whether something that can carry meaning differs."""
        return self.verdict in DIFFERING


DIFFERING: Final = frozenset({"altered", "excerpt-altered", "different"})
"""Verdicts of texts that differ in what can carry meaning."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a visit told.

    `state` is the page's state at that visit; `fields` which parts of an edited article changed
    (harvester.core); `before` the id of the last good capture before; `between` when it happened, as far as
    visits can tell (RFC 3339 texts are made where it is printed); `declared` the platform's own record of the
    edit; `target` where it moved; `reason` why a visit failed, `attempts` how often it was tried; `via` is
    `hand-off` for a page that a person saved because it was handed over (harvester.handoff). `compared` is
    of events that a comparison told, whose `method` is `comparison`.
    """

    kind: str
    at: datetime
    url: str
    state: str
    id: str | None = None
    record_id: str | None = None
    method: str = "live"
    notice: str | None = None
    fields: tuple[str, ...] = ()
    before: str | None = None
    between: tuple[datetime, datetime] | None = None
    declared: str | None = None
    target: str | None = None
    reason: str | None = None
    attempts: int = 1
    via: str | None = None
    compared: Compared | None = None


def parts_changed(before: Seen, after: Seen) -> tuple[str, ...]:
    """Return which parts of two captures' cores differ, as the library has them."""
    if before.core is None or after.core is None:
        return ()
    return changed(before.core, after.core)


Differ = Callable[[Seen, Seen], tuple[str, ...]]


def events_of(visits: Iterable[Seen], differ: Differ = parts_changed) -> list[Event]:
    """Return what these visits of one article, in order of time, tell.

    `differ` returns which parts changed between two good captures; the shell's reads both again where they
    were read by different rules (`harvester.watch.timeline`).
    """
    story = _Story(differ)
    return [event for visit in visits for event in story.told_by(visit)]


class _Story:
    """What is known of an article after the visits so far."""

    def __init__(self, differ: Differ) -> None:
        self._differ = differ
        self._good: Seen | None = None  # the last good capture
        self._standing: Seen | None = None  # the last answer that told something of the article
        self._sighted: Seen | None = None  # the first sight of its being gone
        self._gone = False

    def told_by(self, visit: Seen) -> Iterator[Event]:
        if visit.method != "live":
            yield _event("imported", visit)
        elif visit.state in _BLOCKED:
            yield _event("blocked", visit, reason=visit.state)
        elif visit.state == "ok":
            yield from self._good_capture(visit)
        elif _is_gone(visit):
            yield self._notice(visit)
        elif visit.state in _FAILED or visit.rule in _FAULTS_OF_OURS:
            yield _event("failed", visit, reason=_reason(visit), target=visit.target)
        else:
            yield self._other_state(visit)

    def _good_capture(self, visit: Seen) -> Iterator[Event]:
        good, standing = self._good, self._standing
        self._good = self._standing = visit
        self._sighted, self._gone = None, False
        if good is None:
            yield _event("captured", visit, declared=visit.modified_at)
            return
        if standing is not None and standing.state != "ok":
            yield _event("back", visit, before=good.id, between=(standing.at, visit.at))
        if _elsewhere(good, visit):
            yield _event("moved", visit, before=good.id, between=(good.at, visit.at), target=visit.identity)
            return
        fields = self._differ(good, visit)
        if fields:
            declared = visit.modified_at if visit.modified_at != good.modified_at else None
            yield _event(
                "edited",
                visit,
                fields=fields,
                before=good.id,
                between=(good.at, visit.at),
                declared=declared,
            )
        elif standing is not None and standing.state == "ok":
            yield _event("unchanged", visit, before=good.id)

    def _notice(self, visit: Seen) -> Event:
        before, self._standing = self._standing, visit
        if self._sighted is None:
            self._sighted = visit
            return _event("reported-gone", visit, before=self._good and self._good.id)
        if not self._gone and visit.at - self._sighted.at >= CONFIRM:
            self._gone = True
            between = (self._good.at, self._sighted.at) if self._good else None
            return _event("gone", visit, before=self._good and self._good.id, between=between)
        same = before is not None and before.state == visit.state
        return _event("unchanged" if same else "state-changed", visit)

    def _other_state(self, visit: Seen) -> Event:
        before, self._standing = self._standing, visit
        self._sighted, self._gone = None, False
        if before is not None and before.state == visit.state:
            return _event("unchanged", visit)
        kind = "moved" if visit.state == "migrated" else "state-changed"
        return _event(kind, visit, before=self._good and self._good.id, target=visit.target)


def _elsewhere(good: Seen, visit: Seen) -> bool:
    """Tell whether a URL brings another article now: both are named, and by other names."""
    names = {seen.identity for seen in (good, visit)}
    return len(names) > 1 and all(name and not name.startswith(_UNNAMED) for name in names)


def _is_gone(visit: Seen) -> bool:
    return visit.state in GONE_STATES or (visit.state == "http_error" and visit.status in _GONE_STATUSES)


def _reason(visit: Seen) -> str:
    if visit.reason:
        return visit.reason
    return f"http {visit.status}" if visit.state == "http_error" and visit.status else visit.state


def _event(kind: str, visit: Seen, **more: object) -> Event:
    event = Event(
        kind=kind,
        at=visit.at,
        url=visit.url,
        state=visit.state,
        id=visit.id,
        record_id=visit.record_id,
        method=visit.method,
        notice=visit.notice,
        attempts=visit.attempts,
    )
    return msgspec.structs.replace(event, **more)
