"""Standard streams that are closed or full, inputs without end, and Ctrl-C: the exit code stays true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin
from fixtures.behaviours import plain
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
SHELL = '"$0" -m harvester "$@" '
GIB = 1 << 30


def shell(folder: Path, redirections: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, its streams as the shell is told to set them."""
    return subprocess.run(
        ["/bin/sh", "-c", SHELL + redirections, sys.executable, *map(str, arguments)],
        capture_output=True,
        cwd=folder,
        check=False,
        env={**os.environ, "HARVESTER_STATE": str(folder / "state")},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_bytes(PAGE)
    return tmp_path


@pytest.mark.parametrize(
    "redirections",
    [
        "2>/dev/full",
        ">&- 2>&- <&-",
        *(pytest.param(way, marks=pytest.mark.slow) for way in ("2>&-", "2>&- <&-")),
    ],
)
def test_lost_messages_do_not_change_the_exit_code(
    folder: Path, serve: Callable[..., Origin], redirections: str
) -> None:
    """A capture that is done is done, whether or not anyone could be told; no WARC gets a message."""
    origin = serve({ARTICLE.short_url: plain(PAGE)})
    more = ("--archive", "a", "--no-images", "--no-requisites", *origin.options)
    assert shell(folder, redirections, "fetch", ARTICLE.short_url, *more).returncode == 0
    assert shell(folder, redirections, "list", "--archive", "a").returncode == 0
    assert shell(folder, redirections, "check", "a").returncode == 0
    assert shell(folder, redirections, "show", "nobody", "--archive", "a").returncode == 2


def test_results_that_cannot_be_written_are_told(folder: Path) -> None:
    """A full stdout is an error, unlike a full stderr: the result is lost."""
    assert shell(folder, ">/dev/full", "extract", "page.html").returncode == 5


@pytest.mark.parametrize(
    "arguments", [("extract", "-"), ("fetch", "--from", "-", "--archive", "a"), ("list",)], ids=" ".join
)
def test_a_closed_standard_input_is_a_matter_of_usage(folder: Path, arguments: tuple[str, ...]) -> None:
    """What cannot be read from a closed stdin is said, exit 2."""
    done = shell(folder, "<&-", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"harvester: ")


ENDLESS = (
    ("fetch", "--from", "big", "--archive", "a"),
    ("run", "big"),
    ("fetch", ARTICLE.short_url, "--archive", "a", "--ca-file", "big"),
    ("extract", "big"),
    ("verify", "big", "page.html"),
)


@pytest.mark.parametrize("arguments", ENDLESS, ids=" ".join)
def test_a_file_without_end_is_refused_unread(harvester: Any, tmp_path: Path, arguments: Any) -> None:
    """Lists, configurations, authorities and pages have caps; above them the size is named, exit 2."""
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(3 * GIB)
    answer = harvester(*arguments)
    assert answer.code == 2
    assert "is larger than" in answer.err


def test_ctrl_c_ends_a_run_with_one_json_value(harvester: Any, serve: Any, monkeypatch: Any) -> None:
    """What was done before is in the one value; "stopped" is said once; exit 130."""
    from harvester.cli.session import Session

    whole = Session.fetch_all

    def stopped(self: Session, texts: Any) -> Iterator[Any]:
        yield from whole(self, texts)
        raise KeyboardInterrupt

    origin = serve({ARTICLE.short_url: plain(PAGE)})
    more = ("--archive", "a", "--no-images", "--no-requisites", *origin.options)
    monkeypatch.setattr(Session, "fetch_all", stopped)
    answer = harvester("fetch", ARTICLE.short_url, "--json", *more)
    assert answer.code == 130
    value = json.loads(answer.out)
    assert (len(value["results"]), value["error"]["kind"]) == (1, "KeyboardInterrupt")
    assert answer.err.count("stopped") == 1


@pytest.mark.parametrize("command", ["extract", "verify"])
def test_damaged_gzip_is_a_matter_of_usage(harvester: Any, tmp_path: Path, command: str) -> None:
    """Damage inside deflated data is said as such wherever a file may be gzip, exit 2."""
    import gzip

    data = bytearray(gzip.compress(PAGE))
    data[30:60] = bytes(30)
    (tmp_path / "bad.html.gz").write_bytes(data)
    names = ["bad.html.gz"] * (2 if command == "verify" else 1)
    answer = harvester(command, *names)
    assert answer.code == 2
    assert "damaged gzip" in answer.err


def test_a_rehearsed_page_state_is_marked_in_verify(harvester: Any, serve: Any) -> None:
    """A page that is no article keeps the mark of its rehearsal, and its record's name, on every way in."""
    from fixtures.pages.notices import deleted_page

    origin = serve({ARTICLE.short_url: plain(deleted_page())})
    harvester("fetch", ARTICLE.short_url, "--archive", "a", *origin.options)
    found = harvester("list", "--archive", "a", "--json").json[0]
    Path("state.json").write_text(harvester("show", found["id"], "--archive", "a").out, encoding="utf-8")
    for side in (found["id"], "state.json"):
        answer = harvester("verify", side, side, "--archive", "a", "--json")
        facts = answer.json["sides"]["captured"]
        assert answer.code == 4
        assert facts["rehearsal"]["connect_to"]
        assert facts["record_id"].startswith("<urn:uuid:")
        assert facts["payload_digest"]
        assert "REHEARSAL" in harvester("verify", side, side, "--archive", "a").out


LOCKED = (
    ("list", "--archive", "locked"),
    ("show", "x", "--archive", "locked"),
    ("rebuild", "locked", "--output", "out"),
    ("rebuild", "half", "--output", "out"),
    ("check", "locked"),
    ("import", "locked", "--archive", "other"),
    ("import", "secret", "--archive", "other"),
    ("run", "secret"),
    ("extract", "secret"),
    ("verify", "secret", "secret"),
    ("verify", "locked/a.txt", "secret"),
    ("fetch", "--from", "secret", "--archive", "other"),
)
DROPPED = "-dac_override,-dac_read_search"


giving_up_rights = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None,
    reason="root reads everything, and there is no setpriv (util-linux) to give that up",
)


