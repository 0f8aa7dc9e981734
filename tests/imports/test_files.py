"""Each kind of file is told by its bytes and gives its page, URL and claimed time."""

from __future__ import annotations

import base64
import contextlib
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.imports.files import files_of, open_file
from harvester.imports.front_matter import read_markdown_file
from harvester.imports.har import open_har
from harvester.imports.item import Item, Opened
from harvester.imports.times import claimed_time

URL = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=1&idx=1&sn=00ff"
MULTIPART = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
SINGLEFILE = """<!DOCTYPE html> <html lang=zh><!--
 Page saved with SingleFile\x20
 url: {url}\x20
 saved date: Fri May 08 2026 14:04:05 GMT+0800 (中国标准时间)
--><meta charset=utf-8><title>t</title><body><p>x"""


def only(opened: Opened | None) -> Item:
    assert opened is not None
    (item,) = opened.items
    return item


@pytest.mark.parametrize(
    ("page", "url", "source"),
    [
        (
            f"<!-- saved from url=({len(URL):04d}){URL} -->\n<html><body>x</body></html>",
            URL,
            "saved-from comment",
        ),
        (SINGLEFILE.format(url=URL), URL, "singlefile comment"),
        (f'<html><head><link rel="canonical" href="{URL}"></head></html>', URL, "link[rel=canonical]"),
        (f'<html><head><meta property="og:url" content="{URL}"></head></html>', URL, "meta[property=og:url]"),
        ("<!-- saved from url=(0014)about:internet -->\n<html></html>", None, None),
        ("<!-- saved from url=(0022)file:///C:/a/page.html -->\n<html></html>", None, None),
        ("<html><body><p>saved from url=(0019)http://example.com/ </p></body></html>", None, None),
    ],
)
def test_saved_html_says_its_url(page: str, url: str | None, source: str | None) -> None:
    """The saver's comment comes before what the page says of itself; local addresses are no URL."""
    item = only(open_file(page.encode(), "page.html", None))
    assert (item.url, item.url_source, item.method) == (url, source, "browser-html")
    named = only(open_file(page.encode(), "page.html", "https://example.com/a"))
    assert (named.url, named.url_source) == ("https://example.com/a", "--url")


def test_singlefile_says_when(page: bytes) -> None:
    """Its date is JavaScript's, with the zone; a plain page says nothing."""
    item = only(open_file(SINGLEFILE.format(url=URL).encode(), "x", None))
    assert (item.fetched, item.fetched_source) == ("2026-05-08T06:04:05Z", "singlefile.saved-date")
    assert only(open_file(page, "x", None)).fetched is None


def test_gzip_is_undone(page: bytes, capture: Callable[..., bytes]) -> None:
    """Any kind may be packed."""
    assert only(open_file(gzip.compress(page), "a.html.gz", None)).body == page
    assert only(open_file(gzip.compress(capture()), "a.gz", None)).method == "markdown"


def test_mhtml_gives_its_root(mhtml: Callable[..., bytes], page: bytes) -> None:
    """The page of the message, decoded; URL and date as the saver wrote them."""
    item = only(open_file(mhtml(page, URL), "a.mhtml", None))
    assert item.body.split() == page.split()
    assert (item.method, item.url, item.url_source) == ("mhtml", URL, "mhtml.Snapshot-Content-Location")
    assert (item.fetched, item.fetched_source) == ("2026-05-08T06:04:05Z", "mhtml.Date")


def test_mhtml_with_start_and_charset() -> None:
    """RFC 2387's `start` names the root; a declared charset goes into the record's type."""
    data = (
        b'MIME-Version: 1.0\nContent-Type: multipart/related; start="<b>"; boundary=x\n\n'
        b"--x\nContent-Type: text/html\nContent-ID: <a>\n\n<p>frame</p>\n"
        b"--x\nContent-Type: text/html; charset=GBK\nContent-ID: <b>\nContent-Transfer-Encoding: base64\n"
        b"Content-Location: http://example.com/p\n\n" + base64.b64encode(b"<p>\xb5\xc6</p>") + b"\n--x--\n"
    )
    item = only(open_file(data, "a.mht", None))
    assert (item.body, item.content_type, item.url) == (
        b"<p>\xb5\xc6</p>",
        "text/html; charset=gbk",
        "http://example.com/p",
    )


