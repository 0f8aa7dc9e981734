"""`harvester index`: CDXJ of any web archives; and one capture found by URL and time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from fixtures import Origin
from fixtures.behaviours import by_visit, plain
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.times import moment_of

ARTICLE = lighthouse_article()
URL = ARTICLE.short_url
BARE = ("--no-images", "--no-requisites")
PAGES = [article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce=n)) for n in ("1", "2", "3")]


@pytest.fixture
def archive(harvester: Any, serve: Callable[..., Origin]) -> Path:
    """An archive with three visits of one page."""
    origin = serve({URL: by_visit({n: plain(page) for n, page in enumerate(PAGES, 1)}, plain(PAGES[0]))})
    for _ in PAGES:
        assert harvester("fetch", URL, "--archive", "a", *BARE, *origin.options).code == 0
    return Path("a")


def test_the_lines_are_those_of_cdxj_indexer(harvester: Any, archive: Path) -> None:
    """Byte for byte, sorted by bytes, one line for each capture of the page and each certificate."""
    indexer = Path(sys.executable).with_name("cdxj-indexer")
    if not indexer.exists():
        pytest.skip("NOT COMPARED: cdxj-indexer is not installed")
    warcs = sorted(str(path) for path in (archive / "warc").glob("*.warc.gz"))
    theirs = subprocess.run([indexer, "--sort", *warcs], capture_output=True, check=True).stdout
    ours = harvester("index", archive, "--output", "out.cdxj")
    assert ours.code == 0, ours.err
    assert Path("out.cdxj").read_bytes() == theirs
    assert theirs.count(b" 20") >= len(PAGES)


def test_a_package_and_its_warc_give_the_same_lines(harvester: Any, archive: Path) -> None:
    """A WACZ is read in place, and `filename` is the file's own name inside it."""
    assert harvester("export", "--archive", archive, "--wacz", "p.wacz").code == 0
    assert harvester("export", "--archive", archive, "--warc", "p.warc.gz").code == 0
    inside, plain_file = harvester("index", "p.wacz").out, harvester("index", "p.warc.gz").out
    times = {line.split()[1] for line in plain_file.splitlines()}
    assert {line.split()[1] for line in inside.splitlines()} >= times
    assert '"filename": "data.warc.gz"' in inside


def test_what_is_whole_of_a_damaged_file_is_listed(harvester: Any, archive: Path) -> None:
    """The damage is told on stderr and by exit 1; the records before it have their lines."""
    source = min((archive / "warc").glob("*.warc.gz"))
    Path("cut.warc.gz").write_bytes(source.read_bytes()[:-50])
    whole, cut = harvester("index", source), harvester("index", "cut.warc.gz")
    assert (whole.code, cut.code) == (0, 1)
    assert "damaged" in cut.err
    assert 0 < len(cut.out.splitlines()) < len(whole.out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.warc.gz",), "does not exist"),
        (("empty",), "no WARC"),
        (("a", "--json"), "--output"),
        (("a", "--output", "there"), "exists already"),
    ],
)
def test_calls_that_cannot_be_answered(
    harvester: Any, archive: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Usage errors say what to do, and nothing is written."""
    Path("empty").mkdir()
    Path("there").write_text("mine")
    answer = harvester("index", *arguments)
    assert answer.code == 2
    assert said in answer.err + answer.out
    assert Path("there").read_text() == "mine"


def test_json_says_what_was_done(harvester: Any, archive: Path) -> None:
    """Number of lines, where they are, and what was damaged."""
    answer = harvester("index", archive, "--output", "out.cdxj", "--json")
    assert answer.json == {
        "lines": len(Path("out.cdxj").read_text().splitlines()),
        "output": "out.cdxj",
        "damaged": [],
    }


def test_no_room_for_the_output_leaves_nothing(harvester: Any, archive: Path) -> None:
    """A file that cannot be written is a storage error, and no part of it stays."""
    answer = harvester("index", archive, "--output", "no-such-folder/out.cdxj")
    assert answer.code == 5
    assert "no-such-folder" in answer.err


def test_a_reader_that_stops_reading_is_no_fault(harvester: Any, archive: Path) -> None:
    """A pipe that is closed early ends the command quietly."""
    command = f"{sys.executable} -m harvester index a a a a | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert b"cannot write" not in done.stderr
    assert done.returncode != 5


def test_a_changed_listing_is_found_and_made_again(harvester: Any, archive: Path) -> None:
    """The CDXJ beside the index: made when the archive is closed, held against it by check, made again."""
    listings = sorted((archive / "index").glob("*.cdxj"))
    assert len(listings) == len(PAGES)
    whole = listings[0].read_bytes()
    for changed in (whole[:-1], whole + whole, whole.replace(b"200", b"201"), b""):
        listings[0].write_bytes(changed)
        assert "E067" in harvester("check", archive).out
        assert harvester("reindex", "--archive", archive).code == 0
        assert listings[0].read_bytes() == whole
    listings[0].unlink()
    assert harvester("check", archive).code == 0


def test_a_capture_is_found_by_url_and_time(harvester: Any, archive: Path) -> None:
    """`URL@TIME` is the nearest visit; the index finds the same record, under any spelling of the URL."""
    with Archive.open(archive) as held:
        visits = held.find(URL, type="response")
        assert len(visits) == len(PAGES)
        first, *_, last = visits
        assert held.closest(URL, first.date - timedelta(days=1)) == first
        assert held.closest(URL.replace("https://", "http://"), last.date + timedelta(days=1)) == last
        assert held.closest(URL, visits[1].date) == visits[1]
        assert held.closest("https://mp.weixin.qq.com/s/None", last.date) is None
    for stamp, wanted in (("1999", first), ("20991231", last)):
        shown = json.loads(harvester("show", f"{URL}@{stamp}", "--archive", archive).out)
        assert shown["provenance"]["record_id"] == wanted.record_id


def test_an_index_of_an_older_form_is_made_again(harvester: Any, archive: Path) -> None:
    """Reading asks for `reindex`; the next command that writes does it by itself."""
    import sqlite3

    database = archive / "index" / "records.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    answer = harvester("list", "--archive", archive)
    assert answer.code == 5
    assert "harvester reindex" in answer.err
    assert harvester("reindex", "--archive", archive).code == 0
    assert harvester("list", "--archive", archive).code == 0
    shutil.rmtree(archive)


def test_tables_of_another_form_are_made_anew(harvester: Any, archive: Path) -> None:
    """What `check` finds wrong with the index's own tables, `reindex` mends, as it is advised to."""
    import sqlite3

    with sqlite3.connect(archive / "index" / "records.sqlite") as connection:
        connection.execute("ALTER TABLE records ADD COLUMN stray TEXT")
    connection.close()
    assert "E066" in harvester("check", archive).out
    assert harvester("reindex", "--archive", archive).code == 0
    assert harvester("check", archive).code == 0


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("20260508", datetime(2026, 5, 8, tzinfo=UTC)),
        ("20260508143059", datetime(2026, 5, 8, 14, 30, 59, tzinfo=UTC)),
        ("20261301", None),
        ("202", None),
        ("2026050x", None),
        ("٢٠٢٦", None),
        ("0000", None),
    ],
)
def test_time_stamps(stamp: str, moment: datetime | None) -> None:
    """Fourteen digits or their beginning; nothing else is guessed at."""
    assert moment_of(stamp) == moment
