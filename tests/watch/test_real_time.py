"""Real runners over a loopback origin, killed and competing: as `make simulate-real` runs them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.simulate.real import staging
from benchmarks.simulate.real.__main__ import run
from benchmarks.simulate.real.judge import manners
from benchmarks.simulate.world import Asked
from fixtures.site import HOSTS

HOST = staging.PACED[0]


@pytest.mark.parametrize("form", [staging.SMALL, pytest.param(staging.LARGE, marks=pytest.mark.slow)])
def test_runners_that_are_killed_and_compete(tmp_path: Path, form: staging.Form) -> None:
    """What was staged is told once; pace, breakers and intervals are kept; another runner takes over."""
    found = run(tmp_path, form, seed=2)
    assert found.wrong == []
    assert found.told.staged == found.told.told
    assert found.killed == form.kills
    assert found.refused > 0
    assert found.manners.repeated <= form.kills


def ask(at_s: float, target: str = "/a", host: str = HOST, answer: str = "ok") -> Asked:
    return Asked(host, target, at_s, answer)


@pytest.mark.parametrize(
    ("log", "kills", "wrong"),
    [
        ([ask(0), ask(5.1, "/b")], [], 0),
        ([ask(0), ask(4.9, "/b")], [], 1),
        ([ask(0), ask(4.9, "/b")], [0.1], 0),
        ([ask(0), ask(4.0, "/b")], [0.1], 1),
        ([ask(0), ask(30)], [], 1),
        ([ask(0), ask(30)], [0.2], 0),
        ([ask(0), ask(30), ask(59)], [0.2], 1),
        ([ask(0, answer="storm"), ask(900, "/b")], [], 1),
        ([ask(0, answer="storm"), ask(10, "/b", answer="storm"), ask(20, "/c")], [0.3], 1),
        ([ask(0, host=staging.CROWD), ask(0.2, "/b", host=staging.CROWD)], [], 0),
    ],
)
def test_the_judge_can_say_no(log: list[Asked], kills: list[float], wrong: int) -> None:
    """Too close, twice within its interval, at an open breaker: wrong, but for what a kill cut off."""
    assert len(manners(log, kills).wrong) == wrong


def test_what_is_staged_can_be_served() -> None:
    """The hosts have certificates of the origin, and kills lie where the form says, apart."""
    assert {*staging.PACED, staging.CROWD} <= set(HOSTS)
    for form in (staging.SMALL, staging.LARGE):
        moments = staging.kill_moments(form, seed=5)
        assert form.kills_between_s[0] <= moments[0] < moments[-1] <= form.kills_between_s[1]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert min(gaps) >= form.kills_apart_s
