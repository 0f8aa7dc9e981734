"""The other commands, as a user has them, with good and bad input."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.demo.story import _MADE, _MARK

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))


def test_version_imports_nothing_heavy() -> None:
    """`--version` answers before the command line, the HTTP client or a parser is imported."""
    program = (
        "import sys; sys.argv = ['harvester', '--version']\n"
        "from harvester.cli import main\n"
        "main()\n"
        "heavy = {'typer', 'rich', 'httpx', 'selectolax', 'trafilatura', 'warcio', 'msgspec', 'lxml'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("harvester ")


def test_help_does_not_load_the_extractors() -> None:
    """Asking for help does not wait for parsers or the HTTP client."""
    program = (
        "import sys\nfrom harvester.cli.app import run\nrun(['--help'])\n"
        "assert not {'httpx', 'selectolax', 'trafilatura', 'warcio', 'lxml'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)


@pytest.mark.parametrize("packed", [False, True])
def test_extract_reads_a_saved_page(harvester: Any, tmp_path: Path, packed: bool) -> None:
    """A page from disk, gzip or not, gives its document; no capture is claimed."""
    path = tmp_path / "page.html"
    path.write_bytes(gzip.compress(PAGE) if packed else PAGE)
    answer = harvester("extract", path, "--url", ARTICLE.short_url)
    assert answer.code == 0
    assert answer.json["title"] == ARTICLE.title
    assert answer.json["capture"]["method"] == "file"
    assert answer.json["fetch_date"] is None
    text = harvester("extract", path, "--format", "txt")
    assert text.out.rstrip("\n") == answer.json["text"]
    markdown = harvester("extract", path, "--format", "md")
    assert markdown.out.startswith("---\ntitle: ")


def test_extract_says_what_is_not_an_article(harvester: Any, tmp_path: Path) -> None:
    """A deleted page is a state with notice and evidence, exit 1; an unknown page is exit 4."""
    path = tmp_path / "page.html"
    path.write_bytes(deleted_page())
    answer = harvester("extract", path, "--format", "json")
    assert answer.code == 1
    assert answer.json["state"] == "deleted"
    assert answer.json["notice"]
    assert answer.json["evidence"]
    path.write_bytes(b"<html><body></body></html>")
    unknown = harvester("extract", path, "--url", "https://mp.weixin.qq.com/s/x")
    assert unknown.code == 4
    assert unknown.json["state"] == "unknown"


BAD_FILES = {"empty": b"", "blank": b" \n ", "cut gzip": gzip.compress(PAGE)[:-20]}


@pytest.mark.parametrize("name", BAD_FILES)
def test_extract_refuses_what_is_no_page(harvester: Any, tmp_path: Path, name: str) -> None:
    """An empty or damaged file is a usage error in one line."""
    path = tmp_path / "page.html"
    path.write_bytes(BAD_FILES[name])
    answer = harvester("extract", path)
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1


def test_a_file_that_is_not_there(harvester: Any) -> None:
    """Exit 2, and JSON for programs."""
    answer = harvester("extract", "missing.html", "--json")
    assert answer.code == 2
    assert answer.json["error"]["kind"] == "UsageError"


def test_commands_on_what_is_not_an_archive(harvester: Any, tmp_path: Path) -> None:
    """A folder that is no archive is exit 5 with the cure; nothing is written into it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "note.txt").write_text("mine")
    for command in (("list",), ("show", "x"), ("reindex",)):
        answer = harvester(*command, "--archive", folder)
        assert answer.code == 5, command
    assert [path.name for path in folder.iterdir()] == ["note.txt"]


def test_show_needs_one_capture(harvester: Any, world: tuple[Any, Origin]) -> None:
    """An id may be shortened while it is unambiguous; an unknown one is exit 2."""
    pages, origin = world
    harvester("fetch", *pages.urls, "--no-images", "--no-requisites", "--archive", "a", *origin.options)
    listed = harvester("list", "--archive", "a", "--json").json
    assert harvester("show", listed[0]["id"], "--archive", "a").json["id"] == listed[0]["id"]
    assert harvester("show", "wechat-", "--archive", "a").code == 2
    assert harvester("show", "nothing", "--archive", "a").code == 2
    assert harvester("show", pages.article_url, "--archive", "a", "--format", "txt").out
    table = harvester("list", "--archive", "a")
    assert table.code == 0
    assert "deleted" in table.out


