"""Journals joined: sets of lines, by time, only ever appended to."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.discover.candidates import FILE, Candidate, Candidates, Decision
from harvester.handoff import lines as handoff
from harvester.merging.lines import merge_lines
from harvester.watch.journal import FOLDER, NOTES, Note, append, append_raw, tags_of

TIMES = st.integers(0, 59).map(lambda n: f"2026-01-01T00:00:{n:02d}Z")
NOTED = st.builds(lambda at, text: json.dumps({"at": at, "about": "u", "text": text}), TIMES, st.text("ab"))
ODD = st.sampled_from(['{"at": "2026-01-01T0', "[]", "7", ""])
JOURNAL = st.lists(st.one_of(NOTED, NOTED, ODD), max_size=8)


def written(root: Path, lines: list[str]) -> Path:
    root.mkdir()
    append_raw(root, NOTES, [line.encode() for line in lines])
    return root


def said(root: Path) -> list[dict[str, str]]:
    path = root / FOLDER / NOTES
    lines = path.read_text().splitlines() if path.exists() else []
    values = []
    for line in lines:
        try:
            values.append(json.loads(line))
        except ValueError:
            continue
    return [value for value in values if isinstance(value, dict)]


@settings(max_examples=40)
@given(JOURNAL, JOURNAL, JOURNAL)
def test_a_union_by_time(own: list[str], one: list[str], two: list[str]) -> None:
    """The target keeps its bytes and gets each line that it has not, once, by time; then nothing more."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        target, sources = written(root / "t", own), [written(root / "1", one), written(root / "2", two)]
        before = (target / FOLDER / NOTES).read_bytes() if own else b""
        wanted = [*said(target), *said(sources[0]), *said(sources[1])]
        lines = merge_lines(sources, target)
        path = target / FOLDER / NOTES
        after = path.read_bytes() if path.exists() else b""
        assert after.startswith(before)
        assert {tuple(value.items()) for value in said(target)} == {tuple(one.items()) for one in wanted}
        came = [json.loads(line) for line in after[len(before) :].splitlines() if line]
        assert came == sorted(came, key=lambda value: value["at"])
        assert len(came) == lines.new.get(NOTES, 0) == len({tuple(value.items()) for value in came})
        assert merge_lines(sources, target).new == {}
        assert (path.read_bytes() if path.exists() else b"") == after


def test_tags_stand_by_time() -> None:
    """A tag that came by a merge, behind the line that took it back later, is taken back."""
    added = Note(at="2026-01-01T00:00:00Z", about="u", tag="x")
    taken = Note(at="2026-01-02T00:00:00Z", about="u", untag="x")
    assert tags_of([taken, added]) == tags_of([added, taken]) == ()


def test_what_stands_after_a_merge_stands_by_time(tmp_path: Path) -> None:
    """An older line that came behind a newer one decides nothing: of a hand-off, and of a candidate."""
    url = "https://mp.weixin.qq.com/s/MergedLinesFixture0001"
    old, new = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"
    first = handoff.Line(at="2025-12-01T00:00:00Z", what="asked", url=url)
    saved = handoff.Line(at=new, what="saved", url=url, id="x")
    handoff.append(tmp_path, [first, saved, handoff.Line(at=old, what="asked", url=url)])
    assert handoff.read(tmp_path).open == {}
    found = Candidate(at="2025-12-01T00:00:00Z", url=url, route="list", via="a list")
    decided = [Decision(at=new, url=url, decision="rejected"), Decision(at=old, url=url, decision="approved")]
    append(tmp_path, FILE, [found, *decided])
    assert Candidates(tmp_path)._decided[url].decision == "rejected"
