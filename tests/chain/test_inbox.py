"""`harvester add` and `harvester inbox`: links and files that people have, as a user brings them."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from fixtures.conformance import cases
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import mail, mhtml, saved_html
from fixtures.stories import lighthouse_article, statement_repost
from harvester.clock import SystemClock
from harvester.imports.importer import Importer
from harvester.inbox.inbox import Handling, Inbox
from harvester.inbox.reading import Reader
from harvester.library import Library
from harvester.watch import journal
from harvester.watch.adding import Added

ARTICLE, REPOST = lighthouse_article(), statement_repost()
PAGE, OTHER = (
    article_page(one, Recent(era=2026, script_bytes=5_000, nonce="1")) for one in (ARTICLE, REPOST)
)
SHORT = "https://mp.weixin.qq.com/s/{}bCdEfGhIjKlMnOpQrStUv"


@pytest.fixture
def box(tmp_path: Path) -> Callable[..., Path]:
    """Put a file into the inbox, and return where it lies."""
    (tmp_path / "harvester.toml").write_text(
        'archive = "a"\n[inbox]\ndir = "in"\nsettle_s = 0\n', encoding="utf-8"
    )
    (tmp_path / "in").mkdir()

    def put(name: str, data: bytes) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return put


def finds(folder: Path) -> list[str]:
    return [find.url for find in journal.read(folder / "a", journal.FOUND, journal.Find)]


def har(page: bytes, url: str) -> bytes:
    entry = {
        "startedDateTime": "2026-05-08T14:04:05.250+08:00",
        "request": {"method": "GET", "url": url, "headers": [], "cookies": []},
        "response": {
            "status": 200,
            "headers": [],
            "cookies": [],
            "content": {"size": len(page), "mimeType": "text/html; charset=utf-8", "text": page.decode()},
        },
    }
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "t"}, "entries": [entry]}}).encode()


def test_a_configuration_is_left_alone(harvester: Any, box: Callable[..., Path]) -> None:
    """Whoever takes in a folder in which a configuration lies keeps it there."""
    box("links.txt", SHORT.format("A").encode())
    kept = box("harvester.toml", f'[[watch]]\nurls = ["{SHORT.format("B")}"]\n'.encode())
    results = harvester("inbox", "in", "--json").json["results"]
    assert {Path(one["file"]).name: one["state"] for one in results} == {
        "links.txt": "taken",
        "harvester.toml": "left",
    }
    assert kept.exists()


def test_what_cannot_be_added_is_told_with_the_cure(harvester: Any, tmp_path: Path) -> None:
    """A file is to be read, not a host to be asked; a tag has a name; long lists are told in short."""
    (tmp_path / "list.txt").write_text(SHORT.format("A"), encoding="utf-8")
    refused = harvester("add", "list.txt", "--archive", "a")
    assert (refused.code, "`harvester add - < list.txt`" in refused.err) == (2, True)
    nameless = harvester("add", SHORT.format("A"), "--tag", " ", "--archive", "a")
    assert (nameless.code, "--tag" in nameless.err) == (2, True)
    many = harvester("add", *(f"https://mp.weixin.qq.com/s/{n:022d}" for n in range(201)), "--archive", "a")
    assert "… and 1 more (1 queued)" in many.err


def test_what_people_drop_is_taken_once(harvester: Any, box: Callable[..., Path], tmp_path: Path) -> None:
    """Pages, archives and links of every kind come in, and are put aside; the same bytes do nothing again."""
    good = (data for name, data in cases().items() if name.startswith("good/") and name.endswith(".warc.gz"))
    dropped = {
        "page.html": saved_html(PAGE, ARTICLE.short_url),
        "sub/一.mhtml": mhtml(OTHER, REPOST.short_url),
        "session.har": har(PAGE, ARTICLE.short_url),
        "crawl.warc.gz": next(good),
        "words.txt": f"看 {SHORT.format('A')}。再看 https://evil.example/x".encode(),
        "a.url": f"[InternetShortcut]\r\nURL={SHORT.format('B')}\r\n".encode(),
        "list.csv": f"标题,链接\n甲,{SHORT.format('C')}\n".encode("gb18030"),
        "m.eml": mail(f"见 {SHORT.format('D')}", ("p.html", "text/html", saved_html(OTHER, REPOST.long_url))),
        "marks.html": f'<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<A HREF="{SHORT.format("E")}">t</A>'.encode(),
    }
    for name, data in dropped.items():
        box(name, data)
    (tmp_path / "in" / "page_files").mkdir()
    answer = harvester("inbox", "--json")
    results = {str(Path(one["file"]).relative_to(tmp_path / "in")): one for one in answer.json["results"]}
    assert {name: one["state"] for name, one in results.items()} == dict.fromkeys(dropped, "taken"), (
        answer.err
    )
    assert set(finds(tmp_path)) == {SHORT.format(letter) for letter in "ABCDE"}
    assert "evil.example" in answer.err
    titles = {row["title"] for row in harvester("list", "--json").json}
    assert {ARTICLE.title, REPOST.title} <= titles
    shown = harvester("show", ARTICLE.short_url).json["capture"]
    assert shown["discovered_via"] == "inbox"
    for name, data in dropped.items():
        assert (tmp_path / "in" / "taken" / name).read_bytes() == data
    assert (tmp_path / "in" / "taken" / "page_files").is_dir()
    before = finds(tmp_path), harvester("list", "--json").out
    for name, data in dropped.items():
        box(f"again {name.replace('/', '-')}", data)
    again = harvester("inbox", "--json").json["results"]
    assert {one["state"] for one in again} == {"known"}
    assert "as page.html" in next(one["message"] for one in again if one["file"].endswith("again page.html"))
    assert before == (finds(tmp_path), harvester("list", "--json").out)
    assert not [path for path in (tmp_path / "in").iterdir() if path.is_file()]


def test_what_is_of_no_use_is_kept_with_the_reason(
    harvester: Any, box: Callable[..., Path], tmp_path: Path
) -> None:
    """Damaged and foreign files go to `refused` beside a text that says why; nothing is lost, exit 1."""
    box("bad.warc.gz", gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n"))
    box("pic.jpg", b"\xff\xd8\xff\xe0" + bytes(500))
    box("none.txt", "没有链接".encode())
    box(os.fsdecode(b"\xff\n.txt"), SHORT.format("A").encode())  # a name that is no UTF-8
    box("evil.txt", b"https://evil.example/x")
    box("feeds.opml", b'<opml version="2.0"><body><outline xmlUrl="https://a.example/f"/></body></opml>')
    answer = harvester("inbox")
    assert answer.code == 1
    refused = {
        path.name: path.read_text("utf-8", "replace") for path in (tmp_path / "in" / "refused").iterdir()
    }
    said = {"bad.warc.gz": "E007", "pic.jpg": "jpeg", "evil.txt": "allow_hosts", "feeds.opml": "[[watch]]"}
    assert {f"{name}.txt" for name in (*said, "none.txt")} | {*said, "none.txt"} == set(refused)
    assert all(words in refused[f"{name}.txt"] for name, words in said.items()), refused
    assert finds(tmp_path) == [SHORT.format("A")]
    assert harvester("inbox", "nowhere").code == 2
    assert harvester("inbox", "a").code == 2
    assert harvester("inbox", "in", "--keep", "--done", "x").code == 2


def test_files_stay_or_go_elsewhere(harvester: Any, box: Callable[..., Path], tmp_path: Path) -> None:
    """--keep leaves them, and tells them as known the next time; --done names where they go."""
    path = box("page.html", saved_html(PAGE, ARTICLE.short_url))
    assert harvester("inbox", "--keep", "--json").json["results"][0]["state"] == "taken"
    assert harvester("inbox", "--keep", "--json").json["results"][0]["state"] == "known"
    assert path.exists()
    harvester("inbox", "--done", "shelf")
    assert [one.name for one in (tmp_path / "shelf").iterdir()] == ["page.html"]


def test_a_crash_between_costs_nothing(harvester: Any, box: Callable[..., Path], tmp_path: Path) -> None:
    """Killed after a page is recorded, before it is noted as taken: it is there once, and put aside later."""
    path = box("page.html", saved_html(PAGE, ARTICLE.short_url))

    class KilledError(BaseException):
        """Stands for the end of the process."""

    def killed(_: object) -> list[str]:
        raise KilledError

    clock = SystemClock()
    with Archive.open(tmp_path / "a", create=True, write=True) as held, Library(held, write=True) as library:
        reader = Reader(Importer(held, library, clock.now), lambda _links, _file: Added())
        handling = Handling(done=tmp_path / "in" / "taken", lock=tmp_path / "lock", settle_s=0)
        inbox = Inbox(tmp_path / "in", tmp_path / "a", reader, clock, handling, killed)
        with pytest.raises(KilledError):
            list(inbox.take())
    assert path.exists()
    [one] = harvester("inbox", "--json").json["results"]
    assert (one["state"], one["brought"]["pages"][0]["held"], path.exists()) == ("taken", True, False)
    assert len(harvester("list", "--json").json) == 1


def test_a_run_looks_into_the_inbox(harvester: Any, box: Callable[..., Path], tmp_path: Path) -> None:
    """With an inbox configured a run needs nothing else to watch; what is left is told once a run."""
    text = (tmp_path / "harvester.toml").read_text(encoding="utf-8")
    (tmp_path / "harvester.toml").write_text(
        text + '[operator]\ncontact = "a@example.org"\n', encoding="utf-8"
    )
    box("page.html", saved_html(PAGE, ARTICLE.short_url))
    answer = harvester("run")
    assert (answer.code, ARTICLE.title in answer.err) == (0, True)
    assert (tmp_path / "in" / "taken" / "page.html").exists()
    (tmp_path / "in").rename(tmp_path / "gone")
    assert "not looked into" in harvester("run").err


def test_adding_by_hand(harvester: Any, tmp_path: Path) -> None:
    """URLs are queued with tag and note; what is known or no use is told; nothing given is wrong usage."""
    (tmp_path / "harvester.toml").write_text(
        'archive = "a"\n[[watch]]\nname = "own"\nurls = ["https://www.mfa.gov.cn/"]\n', encoding="utf-8"
    )
    first = harvester(
        "add", SHORT.format("A"), "nonsense", "--watch", "own", "--tag", "x", "--note", "看", "--json"
    )
    assert [(one["state"], one["url"]) for one in first.json["results"]] == [
        ("queued", SHORT.format("A")),
        ("refused", "nonsense"),
    ]
    assert first.code == 1
    [find] = journal.read(tmp_path / "a", journal.FOUND, journal.Find)
    assert (find.watch, find.via) == ("own", "added by hand")
    notes = list(journal.read(tmp_path / "a", journal.NOTES, journal.Note))
    assert {note.about for note in notes} == {SHORT.format("A")}
    assert [(note.tag, note.text) for note in notes] == [("x", None), (None, "看")]
    [known] = harvester("add", SHORT.format("A") + "?scene=1", "--json").json["results"]
    assert known["state"] == "known"
    [own] = harvester("add", "https://www.mfa.gov.cn/", "--json").json["results"]
    assert (own["state"], "'own'" in own["message"]) == ("known", True)
    assert harvester("add", "nonsense").code == 2
    assert harvester("add").code == 2  # nobody is asked where nobody sits
    assert harvester("add", SHORT.format("A"), "-").code == 2
    assert harvester("add", "--watch", "none", SHORT.format("B")).code == 2


def test_what_was_captured_is_told_so(harvester: Any, box: Callable[..., Path], tmp_path: Path) -> None:
    """An article that the archive has is queued for looking again, and it is said when it was captured."""
    box("page.html", saved_html(PAGE, ARTICLE.short_url))
    harvester("inbox")
    [one] = harvester("add", ARTICLE.long_url, "--json").json["results"]
    assert (one["state"], one["message"][:16]) == ("queued", "captured already")
    [one] = harvester("add", ARTICLE.long_url, "--json").json["results"]
    assert one["state"] == "captured"
    assert tmp_path.exists()


@pytest.mark.parametrize("way", ["stdin", "terminal"])
def test_links_are_pasted(tmp_path: Path, way: str) -> None:
    """`add -` reads text from standard input; `add` at a terminal asks until an empty line."""
    (tmp_path / "harvester.toml").write_text('archive = "a"\n', encoding="utf-8")
    command = [sys.executable, "-m", "harvester", "add", *(["-"] if way == "stdin" else [])]
    text = f"转发：{SHORT.format('A')}。\n还有 {SHORT.format('B')}\n"
    environment = {**os.environ, "HARVESTER_STATE": str(tmp_path / "state")}
    environment.pop("HARVESTER_ARCHIVE", None)
    if way == "stdin":
        done = subprocess.run(command, cwd=tmp_path, env=environment, input=text.encode(), check=True)
    else:
        ours, theirs = pty.openpty()
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=theirs) as process:
            os.write(ours, text.encode() + b"\n")
            assert process.wait(60) == 0
        done = process  # type: ignore[assignment]
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    assert finds(tmp_path) == [SHORT.format("A"), SHORT.format("B")]
