"""Indexes of web archives: how they are asked, what each form of answer names, and of which pages."""

from __future__ import annotations

import contextlib
import json
import math
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.discover.answers import answer_of
from harvester.discover.indexes import Copy, copied_from, limit_of, pages_of, question, replay_of, shown_at
from harvester.errors import UsageError
from harvester.watch.sources import NotASourceError

A = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"
KEY = "com,qq,weixin,mp)/s/aaaaaaaaaaaaaaaaaaaaaa"
AT = datetime(2024, 1, 31, 0, 0, 5, tzinfo=UTC)
FULL = Copy(url=A, at=AT, status=200, media_type="text/html", digest="ABC")
HEADER = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
ROW = [KEY, "20240131000005", A, "text/html", "200", "ABC", "1234"]
REVISIT = [KEY, "20240131000005", A, "warc/revisit", "-", "ABC", "99"]
OBJECT = {
    "urlkey": KEY,
    "timestamp": "20240131000005",
    "url": A,
    "mime": "text/html",
    "status": "200",
    "digest": "ABC",
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([HEADER, ROW]),
        json.dumps(OBJECT),
        json.dumps(OBJECT) + "\n",
        f"{KEY} 20240131000005 {json.dumps(OBJECT)}\n",
        " ".join(ROW) + "\n",
        f" CDX N b a m s k r M S V g\n{' '.join(ROW[:6])} - - 1 2 a.warc.gz\n",
    ],
    ids=["rows", "object", "lines", "cdxj", "plain", "cdx-file"],
)
def test_every_form_of_cdx(text: str) -> None:
    """The forms that the Wayback Machine and pywb give name the same copy."""
    assert answer_of(text.encode()).copies == (FULL,)


def test_a_key_to_go_on() -> None:
    """Behind an empty row or line stands the key of the next question; it is no capture."""
    rows = answer_of(json.dumps([HEADER, ROW, [], ["com,qq)/ 2024"]]).encode())
    assert (rows.copies, rows.resume, rows.unread) == ((FULL,), "com,qq)/ 2024", 0)
    lines = answer_of(f"{' '.join(ROW)}\n\ncom%2Cqq+2024\n".encode())
    assert (lines.copies, lines.resume, lines.unread) == ((FULL,), "com%2Cqq+2024", 0)


def test_what_an_index_does_not_say() -> None:
    """A repetition has neither status nor type; what cannot be read is counted; nothing is no fault."""
    found = answer_of(json.dumps([HEADER, REVISIT, ["x"], [KEY, "20241399", A, "-", "-", "-", "-"]]).encode())
    assert found.copies == (Copy(url=A, at=AT, digest="ABC"),)
    assert found.unread == 2
    for empty in (b"", b"\n", b"[]", json.dumps([HEADER]).encode()):
        assert answer_of(empty).copies == ()


LINKS = f"""<{A}>; rel="original",
<http://archive.example/timemap/link/{A}>; rel="self"; from="Wed, 31 Jan 2024 00:00:05 GMT",
<http://archive.example/timemap/link/2/{A}>; rel="timemap"; type="application/link-format",
<http://archive.example/{A}>; rel="timegate",
<http://archive.example/web/20240131000005/{A}>; rel="first memento"; datetime="Wed, 31 Jan 2024 00:00:05 GMT"
"""


def test_timemaps() -> None:
    """Link-format and JSON name copies with their addresses, and the parts of a TimeMap in several."""
    memento = Copy(url=A, at=AT, uri=f"http://archive.example/web/20240131000005/{A}")
    links = answer_of(LINKS.encode())
    assert (links.copies, links.further) == ((memento,), (f"http://archive.example/timemap/link/2/{A}",))
    value = {
        "original_uri": A,
        "mementos": {"list": [{"datetime": "2024-01-31T00:00:05Z", "uri": memento.uri}, {"uri": 1}]},
        "timemap_index": [{"uri": "http://archive.example/timemap/json/2"}],
    }
    found = answer_of(json.dumps(value).encode())
    assert (found.copies, found.unread) == ((memento,), 1)
    assert found.further == ("http://archive.example/timemap/json/2",)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>Sorry</body></html>",
        b"Blocked Site Error",
        b'{"message": "no"}',
        b"[[1, 2], [3]]",
        b"[1]",
        b"{",
    ],
)
def test_what_is_no_index_says_so(data: bytes) -> None:
    """A page or a message in the place of an answer is told, not taken for an empty index."""
    with pytest.raises(NotASourceError, match=r"no index|no capture"):
        answer_of(data)


