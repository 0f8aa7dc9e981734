"""`harvester import` as a user has it: recorded, read, made again, and nobody's session exported."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import StoredRecord, read_warc

Command = Callable[..., Any]
URL = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=1&idx=1&sn=00ff"
TICKET = "aB3dE5fG7hJ9kL1mN3pQ5"


def records(tmp_path: Path) -> list[StoredRecord]:
    return [record for warc in sorted((tmp_path / "archive/warc").glob("*.gz")) for record in read_warc(warc)]


def documents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("documents/**/*.*"))
    }


@pytest.fixture
def saved(
    tmp_path: Path, capture: Command, page: bytes, mhtml: Command, har: Command, entry: Command, article: Any
) -> Path:
    """A folder with a file of each kind."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a.md").write_bytes(capture())
    (folder / "b.html").write_bytes(page)
    (folder / "c.mhtml").write_bytes(mhtml(page, article.short_url))
    (folder / "d.har").write_bytes(har(entry(article.short_url, page.decode())))
    return folder


def test_each_kind_becomes_a_document_that_can_be_made_again(
    harvester: Command, saved: Path, tmp_path: Path, article: Any
) -> None:
    """Import writes resource records and notes; rebuild and reindex make the same bytes from them."""
    answer = harvester("import", saved, "--json")
    assert answer.code == 0, answer.err
    results = answer.json["results"]
    assert [r["method"] for r in results] == ["markdown", "browser-html", "mhtml", "har"]
    assert {r["title"] for r in results[1:]} == {article.title}
    first = documents(tmp_path / "archive")
    assert len(first) == 8
    assert harvester("rebuild", tmp_path / "archive", "--output", tmp_path / "out").code == 0
    assert documents(tmp_path / "out") == first
    (tmp_path / "archive/library/library.sqlite").unlink()
    assert harvester("reindex").code == 0
    assert documents(tmp_path / "archive") == first
    listed = harvester("list", "--json").json
    assert sorted(row["method"] for row in listed) == ["browser-html", "har", "markdown", "mhtml"]
    types = [record.type for record in records(tmp_path)]
    assert types == ["warcinfo", *["metadata", "resource"] * 4]


def test_the_same_page_gives_the_same_text_however_it_came(
    harvester: Command, saved: Path, tmp_path: Path
) -> None:
    """HTML, MHTML and HAR of one page are one article; only how it came differs."""
    results = harvester("import", saved, "--json").json["results"][1:]
    shown = [harvester("show", result["id"]).json for result in results]
    assert len({(value["text"], value["identity"]["key"], value["published_at"]) for value in shown}) == 1
    assert [value["fetch_date"] for value in shown] == [
        None,
        "2026-05-08T06:04:05Z",
        "2026-05-08T06:04:05.250000Z",
    ]
    fields = [value["provenance"]["fields"] for value in shown]
    assert [f["fetch_date"]["source"] for f in fields] == [None, "mhtml.Date", "har.startedDateTime"]
    assert fields[0]["fetch_date"]["reason"] == "the file does not say"


def test_a_markdown_capture(harvester: Command, tmp_path: Path, capture: Command, capture_text: str) -> None:
    """The record is the file as it is; the document has the five keys of the older captures."""
    path = tmp_path / "000.txt"
    path.write_bytes(capture())
    result = harvester("import", path, "--json").json["results"][0]
    value = harvester("show", result["id"]).json
    assert value["text"] == capture_text
    assert (
        value["url"]
        == "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2650000123&idx=2&sn=0123456789abcdef0123456789abcdef"
    )
    assert (value["date"], value["source"]) == ("2026-05-08", "雾港观测站")
    assert value["fetch_date"] == "2026-05-09T07:19:34.815315"
    assert any("no time zone" in warning for warning in value["provenance"]["warnings"])
    assert value["capture"]["method"] == "markdown"
    (resource,) = [record for record in records(tmp_path) if record.type == "resource"]
    assert resource.block == capture()
    assert resource.content_type == "text/markdown; charset=utf-8"
    assert value["records"]["response"]["record_id"] == resource.record_id
    again = tmp_path / "again.md"
    again.write_bytes(next((tmp_path / "archive/documents").rglob("*.md")).read_bytes())
    second = harvester("import", again, "--json").json["results"][0]
    assert harvester("show", second["id"]).json["text"] == capture_text


