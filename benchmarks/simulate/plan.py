"""What is staged: which articles appear when, and what becomes of them. Pure, from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from fixtures.content import MfaArticle, WechatArticle, para
from fixtures.stories import lighthouse_article, statement_original

START = datetime(2026, 3, 14, tzinfo=UTC)
"""Clocks change in New York six days before the start of spring, in Berlin on 29 March."""
DAYS = 30
EDITED, DELETED, VIOLATION = 0.10, 0.08, 0.03
WECHAT, MFA, FEEDS = "mp.weixin.qq.com", "www.mfa.gov.cn", "feeds.example.org"
FEED = f"https://{FEEDS}/account.json"
SECTION = "/web/simulated_1/"
LISTING = f"https://{MFA}{SECTION}"


@dataclass(frozen=True, slots=True)
class Staged:
    """One article: when it appears, and what becomes of it (`edited`, `deleted`, `violation`, None) when."""

    number: int
    url: str
    appears: datetime
    fate: str | None
    when: datetime | None

    @property
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

    All is over ten days before the end, so that the revisit plan can see it.
    """
    chance = random.Random(seed)
    fates: list[str | None] = []
    for fate, share in (("edited", EDITED), ("deleted", DELETED), ("violation", VIOLATION)):
        fates += [fate] * max(1, round(count * share))
    fates += [None] * (count - len(fates))
    chance.shuffle(fates)
    found = []
    for number, fate in enumerate(fates):
        appears = START + timedelta(seconds=chance.uniform(0, 17 * 86_400))
        wechat = number % 5 < 4 and fate != "mfa"
        if fate == "violation":
            wechat = True
        when = appears + timedelta(seconds=chance.uniform(9, 120) * 3600) if fate else None
        url = wechat_url(number) if wechat else mfa_url(number, appears)
        found.append(Staged(number, url, appears, fate, when))
    return sorted(found, key=lambda one: one.appears)


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


def wechat_article(one: Staged, *, edited: bool) -> WechatArticle:
    """Return the article of the observer's account as it stands."""
    base = lighthouse_article()
    extra = [para(f"第{one.number}号观测记录，编号{one.number * 7919}。")]
    if edited:
        extra.append(para("更正：上一段的编号有误。"))
    published = int(one.appears.timestamp())
    return replace(
        base,
        title=f"{base.title}（{one.number}）",
        blocks=(*base.blocks, *extra),
        mid=2_600_000_000 + one.number,
        sn=f"{one.number:032x}",
        short_id=f"Simulated{one.number:013d}",
        published=published,
        modified=int(one.when.timestamp()) if edited and one.when else 0,
    )


def mfa_article(one: Staged, *, edited: bool) -> MfaArticle:
    """Return the Ministry's page as it stands; nothing on it tells of an edit."""
    base = statement_original()
    extra = [para(f"第{one.number}号附言。")]
    if edited:
        extra.append(para("双方不排除进一步磋商。"))
    return replace(
        base,
        title=f"{base.title}（{one.number}）",
        blocks=(*base.blocks, *extra),
        posted=f"{one.appears + timedelta(hours=8):%Y-%m-%d %H:%M}",
        url=one.url,
    )
