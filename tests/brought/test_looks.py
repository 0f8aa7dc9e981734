"""Looking at tables and selections by themselves: what no command line brings about."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from harvester.engines.engine import no_beat
from harvester.errors import UsageError
from harvester.rebuild import rebuild
from harvester.rebuild.brought.looks import SelectionLook, TableLook
from harvester.rebuild.inputs import units_of
from harvester.rebuild.look import Terms
from harvester.rebuild.unit import Options, Unit

PAGE = "<html><body><p>" + "海湾小学阅览室今天开门。" * 40 + "</p></body></html>"
LINE = msgspec.json.encode({"html": PAGE, "url": "https://a.example/"}) + b"\n"


def planned(path: Path) -> Unit:
    (unit,) = units_of([path])
    return unit


def looked(unit: Unit, tmp_path: Path, **options: float) -> TableLook:
    return TableLook(unit, Terms(tmp_path, Options(**options)), no_beat)  # type: ignore[arg-type]  # by name


def test_a_poisoned_row_is_left_alone(tmp_path: Path) -> None:
    """A row that ended two workers is told of and not read; the others are."""
    (tmp_path / "x.jsonl").write_bytes(LINE * 3)
    unit = msgspec.structs.replace(planned(tmp_path / "x.jsonl"), poisoned=(2,))
    rows = [item.row for item in looked(unit, tmp_path)]
    assert [row and row.outcome for row in rows] == ["ok", "failed", "ok"]
    assert rows[1] is not None
    assert "two worker processes died" in (rows[1].detail or "")


def test_a_row_that_takes_too_long(tmp_path: Path) -> None:
    """The deadline of a record holds for rows, too."""
    large = f"<html><body>{PAGE * 300}</body></html>"  # takes many ticks of the kernel's clock
    (tmp_path / "x.jsonl").write_bytes(msgspec.json.encode({"html": large}))
    look = looked(planned(tmp_path / "x.jsonl"), tmp_path, deadline_s=1e-6)
    (item,) = look
    assert item.row is not None
    assert "did not end in 1e-06 s" in (item.row.detail or "")
    assert look.told().looked_at == 1


@pytest.mark.parametrize("kind", ["gone", "changed"])
def test_a_file_that_is_not_what_was_planned(kind: str, tmp_path: Path) -> None:
    """A table that went away or became something else after it was planned is a problem of its unit."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(LINE)
    unit = planned(path)
    path.unlink() if kind == "gone" else path.write_bytes(b"\x1f\x8b\x08 no gzip")
    look = looked(unit, tmp_path)
    assert list(look) == []
    (problem,) = look.told().problems
    assert problem.kind == ("unreadable" if kind == "gone" else "damaged")
    assert str(tmp_path) not in problem.detail


def test_a_file_that_a_selection_misses_is_told_of_once(tmp_path: Path) -> None:
    """Every line has its row, and the report one entry for the file, with how many there are."""
    line = '{"filename": "gone.warc.gz", "offset": %d, "length": 1}\n'
    (tmp_path / "x.cdxj").write_text("".join(line % number for number in range(5)), encoding="utf-8")
    report = rebuild([tmp_path / "x.cdxj"], tmp_path / "out")
    assert (report.outcomes, len(report.failed)) == ({"failed": 5}, 1)
    assert report.failed[0].endswith("(and 4 more like it)")


def test_a_selection_that_is_gone(tmp_path: Path) -> None:
    """The same for a CDXJ."""
    path = tmp_path / "x.cdxj"
    path.write_text('{"filename": "a", "offset": 1, "length": 1}\n', encoding="utf-8")
    unit = planned(path)
    path.unlink()
    look = SelectionLook(unit, Terms(tmp_path, Options()), no_beat)
    assert list(look) == []
    assert [problem.kind for problem in look.told().problems] == ["unreadable"]


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 is refused with the cure: its name could not stand in a table."""
    path = tmp_path / os.fsdecode(b"a\xff.jsonl")
    path.write_bytes(LINE)
    with pytest.raises(UsageError, match=r"a\\udcff\.jsonl is no name in UTF-8: rename"):
        units_of([path])
