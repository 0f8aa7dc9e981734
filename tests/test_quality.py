"""The quality gate holds, and can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.quality import coverage, gate, main, saved
from benchmarks.quality.cells import Cell, Tally
from benchmarks.quality.gate import Measured, Pins
from benchmarks.quality.run import Run, measured, run

CELL = Cell("wechat", "article", "2025")


@pytest.fixture(scope="module")
def ours() -> Run:
    return run(None)


@pytest.fixture(scope="module")
def everything() -> Run:
    folder = saved.corpus()
    if folder is None:
        pytest.skip(
            "NO SAVED PAGES (HARVESTER_CORPUS or ../shared/corpus): nothing checked against real pages"
        )
    return run(folder)


@pytest.fixture
def now() -> Measured:
    return Measured(
        golden={"golden.facts": 1.0},
        golden_cells={CELL: Tally(2, 2)},
        fixtures_sha256="f",
        saved={"wechat.recall": 1.0, "generic.f1": 0.98765},
        saved_cells={CELL: Tally(3, 3)},
        corpus_sha256="c",
    )


@pytest.fixture
def pins(now: Measured) -> Pins:
    return gate.repinned(now, Pins())


def test_the_golden_part_of_the_gate_passes(ours: Run) -> None:
    """No floor is broken on pages of our own, and the floors were pinned for these very cases."""
    assert gate.faults(measured(ours), gate.load()) == []


@pytest.mark.corpus
def test_the_whole_gate_passes(everything: Run) -> None:
    """Saved pages are read as their gold says but for those excused by name; no excuse is idle."""
    assert gate.faults(measured(everything), gate.load()) == []
    assert saved.unneeded(list(everything.rows or ())) == []


@pytest.mark.corpus
def test_saved_pages_are_exact(everything: Run) -> None:
    """Recall and precision are 1, states and fields equal; told page by page where they are not."""
    wrong = [row for row in everything.rows or () if not row.exact]
    assert wrong == []


def test_the_coverage_page_is_what_is_pinned() -> None:
    """docs/coverage.md is made from the pins (else: `make quality ARGS=--update`)."""
    assert coverage.PATH.read_text("utf-8") == coverage.page(gate.load())


def test_floors_ask_for_exactness() -> None:
    """For the two publishers the floors are 1: nothing less may be pinned unnoticed."""
    floors = gate.load().floors
    for site in saved.PUBLISHERS:
        for name in ("states", "recall", "precision", "fields"):
            assert floors[f"{site}.{name}"] == 1.0
    assert floors["golden.facts"] == floors["golden.expected"] == 1.0
    assert floors["generic.f1-lead"] >= 0
    assert floors["generic.sane"] == 1.0


def test_a_run_as_pinned_passes(now: Measured, pins: Pins) -> None:
    """Floors are rounded down, so that what was pinned passes again."""
    assert pins.floors["generic.f1"] == 0.9876
    assert gate.faults(now, pins) == []


def test_a_measure_below_its_floor_fails(now: Measured, pins: Pins) -> None:
    """The name, the value and the floor are told."""
    worse = replace(now, saved={"wechat.recall": 0.999, "generic.f1": 0.99})
    assert gate.faults(worse, pins) == ["wechat.recall is 0.9990, its floor is 1.0000"]


def test_other_pages_need_other_pins(now: Measured, pins: Pins) -> None:
    """Floors hold for the pages they were measured on; a changed fixture or manifest is told."""
    assert gate.faults(replace(now, fixtures_sha256="g"), pins) != []
    assert gate.faults(replace(now, corpus_sha256="d"), pins) != []
    assert gate.faults(replace(now, golden_cells={CELL: Tally(2, 1)}), pins) != []


def test_a_measure_that_vanishes_or_has_no_floor_fails(now: Measured, pins: Pins) -> None:
    """Dropping a measure is no way past its floor."""
    assert gate.faults(replace(now, saved={"wechat.recall": 1.0}), pins) == [
        "generic.f1 is no longer measured"
    ]
    assert gate.faults(now, replace_floors(pins, {"golden.facts": 1.0})) != []


def test_without_saved_pages_their_pins_stay(now: Measured, pins: Pins) -> None:
    """Where the folder is absent, its floors and numbers are neither failed nor lost."""
    alone = replace(now, saved=None, saved_cells=None, corpus_sha256=None)
    assert gate.faults(alone, pins) == []
    assert gate.lowered(alone, pins) == []
    assert gate.repinned(alone, pins) == pins


def test_a_floor_is_lowered_only_with_a_reason(now: Measured, pins: Pins) -> None:
    """Lowered and dropped floors are named, and the CHANGELOG's unreleased section must name them too."""
    worse = replace(now, saved={"wechat.recall": 0.9})
    assert gate.lowered(now, pins) == []
    assert gate.lowered(worse, pins) == ["wechat.recall", "generic.f1"]
    log = "## [Unreleased]\n\n- Floor `wechat.recall` lowered: a new page.\n\n## [1.0]\n\n- `generic.f1`\n"
    assert gate.unexplained(gate.lowered(worse, pins), log) == ["generic.f1"]


def test_an_update_that_lowers_a_floor_is_refused(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--update` leaves the file alone and exits with 1 where a floor is higher than what is measured."""
    path = tmp_path / "floors.json"
    high = replace_floors(gate.load(), {**gate.load().floors, "golden.cases": 100_000.0})
    path.write_text(gate.text_of(high), "utf-8")
    monkeypatch.setattr(gate, "FLOORS", path)
    monkeypatch.setenv("HARVESTER_CORPUS", str(tmp_path))
    before = path.read_bytes()
    assert main(["--update"]) == 1
    assert main(["--update", "--allow-regression"]) == 1
    assert main([]) == 1
    told = capsys.readouterr().err
    assert "would lower golden.cases" in told
    assert "give the reason in CHANGELOG.md" in told
    assert "golden.cases is" in told
    assert path.read_bytes() == before


def test_an_excuse_holds_for_its_own_difference_only() -> None:
    """The same field with another difference is a fault again, and so is another field."""
    row = saved.Row(
        "p", CELL, "ok", "ok", 1.0, 1.0, ("images: 25 expected, 22 found", "title: a expected, b found")
    )
    assert saved.excusing(row, {("p", "images"): "25 expected, 23 found"}).wrong == row.wrong
    kept = saved.excusing(row, {("p", "images"): "25 expected, 22 found"})
    assert kept.wrong == ("title: a expected, b found",)
    assert kept.excused == ("images",)


def replace_floors(pins: Pins, floors: dict[str, float]) -> Pins:
    return Pins(
        fixtures_sha256=pins.fixtures_sha256,
        corpus_sha256=pins.corpus_sha256,
        floors=floors,
        cells=pins.cells,
    )
