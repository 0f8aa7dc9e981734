"""A month of watching, small: as `make simulate` runs it with 200 articles."""

from __future__ import annotations

from benchmarks.simulate import plan
from benchmarks.simulate.__main__ import simulate, workplace
from benchmarks.simulate.judge import judge


def test_a_month_is_told_as_it_was_staged() -> None:
    """Every staged event once, nothing else, over outages, a storm, kills, a full disk."""
    with workplace() as folder:
        verdict, died, faults = simulate(folder, 12, seed=3)
        # The judge can say no: held against other stagings, the same archive is wrong.
        assert judge(folder, plan.staged(12, seed=4), []).wrong
    assert verdict.wrong == []
    assert verdict.staged == verdict.told
    assert {"captured", "edited", "gone", "reported-gone"} <= verdict.told.keys()
    assert (died, faults > 0) == (3, True)