def test_a_file_that_is_held_is_not_added_again(harvester: Command, saved: Path, tmp_path: Path) -> None:
    """The same bytes, under whatever name, are said to be held."""
    first = harvester("import", saved, "--json").json["results"]
    count = len(records(tmp_path))
    (saved / "b.html").rename(saved / "other-name.html")
    second = harvester("import", saved, "--json")
    assert second.code == 0
    assert all(result["held"] for result in second.json["results"])
    assert {result["id"] for result in second.json["results"]} == {result["id"] for result in first}
    assert len(records(tmp_path)) == count


def test_a_url_can_be_given_later(harvester: Command, tmp_path: Path) -> None:
    """A page of unknown URL stands under a URN; naming the URL afterwards is another capture of it."""
    path = tmp_path / "page.html"
    path.write_bytes(
        b"<html><body><article>"
        + "<p>潮水退去以后，守塔人把灯罩擦了三遍。</p>".encode() * 5
        + b"</article></body></html>"
    )
    unnamed = harvester("import", path, "--json").json["results"][0]
    assert unnamed["url"] is None
    assert not unnamed["held"]
    named = harvester("import", path, "--url", "https://example.com/a", "--json").json["results"][0]
    assert (named["url"], named["held"]) == ("https://example.com/a", False)
    again = harvester("import", path, "--url", "https://example.com/a", "--json").json["results"][0]
    assert (again["id"], again["held"]) == (named["id"], True)


@pytest.fixture
def tainted(page: bytes, capture: Command, mhtml: Command, har: Command, entry: Command) -> dict[str, bytes]:
    """A file of each kind, with a person's session values in it."""
    script = f'<script>\nwindow.pass_ticket = "{TICKET}";\n</script></head>'.encode()
    unclean = page.replace(b"</head>", script, 1)
    assert unclean != page
    url = f"{URL}&pass_ticket={TICKET}"
    cookie = [{"name": "Cookie", "value": f"wap_sid2={TICKET}; b=c"}]
    return {
        "a.html": unclean,
        "b.md": capture().replace(b"&chksm=ffee", f"&pass_ticket={TICKET}".encode()),
        "c.mhtml": mhtml(unclean, url),
        "d.har": har(entry(url, page.decode(), sent=cookie)),
        "e.har": har(entry(URL, page.decode() + f"<!-- {TICKET} -->", sent=cookie)),
    }


@pytest.mark.parametrize("name", ["a.html", "b.md", "c.mhtml", "d.har", "e.har"])
def test_session_values_stay_out_of_the_archive(
    name: str, tainted: dict[str, bytes], harvester: Command, tmp_path: Path
) -> None:
    """No record holds them; the original is kept apart, for its owner alone; the document says so."""
    data = tainted[name]
    path = tmp_path / name
    path.write_bytes(data)
    answer = harvester("import", path, "--json")
    assert answer.code == 0, answer.err
    for record in records(tmp_path):
        assert TICKET.encode() not in record.block
        assert TICKET not in repr(record.fields)
    for file in (tmp_path / "archive").rglob("*"):
        if file.is_file() and file.parent.name != "quarantine":
            assert TICKET.encode() not in file.read_bytes(), file
    assert TICKET not in answer.out + answer.err
    (kept,) = (tmp_path / "archive/quarantine").iterdir()
    assert kept.read_bytes() == data
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    value = harvester("show", answer.json["results"][0]["id"]).json
    assert any("session values" in warning for warning in value["provenance"]["warnings"])
    first = documents(tmp_path / "archive")
    harvester("rebuild", tmp_path / "archive", "--output", tmp_path / "out")
    assert documents(tmp_path / "out") == first


def test_zeroing_keeps_the_page_at_its_length(
    harvester: Command, tmp_path: Path, tainted: dict[str, bytes]
) -> None:
    """The record is the file but for the values, byte for byte."""
    data = tainted["a.html"]
    (tmp_path / "a.html").write_bytes(data)
    result = harvester("import", tmp_path / "a.html", "--json").json["results"][0]
    assert result["zeroed"] == ["pass_ticket"]
    (resource,) = [record for record in records(tmp_path) if record.type == "resource"]
    assert resource.block == data.replace(TICKET.encode(), b"0" * len(TICKET))


def test_a_clean_file_is_not_kept_apart(harvester: Command, saved: Path, tmp_path: Path) -> None:
    """Without session values there is nothing to keep apart."""
    harvester("import", saved)
    assert not (tmp_path / "archive/quarantine").exists()