def test_har_gives_pages_only(har: Callable[..., bytes], entry: Callable[..., Any]) -> None:
    """Of a session, the answers that are a publisher's pages; text is UTF-8, base64 is the bytes."""
    data = har(
        entry("https://mp.weixin.qq.com/mp/getappmsgext?f=json", "{}"),
        entry("https://other.example/", "<p>x</p>"),
        entry(URL + "#rd", "<p>灯</p>"),
        entry(URL, None, status=302),
        entry(URL, base64.b64encode(b"<p>\xb5\xc6</p>").decode(), content={"encoding": "base64"}),
    )
    one, two = open_har(data, "x.har", None).items
    assert (one.url, one.body, one.content_type) == (URL, "<p>灯</p>".encode(), "text/html; charset=utf-8")
    assert (one.fetched, one.status) == ("2026-05-08T06:04:05.250000Z", 200)
    assert (two.body, two.content_type) == (b"<p>\xb5\xc6</p>", "text/html; charset=utf-8")
    assert only(open_har(data, "x.har", "https://other.example/")).body == b"<p>x</p>"


def test_har_says_what_it_lacks(har: Callable[..., bytes], entry: Callable[..., Any]) -> None:
    """A page without its body is told, unless the file has it in another entry."""
    data = har(entry(URL, None), entry(URL + "&scene=1", None), entry(URL + "&scene=1", "<p>x</p>"))
    opened = open_har(data, "x.har", None)
    assert [one.url for one in opened.lacking] == [URL]
    assert [item.url for item in opened.items] == [URL + "&scene=1"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"log": {"entries": 3}}',
        b'{"log": {"entries": []}}',
        b'{"log": ' + b"[" * 100_000,
        b'{"log": {"entries": [{"request": {"url": 7}}]}}',
        b"---\ntitle:\n---\n",
        b"\x1f\x8b broken",
        MULTIPART + b"--x\nContent-Type: image/png\n\nx\n--x--",
        MULTIPART + b"multipart/ " * 30,
        gzip.compress(b" ", mtime=0),
    ],
)  # fmt: skip
def test_bad_files_are_refused_in_words(data: bytes) -> None:
    """A file of a known kind that cannot be used is one clear error."""
    with pytest.raises(UsageError, match=r"\w"):
        open_file(data, "file", None)


@pytest.mark.parametrize(
    "data", [b"plain words", b"\x89PNG\r\n", b'{"a": 1}', b"# A heading\n\ntext <b>", b"%PDF-1.7 <p>"]
)
def test_other_files_are_no_page(data: bytes) -> None:
    """What is of no kind we know is not guessed at."""
    assert open_file(data, "file.txt", None) is None


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"---\ntitle: x\n",
            b"<html>",
            b'{"log":',
            MULTIPART + b"--x\n",
        ]
    ),
)
def test_any_bytes_are_answered(data: bytes, start: bytes) -> None:
    """No file raises anything but our own error."""
    with contextlib.suppress(UsageError):
        open_file(start + data, "file.html", None)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=30) | st.none(), max_size=4
    )
)
def test_front_matter_of_ours_is_read_back(fields: dict[str, str | None]) -> None:
    """Values in JSON's form, as this program's Markdown has them, survive."""
    import json

    from harvester.markdown import _scalar

    block = "".join(f"{key}: {_scalar(value)}\n" for key, value in fields.items())
    read = read_markdown_file(f"---\n{block}---\nbody\n".encode("utf-8", "surrogatepass"))
    assert read is not None
    assert dict(read.fields) == {key: json.loads(_scalar(value)) for key, value in fields.items()}


@pytest.mark.parametrize(
    ("text", "kept", "warned"),
    [
        ("2026-05-09T07:19:34.815315", "2026-05-09T07:19:34.815315", True),
        ("2026-05-09 07:19:34", "2026-05-09T07:19:34", True),
        ("2026-05-09T07:19:34+08:00", "2026-05-08T23:19:34Z", False),
        ("2026-05-09", "2026-05-09", True),
        ("yesterday", None, True),
        (None, None, False),
    ],
)
def test_claimed_times(text: str | None, kept: str | None, warned: bool) -> None:
    """No zone is invented, and what cannot be read is said."""
    time, warning = claimed_time(text)
    assert (time, warning is not None) == (kept, warned)


def test_folders_are_walked_with_care(tmp_path: Path) -> None:
    """Hidden files, a browser's folder of requisites, archives of ours and links are passed over."""
    for name in (
        "a/page.html",
        "a/page_files/frame.html",
        "a/.hidden.md",
        "a/arc/harvester-archive.json",
        "a/arc/documents/x.md",
        "a/b/c.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (tmp_path / "a/link.md").symlink_to("/etc/hostname")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path, _ in files_of([tmp_path / "a"])] == [
        "a/page.html",
        "a/b/c.md",
    ]
