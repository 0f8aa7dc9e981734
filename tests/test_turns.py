"""Hosts take turns: the pause owed to one is spent on another, and each host's own order is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.capture.options import CaptureOptions
from harvester.capture.pace import Pace
from harvester.turns import Turns

ITEMS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=40)


class SetByHand:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic_s(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def taken(items: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[float], float]:
    """Return the order in which items were taken, when each host was asked, and how long all took."""
    clock = SetByHand()
    pace = Pace(None, clock, CaptureOptions(asset_interval_s=0.5, jitter_fraction=0.0), jitter=lambda: 0.0)
    turns: Turns[tuple[str, int]] = Turns()
    for item in items:
        turns.add(item[0], item)
    order, times, began = [], [], clock.now().timestamp()
    while item := turns.take(lambda one: pace.due_in_s(one[0], "asset")):
        pace.wait(item[0], "asset")
        order.append(item)
        times.append(clock.now().timestamp())
        pace.done(item[0], "asset")
    pace.close()
    return order, times, clock.now().timestamp() - began


@given(ITEMS)
def test_every_item_once_in_its_hosts_order(items: list[tuple[str, int]]) -> None:
    """Nothing is lost or doubled, and each host gets what is its own in the order in which it was added."""
    order, _, _ = taken(items)
    for host in "abc":
        assert [one for one in order if one[0] == host] == [one for one in items if one[0] == host]


@given(ITEMS)
def test_no_host_is_asked_too_soon_and_none_waits_for_another(items: list[tuple[str, int]]) -> None:
    """Requests to a host stay half a second apart; all is done when the longest queue is."""
    order, times, total = taken(items)
    for host in "abc":
        own = [at for one, at in zip(order, times, strict=True) if one[0] == host]
        assert all(later - sooner >= 0.499 for sooner, later in pairwise(own))
    longest = max((sum(one[0] == host for one in items) for host in "abc"), default=0)
    assert abs(total - 0.5 * max(0, longest - 1)) < 0.01


def test_a_host_that_is_given_up_is_gone() -> None:
    """What was queued for it comes back, and nothing of it is taken any more."""
    turns: Turns[tuple[str, int]] = Turns()
    for item in (("a", 1), ("b", 1), ("a", 2)):
        turns.add(item[0], item)
    assert turns.drop("a") == (("a", 1), ("a", 2))
    assert turns.drop("a") == ()
    assert turns.take(lambda _: 0.0) == ("b", 1)
    assert turns.take(lambda _: 0.0) is None
