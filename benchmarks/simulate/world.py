"""The origin of the simulated month: answers by the shared clock, and keeps its own log of requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks.simulate import plan
from benchmarks.simulate.pages import page_of
from benchmarks.simulate.plan import Staged, Trouble
from fixtures.behaviours import challenge, plain, redirect
from fixtures.exchange import Reply, Request
from fixtures.pages.mfa_frame import listing_page, soft_404_page
from fixtures.pages.notices import deleted_page, violation_page
from fixtures.site import HOSTS, NOT_FOUND
from fixtures.world import SOFT_404_URL

_LISTED = 24
_BUSY = plain(b"<html><body>Service Unavailable</body></html>", status=503)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the origin saw it, and how it answered (`ok`, `down`, `busy`, `storm`)."""

    host: str
    target: str
    at_s: float
    answer: str


class Time(Protocol):
    """What the origin needs of a clock."""

    @property
    def seconds(self) -> float: ...
    def now(self) -> datetime: ...
    def advance(self, seconds: float) -> None: ...


@dataclass
class World:
    """Stands in for `fixtures.Site`. `slow` are the days on which each answer takes half a minute."""

    articles: Sequence[Staged]
    clock: Time
    troubles: Sequence[Trouble] = field(default_factory=plan.troubles)
    slow: tuple[datetime, datetime] | None = plan.SLOW
    log: list[Asked] = field(default_factory=list)
    hosts: frozenset[str] = frozenset({*HOSTS, plan.FEEDS})

    def __post_init__(self) -> None:
        self._by_address = {urlsplit(one.url)[1:3]: one for one in self.articles}

    def answer(self, request: Request) -> Reply:
        now = self.clock.now()
        trouble = next((one for one in self.troubles if one.holds(request.host, now)), None)
        kind = trouble.kind if trouble else "ok"
        self.log.append(Asked(request.host, request.target, self.clock.seconds, kind))
        if self.slow and self.slow[0] <= now < self.slow[1]:
            self.clock.advance(plan.SLOW_S)
        if kind == "down":
            return Reply(steps=(), close=True, abort=True)
        if kind == "busy":
            return _BUSY(request)
        if kind == "storm":
            return challenge()(request)
        return self._page(request, now)

    def _page(self, request: Request, now: datetime) -> Reply:
        address = f"https://{request.host}{request.path}"
        if address == plan.FEED:
            return plain(self._feed(now), content_type="application/feed+json")(request)
        if request.path == plan.SECTION:
            return plain(self._listing(request.host, now))(request)
        if address == SOFT_404_URL:
            return plain(soft_404_page())(request)
        one = self._by_address.get((request.host, request.path))
        if one is None or one.appears > now:
            return NOT_FOUND(request)
        if one.fate == "deleted" and not one.is_wechat and one.when and one.when <= now:
            return redirect(SOFT_404_URL)(request)  # as the Ministry's servers do
        return plain(_body(one, now, len(self.log)))(request)

    def _feed(self, now: datetime) -> bytes:
        there = [one for one in self.articles if one.is_wechat and one.appears <= now][-_LISTED:]
        items = [{"id": one.url, "url": one.url, "title": str(one.number)} for one in reversed(there)]
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()

    def _listing(self, host: str, now: datetime) -> bytes:
        there = [one for one in self.articles if one.host == host and one.appears <= now][-_LISTED:]
        items = tuple(
            (one.url, f"第{one.number}号消息", f"{one.appears:%Y-%m-%d}") for one in reversed(there)
        )
        return listing_page("模拟栏目", items)


def _body(one: Staged, now: datetime, nonce: int) -> bytes:
    """Return what stands at an article's address now."""
    over = one.when is not None and one.when <= now
    if over and one.fate == "violation":
        return violation_page()
    if over and one.fate == "deleted":
        return deleted_page()
    return page_of(one, nonce, edited=over and one.fate == "edited")
