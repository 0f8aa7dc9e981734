"""What is staged in real time: which articles appear when on which host, and what becomes of them. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.simulate import plan
from benchmarks.simulate.plan import MFA, WECHAT, Staged, Trouble

CROWD = "www.fmprc.gov.cn"
"""A host without pace (it is mapped to this machine), so that much happens while runners are killed."""
STORMY = "gb.china-embassy.gov.cn"
"""A host that demands verification."""
PACED = (WECHAT, MFA, STORMY)
STEP_S = 60.0
"""An article is looked at again so long after its first visit, and then no more."""
_VERIFIED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wave:
    """Articles that appear at a moment and change at another (seconds from the start), by host."""

    appears_s: float
    changes_s: float
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the run: how long at least, its waves, when the storm begins, between when kills may be."""

    seconds: float
    waves: tuple[Wave, ...]
    storm_s: float
    kills: int
    kills_between_s: tuple[float, float]
    kills_apart_s: float


SMALL = Form(
    seconds=14.0,
    waves=(Wave(0.0, 0.0, {WECHAT: 3, CROWD: 8, STORMY: 2}),),
    storm_s=0.0,
    kills=2,
    kills_between_s=(2.5, 9.0),
    kills_apart_s=3.0,
)
"""Too short for a second visit: what is deleted is so from the start, and the storm is there."""
LARGE = Form(
    seconds=180.0,
    waves=(
        Wave(0.0, 55.0, {WECHAT: 4, MFA: 3, CROWD: 12, STORMY: 3}),
        Wave(45.0, 120.0, {WECHAT: 3, MFA: 2, CROWD: 12}),
    ),
    storm_s=50.0,
    kills=10,
    kills_between_s=(4.0, 150.0),
    kills_apart_s=8.0,
)
"""The first wave is captured before it changes and looked at again after; the second, found at the second
look at its source, likewise. The stormy host is asked once more, and then no more.
"""


def staged(form: Form, start: datetime, seed: int) -> list[Staged]:
    """Return the articles: of each host's in a wave the first is deleted or edited, then every third one."""
    chance = random.Random(seed)
    found: list[Staged] = []
    for wave in form.waves:
        appears = start + timedelta(seconds=wave.appears_s)
        changes = start + timedelta(seconds=wave.changes_s)
        for host, count in wave.counts.items():
            fates: list[str | None] = [_fate(host, wave, number) for number in range(count)]
            chance.shuffle(fates)
            for fate in fates:
                number = len(found)
                url = _url(host, number, appears)
                found.append(Staged(number, url, appears, fate, changes if fate else None))
    return found


def _fate(host: str, wave: Wave, number: int) -> str | None:
    if host == STORMY or number % 3:
        return None
    if host == WECHAT and number == 0:
        return "deleted"
    return "edited" if wave.changes_s > wave.appears_s else None


def _url(host: str, number: int, appears: datetime) -> str:
    if host == WECHAT:
        return plan.wechat_url(number)
    return plan.mfa_url(number, appears, host)


def storm(form: Form, start: datetime) -> Trouble:
    """Return the storm of verification: it does not end."""
    begins = start + timedelta(seconds=form.storm_s)
    return Trouble(STORMY, "storm", begins, begins + _VERIFIED_FOR)


def kill_moments(form: Form, seed: int) -> list[float]:
    """Return when runners are killed (seconds from the start), at random, a while apart."""
    chance = random.Random(seed)
    first, last = form.kills_between_s
    free = last - first - form.kills_apart_s * (form.kills - 1)
    drawn = sorted(chance.uniform(0, free) for _ in range(form.kills))
    return [first + at + number * form.kills_apart_s for number, at in enumerate(drawn)]


def story_of(one: Staged, form: Form) -> tuple[str, ...]:
    """Return the events that are to be told of an article."""
    if one.host == STORMY and form.storm_s <= 0:
        return ()
    if one.fate is None:
        return ("captured",)
    if one.when == one.appears:
        return ("reported-gone",)
    return ("captured", "edited" if one.fate == "edited" else "reported-gone")


def hosts_listed(articles: Sequence[Staged]) -> list[str]:
    """Return the hosts whose section a watch looks at."""
    return [host for host in (MFA, CROWD) if any(one.host == host for one in articles)]