def without_rights(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that may do no more than the files' modes say."""
    drop = ["setpriv", "--bounding-set", DROPPED, "--inh-caps", DROPPED] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-m", "harvester", *arguments]
    return subprocess.run(command, capture_output=True, cwd=folder, check=False, text=True)


@giving_up_rights
@pytest.mark.parametrize("arguments", LOCKED, ids=" ".join)
def test_a_missing_permission_is_a_matter_of_storage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """What may not be read is said, never taken for absent or empty, and is exit 5 for every command."""
    for name in ("locked", "half/warc"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name).chmod(0)
    (tmp_path / "secret").touch(0)
    done = without_rights(tmp_path, *arguments)
    for name in ("locked", "half/warc"):
        (tmp_path / name).chmod(0o700)  # so that the folder can be taken away
    assert (done.returncode, "ermission denied" in done.stderr) == (5, True), done.stderr


@giving_up_rights
def test_what_cannot_be_written_is_not_damaged(harvester: Any, serve: Any) -> None:
    """`check` finds nothing in a whole archive on a medium that is read only."""
    origin = serve({ARTICLE.short_url: plain(PAGE)})
    harvester("fetch", ARTICLE.short_url, "--archive", "a", *origin.options)
    held = sorted(Path("a").rglob("*"), reverse=True)
    for path in (*held, Path("a")):
        path.chmod(path.stat().st_mode & ~0o222)
    done = without_rights(Path.cwd(), "check", "a")
    for path in (Path("a"), *held):
        path.chmod(path.stat().st_mode | 0o200)
    assert (done.returncode, done.stdout) == (0, "")


@giving_up_rights
def test_a_list_that_may_not_be_read_leaves_what_is_added(tmp_path: Path) -> None:
    """What is queued is said to be; the list's fault is told by `run`."""
    (tmp_path / "list.txt").touch(0)
    (tmp_path / "harvester.toml").write_text('[[watch]]\nfiles = ["list.txt"]\n', encoding="utf-8")
    done = without_rights(tmp_path, "add", ARTICLE.short_url, "--archive", "a")
    assert (done.returncode, "queued" in done.stdout + done.stderr) == (0, True), done.stderr