def test_a_question_keeps_what_the_address_asks() -> None:
    """Prefix, JSON, a limit and a key are added; what the operator wrote stays."""
    asked = urlsplit(
        question("https://a.example/cdx/search/cdx?from=2024&limit=9", "mp.weixin.qq.com/s*", resume="k 1")
    )
    assert parse_qs(asked.query) == {
        "from": ["2024"],
        "limit": ["9"],
        "url": ["mp.weixin.qq.com/s"],
        "matchType": ["prefix"],
        "output": ["json"],
        "showResumeKey": ["true"],
        "resumeKey": ["k 1"],
    }
    assert (limit_of(asked.geturl()), limit_of(f"https://a.example/timemap/link/{A}?limit=1")) == (
        9,
        math.inf,
    )
    assert question("https://a.example/timemap/link/", A) == f"https://a.example/timemap/link/{A}"
    assert question(f"https://a.example/timemap/link/{A}", None) == f"https://a.example/timemap/link/{A}"
    for index in ("https://a.example/cdx", "https://a.example/timemap/link/"):
        with pytest.raises(UsageError, match="--match"):
            question(index, None)


@pytest.mark.parametrize(
    ("index", "replay"),
    [
        ("https://a.example/cdx/search/cdx?x=1", "https://a.example/web/"),
        ("https://a.example/coll/cdx", "https://a.example/coll/"),
        ("https://a.example/coll-cdx", "https://a.example/coll/"),
        ("https://a.example/coll/timemap/link/", "https://a.example/coll/"),
        ("https://a.example/api", None),
    ],
)
def test_where_copies_are_shown(index: str, replay: str | None) -> None:
    """Where copies are follows from the index's address; they are asked for as they were captured."""
    assert replay_of(index) == replay
    shown = shown_at(FULL, replay)
    assert shown == (f"{replay}20240131000005id_/{A}" if replay else None)
    assert shown is None or copied_from(shown) == (A, AT)
    memento = Copy(url=A, at=AT, uri=f"https://a.example/web/20240131000005/{A}")
    assert shown_at(memento, None) == f"https://a.example/web/20240131000005id_/{A}"


def test_pages_that_are_worth_proposing() -> None:
    """One of all forms of an article's URL, with all its copies; no scripts, pictures or front pages."""
    long = "http://mp.weixin.qq.com:80/s?__biz=MzA3MDAwMDAwMA==&mid=2650000001&idx=1&sn=0123456789abcdef0123456789abcdef"
    copies = [
        Copy(url=A, at=AT, status=200),
        Copy(url=f"{A}?scene=1", at=AT.replace(year=2025), status=200),
        Copy(url=f"{long}&chksm=1&key=secret", at=AT, status=200),
        Copy(url=f"{long}&scene=2", at=AT, status=302),
        Copy(url="https://mp.weixin.qq.com/mp/jsmonitor?idkey=1", at=AT, status=200),
        Copy(url="https://x.example/a", at=AT, status=200, media_type="text/html"),
        Copy(url="https://x.example/a.png", at=AT, status=200, media_type="image/png"),
        Copy(url="https://x.example/gone", at=AT, status=404, media_type="text/html"),
        Copy(url="http://[bad", at=AT),
    ]
    held = pages_of(copies)
    assert [(len(one.copies), one.summary) for one in held] == [
        (2, "2 copies in the index, 2024-01-31 to 2025-01-31"),
        (2, "2 copies in the index, of 2024-01-31"),
        (1, "1 copy in the index, of 2024-01-31"),
    ]
    assert held[0].copies[0].at.year == 2025
    assert "key=" not in held[1].lead.url


LINE = st.text(alphabet='<>;,"= \n[]{}rel:x/-09', max_size=60)


@given(
    st.lists(st.sampled_from([" ".join(ROW), json.dumps(OBJECT), "[]", LINKS, "CDX a b"]) | LINE, max_size=5)
)
def test_any_answer_is_read_or_refused(lines: list[str]) -> None:
    """Nothing that a server sends is a fault of ours."""
    with contextlib.suppress(NotASourceError):
        answer_of("\n".join(lines).encode())
