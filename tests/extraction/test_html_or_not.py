"""What is no HTML page never becomes an article; whatever may be one is read."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.images import png
from harvester.document import Document, to_bytes
from harvester.extraction.html_or_not import why_not_html
from harvester.markdown import markdown_bytes
from harvester.pipeline import extract

SENTENCE = "这是为试验写的一句话，说的是一件并不存在的事情，长度足够让正文被认出来。"
WORDS = "".join(f"<p>第{n}段：{SENTENCE}{SENTENCE}</p>" for n in "一二三")
PAGE = f"<html><head><title>虚构的消息</title></head><body><h1>虚构的消息</h1>{WORDS}</body></html>"
NOISE = random.Random(4).randbytes(60_000)


def document() -> Document:
    made = extract(PAGE)
    assert isinstance(made, Document)
    return made


NO_PAGES = {
    "a PNG image": (png(40, 30), "begins as a PNG image"),
    "a PDF file": (b"%PDF-1.7\n" + SENTENCE.encode() * 50, "begins as a PDF file"),
    "a ZIP file": (b"PK\x03\x04" + NOISE, "begins as a ZIP file"),
    "a program": (Path(sys.executable).resolve().read_bytes()[:500_000], "NUL bytes"),
    "random bytes": (NOISE, ""),
    "noise without NUL": (NOISE.replace(b"\0", b""), "its characters are none"),
    "a table of accounts": (b"root:x:0:0:root:/root:/bin/sh\n" * 50, "no markup"),
    "source code": (Path(__file__).parents[2].joinpath("harvester/clock.py").read_bytes(), "no markup"),
    "JSON": (json.dumps({"html": PAGE}).encode(), "it is JSON"),
    "our document": (to_bytes(document()), "a Harvester document already"),
    "our Markdown": (markdown_bytes(document()), "a Harvester document already"),
    "a feed": (f"<?xml version='1.0'?><rss><p>{WORDS}</p></rss>".encode(), "an XML document (rss)"),
    "words": ((SENTENCE * 20).encode(), "no markup"),
}


@pytest.mark.parametrize("name", NO_PAGES)
def test_what_is_no_page_is_unknown_and_says_what_it_is(name: str) -> None:
    """Bytes that are no HTML are `unknown` with the reason in words, never a document."""
    body, words = NO_PAGES[name]
    seen = extract(body)
    assert (seen.state, getattr(seen, "rule", None)) == ("unknown", "not-html")
    assert not isinstance(seen, Document)
    assert words in seen.evidence[0]
    assert seen.evidence[0].startswith("not an HTML page: ")


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "text/javascript", "application/json; a=b"])
def test_what_the_server_calls_something_else_is_no_page(kind: str) -> None:
    """A Content-Type that is no HTML is believed, at a publisher's address too."""
    seen = extract(PAGE, "https://www.mfa.gov.cn/web/x.html", [("Content-Type", kind)])
    assert seen.state == "unknown"
    assert not isinstance(seen, Document)
    assert seen.evidence == (f"not an HTML page: its Content-Type is {kind.partition(';')[0]}",)


PAGES = {
    "whole": (PAGE.encode(), "text/html"),
    "no type": (PAGE.encode(), None),
    "an unreadable type": (PAGE.encode(), "html"),
    "plain text with a page in it": (PAGE.encode(), "text/plain"),
    "XHTML": (f'<?xml version="1.0"?>{PAGE}'.encode(), "application/xhtml+xml; charset=utf-8"),
    "a fragment": (WORDS.encode(), None),
    "a fragment that begins with words": (("前言。" + WORDS).encode(), None),
    "UTF-16 with a mark": (PAGE.encode("utf-16"), None),
    "UTF-16 by its label": (PAGE.encode("utf-16-le"), "text/html; charset=utf-16le"),
    "GB 18030 labelled UTF-8": (PAGE.encode("gb18030"), "text/html; charset=utf-8"),
    "a page with a stray NUL": (PAGE.replace("虚构", "虚\0构").encode(), None),
    "a page with some damage": (PAGE.encode().replace("第二".encode(), b"\xff"), None),
    "a drawing at the top of XHTML": (
        f'<?xml version="1.0"?><html><body><svg></svg>{WORDS}</body></html>'.encode(),
        None,
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_what_may_be_a_page_is_read(name: str) -> None:
    """Fragments, other encodings, vague labels and small damage keep no page from being an article."""
    body, kind = PAGES[name]
    seen = extract(body, None, [("Content-Type", kind)] if kind else [])
    assert isinstance(seen, Document), seen
    assert "一句话" in seen.text


@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_get_an_answer(body: bytes, kind: str | None) -> None:
    """The question never fails, and the answer is the same each time."""
    assert why_not_html(body, kind) == why_not_html(body, kind)
