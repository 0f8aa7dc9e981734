"""What is staged: which articles appear when, and what becomes of them. Pure, from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

START = datetime(2026, 3, 14, tzinfo=UTC)
"""Clocks change in New York six days before the start of spring, in Berlin on 29 March."""
DAYS = 30
FAULTS = "faults"
"""The file with a line for each time that storage failed."""
SAID = "said"
"""The file with what the watching process said."""
EDITED, DELETED, VIOLATION = 0.10, 0.08, 0.03
REPOSTED = 0.02
_EDITED_ORIGINAL = 4
"""The number of the first page of the Ministry: it is reposted, and edited days later."""
WECHAT, MFA, FEEDS = "mp.weixin.qq.com", "www.mfa.gov.cn", "feeds.example.org"
FEED = f"https://{FEEDS}/account.json"
SECTION = "/web/simulated_1/"
LISTING = f"https://{MFA}{SECTION}"


@dataclass(frozen=True)
class Staged:
    """One article: when it appears, and what becomes of it (`edited`, `deleted`, `violation`, None) when.

    `original` is the Ministry's page of which it is a repost, with a word that can carry meaning changed.
    """

    number: int
    url: str
    appears: datetime
    fate: str | None
    when: datetime | None
    original: Staged | None = None

    @cached_property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def is_wechat(self) -> bool:
        return self.host == WECHAT


@dataclass(frozen=True, slots=True)
class Trouble:
    """A host that answers in some way from `start` to `end`: `down`, `busy` (503), `storm` (verification)."""

    host: str
    kind: str
    start: datetime
    end: datetime

    def holds(self, host: str, now: datetime) -> bool:
        return self.host == host and self.start <= now < self.end


def staged(count: int, seed: int) -> list[Staged]:
    """Return the articles: shares as of the whole, rounded; each fate hours to days after appearing.

    All is over ten days before the end, so that the revisit plan can see it. At least two are reposts, and
    the original of one of them is edited.
    """
    chance = random.Random(seed)
    fates: list[str | None] = []
    for fate, share in (("edited", EDITED), ("deleted", DELETED), ("violation", VIOLATION)):
        fates += [fate] * max(1, round(count * share))
    fates += [None] * (count - len(fates))
    chance.shuffle(fates)
    first = fates.index("edited")
    fates[first], fates[_EDITED_ORIGINAL] = fates[_EDITED_ORIGINAL], fates[first]
    found = []
    for number, fate in enumerate(fates):
        appears = START + timedelta(seconds=chance.uniform(0, 17 * 86_400))
        wechat = number % 5 < 4 and fate != "mfa"
        if fate == "violation":
            wechat = True
        when = appears + timedelta(seconds=chance.uniform(9, 120) * 3600) if fate else None
        url = wechat_url(number) if wechat else mfa_url(number, appears)
        found.append(Staged(number, url, appears, fate, when))
    return sorted(_with_reposts(found, chance), key=lambda one: one.appears)


def _with_reposts(articles: Sequence[Staged], chance: random.Random) -> list[Staged]:
    """Make reposts of some articles: each appears after its original was captured, before that is edited."""
    pages = [one for one in articles if not one.is_wechat]
    edited = [one for one in pages if one.number == _EDITED_ORIGINAL]
    originals = [
        replace(one, when=one.appears + timedelta(hours=chance.uniform(72, 120))) for one in edited
    ] + [one for one in pages if one.fate is None]
    free = [one for one in articles if one.is_wechat and one.fate is None]
    count = max(2, round(len(articles) * REPOSTED))
    made = {one.number: one for one in originals[:1]}
    for one, original in zip(free[:count], originals, strict=False):
        appears = original.appears + timedelta(hours=chance.uniform(14, 40))
        made[one.number] = replace(one, appears=appears, original=original)
    return [made.get(one.number, one) for one in articles]


def wechat_url(number: int) -> str:
    """Return the short link of an article of the observer's account."""
    return f"https://{WECHAT}/s/Simulated{number:013d}"


def mfa_url(number: int, appears: datetime, host: str = MFA) -> str:
    """Return the address of an article of the section, on one of the Ministry's hosts."""
    return f"https://{host}{SECTION}{appears:%Y%m}/t{appears:%Y%m%d}_{77_000_000 + number}.shtml"


def troubles() -> list[Trouble]:
    """Return outages of each host, a busy night and a storm of verification."""

    def at(day: float, hours: float, host: str, kind: str) -> Trouble:
        start = START + timedelta(days=day)
        return Trouble(host, kind, start, start + timedelta(hours=hours))

    return [
        at(2.3, 3, WECHAT, "down"),
        at(5.1, 5, MFA, "busy"),
        at(8.6, 2, FEEDS, "down"),
        at(10.2, 6, WECHAT, "storm"),
        at(13.4, 4, MFA, "down"),
    ]


SLOW = (START + timedelta(days=12), START + timedelta(days=13))
"""The slow day: each answer takes half a minute."""
SLOW_S = 30.0