def test_one_bad_file_does_not_cost_the_rest(harvester: Command, saved: Path, tmp_path: Path) -> None:
    """A folder with a broken HAR and a picture: the rest is imported, the code says that some was not."""
    (saved / "a0-broken.har").write_text('{"log": {"entries": [', encoding="utf-8")
    (saved / "a1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (saved / "a2.md").write_bytes(b"")
    answer = harvester("import", saved, "--json")
    assert answer.code == 1
    states = {Path(r["file"]).name: r["state"] for r in answer.json["results"]}
    assert states == {
        "a.md": "ok", "a0-broken.har": "refused", "a1.png": "passed over", "a2.md": "passed over",
        "b.html": "ok", "c.mhtml": "ok", "d.har": "ok",
    }  # fmt: skip


def test_a_har_without_the_body_says_so(
    harvester: Command, tmp_path: Path, har: Command, entry: Command
) -> None:
    """Nothing is recorded of a body that is not there."""
    (tmp_path / "x.har").write_bytes(har(entry(URL, None)))
    answer = harvester("import", tmp_path / "x.har", "--json")
    assert answer.code == 1
    assert answer.json["results"][0]["state"] == "lacking"
    assert records(tmp_path) == []


def test_a_failure_page_is_no_article(harvester: Command, tmp_path: Path) -> None:
    """A saved notice is recorded with its state."""
    from fixtures.pages.notices import deleted_page

    (tmp_path / "x.html").write_bytes(deleted_page())
    answer = harvester("import", tmp_path / "x.html", "--url", URL, "--json")
    assert answer.code == 1
    assert answer.json["results"][0]["state"] == "deleted"
    assert not list((tmp_path / "archive").rglob("documents/**/*.json"))
    assert [record.type for record in records(tmp_path)] == ["warcinfo", "metadata", "resource"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.md"], "does not exist"),
        (["notes.txt"], "no page that can be imported"),
        (["empty.md"], "is empty"),
        (["folder"], "no file in"),
        (["huge.html"], "larger than 64 MiB"),
        (["notes.txt", "--url", "nonsense"], "not a web address"),
        (["notes.txt", "empty.md", "--url", URL], "one file"),
    ],
)
def test_usage_is_corrected_in_one_line(
    harvester: Command, tmp_path: Path, arguments: list[str], words: str
) -> None:
    """Exit 2 and the cure, never a traceback."""
    (tmp_path / "notes.txt").write_text("some words", encoding="utf-8")
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge.html").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    answer = harvester("import", *arguments)
    assert answer.code == 2
    assert words in " ".join(answer.err.split())


def test_names_do_not_leave_the_archive(harvester: Command, tmp_path: Path, capture: Command) -> None:
    """Nothing in the archive is named after the file or what it says; notes have no control characters."""
    path = tmp_path / "..%2f..\n\x1b[31m$(id).md"
    path.write_bytes(capture().replace("title: 灯塔".encode(), "title: ../../灯塔".encode()))
    assert harvester("import", path).code == 0
    for file in (tmp_path / "archive").rglob("*"):
        assert "灯塔" not in file.name
        assert "id" not in file.suffix
    note = next(record for record in records(tmp_path) if record.type == "metadata").block.decode()
    assert "\x1b" not in note
    assert json.loads(
        next(line for line in note.split("\r\n") if line.startswith("harvester-imported")).partition(": ")[2]
    )


def test_a_linked_quarantine_is_refused(
    harvester: Command, tmp_path: Path, tainted: dict[str, bytes], capture: Command
) -> None:
    """Originals do not leave by a link: a storage error, and nothing is recorded."""
    (tmp_path / "a.html").write_bytes(tainted["a.html"])
    (tmp_path / "b.md").write_bytes(capture())
    harvester("import", tmp_path / "b.md")
    count = len(records(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "archive/quarantine").symlink_to(tmp_path / "elsewhere")
    answer = harvester("import", tmp_path / "a.html")
    assert answer.code == 5
    assert "symbolic link" in answer.err
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert len(records(tmp_path)) == count


def test_an_import_cut_before_its_document_is_caught_up(
    harvester: Command, saved: Path, tmp_path: Path
) -> None:
    """A crash between the records and the library's row: the next command makes the rest."""
    harvester("import", saved)
    first = documents(tmp_path / "archive")
    for name in first:
        (tmp_path / "archive" / name).unlink()
    for file in (tmp_path / "archive/library").iterdir():
        file.unlink()
    harvester("import", saved)
    assert documents(tmp_path / "archive") == first