def test_verify_finds_the_word_that_differs(harvester: Any, world: tuple[Any, Origin]) -> None:
    """The fixture's repost differs from its original in one word that matters: altered, located, exit 1."""
    pages, origin = world
    harvester("fetch", *pages.urls, "--no-images", "--no-requisites", "--archive", "a", *origin.options)
    answer = harvester("verify", pages.repost_url, pages.original_url, "--archive", "a", "--json")
    assert answer.code == 1
    assert answer.json["verdict"] == "altered"
    material = [edit for edit in answer.json["edits"] if edit["material"]]
    assert len(material) == 1
    text = harvester("show", pages.repost_url, "--archive", "a").json["text"]
    span = material[0]["captured"]
    assert text[span["start"] : span["end"]] == span["text"]
    assert answer.json["sides"]["captured"]["rehearsal"]
    human = harvester("verify", pages.repost_url, pages.original_url, "--archive", "a")
    assert human.code == 1
    assert "REHEARSAL" in human.out
    assert human.err == ""


def test_verify_takes_files_of_every_kind(harvester: Any, tmp_path: Path) -> None:
    """Document JSON, Markdown, HTML and text of one article are the same text."""
    (tmp_path / "page.html").write_bytes(PAGE)
    (tmp_path / "page.json").write_text(harvester("extract", "page.html").out, encoding="utf-8")
    (tmp_path / "page.md").write_text(
        harvester("extract", "page.html", "--format", "md").out, encoding="utf-8"
    )
    (tmp_path / "page.txt").write_text(
        harvester("extract", "page.html", "--format", "txt").out, encoding="utf-8"
    )
    for side in ("page.html", "page.json", "page.md", "page.txt"):
        answer = harvester("verify", side, "page.json", "--json")
        assert answer.json["verdict"] in {"identical", "same-text"}, side
        assert answer.code == 0


def test_verify_cannot_compare_what_is_no_article(harvester: Any, tmp_path: Path) -> None:
    """A deleted page as a side is cannot-verify, exit 4, with the reason; a missing file is exit 2."""
    (tmp_path / "gone.html").write_bytes(deleted_page())
    (tmp_path / "page.html").write_bytes(PAGE)
    answer = harvester("verify", "gone.html", "page.html", "--json")
    assert answer.code == 4
    assert answer.json["verdict"] == "cannot-verify"
    assert answer.json["reason"]
    assert harvester("verify", "missing.html", "page.html").code == 2


def configured(folder: Path, origin: Origin, urls: list[str], every: str = "1d") -> None:
    mappings = json.dumps(origin.connect_to)
    (folder / "harvester.toml").write_text(
        f'archive = "kept"\n[operator]\nplace = "Testland"\n[fetch]\nimages = false\n'
        f'ca_file = "{origin.ca_file}"\nconnect_to = {mappings}\n'
        f'[[watch]]\nevery = "{every}"\nurls = {json.dumps(urls)}\n',
        encoding="utf-8",
    )


def test_run_captures_what_is_due_once(harvester: Any, world: tuple[Any, Origin], tmp_path: Path) -> None:
    """The first pass fetches all, the second nothing; place and list are recorded."""
    pages, origin = world
    configured(tmp_path, origin, [pages.article_url, pages.original_url])
    first = harvester("run", "--json")
    assert first.code == 0, first.err
    assert len(first.json["results"]) == 2
    seen = len(origin.exchanges)
    second = harvester("run", "--json")
    assert second.code == 0
    assert second.json["results"] == []
    assert len(origin.exchanges) == seen
    shown = harvester("show", pages.article_url).json
    assert shown["capture"]["vantage"] == {"place": "Testland"}
    assert shown["capture"]["discovered_via"] == "watch list harvester.toml"


def test_run_without_a_list(harvester: Any, tmp_path: Path) -> None:
    """No configuration, or one that watches nothing, is exit 2 with the cure."""
    assert harvester("run").code == 2
    (tmp_path / "harvester.toml").write_text('archive = "kept"\n')
    answer = harvester("run")
    assert answer.code == 2
    assert "[[watch]]" in answer.err


def test_demo_runs_the_whole_chain(harvester: Any, tmp_path: Path) -> None:
    """The demonstration ends well, twice in the same place, and leaves alone what is not its own."""
    kept: set[str] = set()
    for _ in range(2):
        answer = harvester("demo", "--output", "shown")
        assert answer.code == 0, answer.out + answer.err
        assert {path.name for path in (tmp_path / "shown").iterdir()} == {*_MADE, _MARK, *kept}
        kept = {"notes of mine.txt"}
        (tmp_path / "shown" / "notes of mine.txt").write_text("kept", encoding="utf-8")
    assert (tmp_path / "shown" / "notes of mine.txt").read_text(encoding="utf-8") == "kept"
    assert "byte for byte the same" in answer.out
    (tmp_path / "mine").mkdir()
    assert harvester("demo", "--output", "mine").code == 2


@pytest.mark.parametrize(
    "arguments", [(), ("fetch",), ("nonsense",), ("fetch", "--nonsense"), ("verify", "one")]
)
def test_wrong_usage_is_exit_2(harvester: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    """A wrong call is answered in words."""
    answer = harvester(*arguments)
    assert answer.code == 2
    assert answer.err or answer.out
