"""The names that the journal has told of: always what it tells now, whatever became of it or of the list."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.config import load
from harvester.watch import adding, journal
from harvester.watch.listed import Listed
from harvester.watch.names import Names, marks_of, names_of
from harvester.watch.sources import Link

NOW = datetime(2026, 5, 8, 9, 0, tzinfo=UTC)
MFA = "https://www.mfa.gov.cn/web/fyrbt_673021/t2026050{}_1130153{}.shtml"
URLS = [MFA.format(number, number) for number in range(1, 7)]
FOUND = Path("journal") / journal.FOUND
LIST = Path("library/names-found.sqlite")
PROCESS = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from harvester.watch import adding, journal
from harvester.watch.names import Names
from harvester.watch.sources import Link
directory, urls = Path(sys.argv[1]), sys.argv[3:]
"""
ADD = "for url in urls: adding.add(directory, [Link(url)], via='by hand', now=datetime.now(UTC))"
DIE = """
with Names(directory, journal.FOUND, journal.Find) as names, names.growing():
    journal.append(directory, journal.FOUND, [journal.Find(at='t', url=urls[0], watch='w', via='v')])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def added(directory: Path, *urls: str) -> adding.Added:
    return adding.add(directory, map(Link, urls), via="added by hand", now=NOW)


def told(directory: Path) -> set[str]:
    """Which of the URLs are told of, by the list."""
    marks = marks_of(directory, journal.FOUND, journal.Find)
    return {url for url in URLS if marks.has_any(names_of(url))}


def started(script: str, directory: Path, *urls: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROCESS + script, str(directory), "--", *urls])


def edited(directory: Path) -> None:
    """An editor changes a URL for another of the same length."""
    path = directory / FOUND
    path.write_bytes(path.read_bytes().replace(URLS[1].encode(), URLS[4].encode()))


def replaced(directory: Path) -> None:
    """Another journal stands in its place, with one more line before the others."""
    path = directory / FOUND
    lines = path.read_bytes()
    path.unlink()
    journal.append(directory, journal.FOUND, [journal.Find(at="t", url=URLS[5], watch="w", via="v")])
    path.write_bytes(path.read_bytes() + lines)


def cut(directory: Path) -> None:
    """The last line is gone."""
    path = directory / FOUND
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def unended(directory: Path) -> None:
    """An editor forgot the end of the last line."""
    path = directory / FOUND
    path.write_bytes(path.read_bytes()[:-1])


def lost(directory: Path) -> None:
    """The list is deleted."""
    (directory / LIST).unlink()


def damaged(directory: Path) -> None:
    """The list is damaged."""
    (directory / LIST).write_bytes(b"no database" * 999)


def older(directory: Path) -> None:
    """The list is of before, as from a copy; the journal has grown since."""
    kept = (directory / LIST).read_bytes()
    added(directory, URLS[3])
    (directory / LIST).write_bytes(kept)


def gone(directory: Path) -> None:
    """The journal is deleted."""
    (directory / FOUND).unlink()


@pytest.mark.parametrize(
    ("happens", "stands"),
    [
        (edited, {0, 2, 4}),
        (replaced, {0, 1, 2, 5}),
        (cut, {0, 1}),
        (unended, {0, 1, 2}),
        (lost, {0, 1, 2}),
        (damaged, {0, 1, 2}),
        (older, {0, 1, 2, 3}),
        (gone, set()),
    ],
)
def test_the_journal_is_the_truth(tmp_path: Path, happens: Callable[[Path], None], stands: set[int]) -> None:
    """Whatever becomes of the journal or of the list, what is known is what the journal tells, no more."""
    added(tmp_path, *URLS[:3])
    happens(tmp_path)
    assert told(tmp_path) == {URLS[number] for number in stands}
    again = added(tmp_path, *URLS)
    assert {one.url for one in again.known} == {URLS[number] for number in stands}
    assert [one.find.url for one in again.known] == [one.url for one in again.known]
    assert told(tmp_path) == set(URLS)
    assert [find.url for find in journal.read(tmp_path, journal.FOUND, journal.Find)].count(URLS[0]) == 1


def test_other_rules_name_anew(tmp_path: Path) -> None:
    """What was named by another version of the program or of a publisher's rules is named again."""
    added(tmp_path, URLS[0])
    with Names(tmp_path, journal.FOUND, journal.Find) as names:
        with names.transaction():
            names._run("update read set rules = 'older'")
            names._run("delete from names")
        names.look()
        assert names.marks().has_any(names_of(URLS[0]))


def test_what_the_configuration_names(tmp_path: Path) -> None:
    """A page is the first watch's that names it, as files of links are now; one that is away names none."""
    file = tmp_path / "links.txt"
    config = tmp_path / "harvester.toml"
    config.write_text(
        f'[[watch]]\nname = "one"\nurls = ["{URLS[0]}"]\n'
        '[[watch]]\nname = "two"\nfiles = ["links.txt", "away.txt"]\n',
        encoding="utf-8",
    )
    loaded = load(config)

    def watches(lines: list[str]) -> dict[str, str]:
        file.write_text("\n".join(lines), encoding="utf-8")
        with Listed(tmp_path, loaded) as listed:
            marks = listed.marks()
            found = {url: listed.watches_of(names_of(url)) for url in URLS}
        assert [url for url in URLS if marks.has_any(names_of(url))] == [url for url in URLS if found[url]]
        return {url: next(iter(told.values())) for url, told in found.items() if told}

    assert watches(URLS[:2]) == {URLS[0]: "one", URLS[1]: "two"}
    assert watches(URLS[:2]) == {URLS[0]: "one", URLS[1]: "two"}
    assert watches([URLS[2]]) == {URLS[0]: "one", URLS[2]: "two"}
    (tmp_path / "library/names-listed.sqlite").unlink()
    assert watches([URLS[2]]) == {URLS[0]: "one", URLS[2]: "two"}


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The list is then kept in memory: what is known is told all the same."""
    (tmp_path / "library").write_bytes(b"a file in its place")
    added(tmp_path, URLS[0])
    assert told(tmp_path) == {URLS[0]}
    assert added(tmp_path, URLS[0]).new == ()


def test_killed_between_journal_and_list(tmp_path: Path) -> None:
    """What a killed process wrote into the journal is known, though its list says nothing of it."""
    added(tmp_path, URLS[0])
    assert started(DIE, tmp_path, URLS[1]).wait(60) < 0
    assert told(tmp_path) == set(URLS[:2])
    assert [one.url for one in added(tmp_path, *URLS[:3]).new] == [URLS[2]]


def test_two_add_at_once(tmp_path: Path) -> None:
    """What two processes add at the same time is written down once."""
    both = [started(ADD, tmp_path, *URLS), started(ADD, tmp_path, *reversed(URLS))]
    assert [process.wait(60) for process in both] == [0, 0]
    finds = journal.read(tmp_path, journal.FOUND, journal.Find)
    assert sorted(find.url for find in finds) == URLS
