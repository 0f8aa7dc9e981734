"""From characters back to bytes, and from elements to paths: on pages as they come."""

from __future__ import annotations

import codecs
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import StoredRecord
from benchmarks.quality import golden
from fixtures.golden import cases
from harvester.extraction.nodes import at_path, path_of
from harvester.extraction.spans import BodySpans, as_parsed, before_parsing
from harvester.extraction.tree import parse_html
from harvester.pipeline import derive, page_of
from harvester.tracing import FieldTrace, trace

WORDS = st.text(st.sampled_from("雾港灯塔中a1 &;\n€𠀀"), max_size=40)


@given(before=WORDS, middle=WORDS, after=WORDS, codec=st.sampled_from(["utf-8", "gb18030", "utf-16-le"]))
def test_a_span_of_the_tree_is_a_span_of_the_body(before: str, middle: str, after: str, codec: str) -> None:
    """Whatever the encoding, the bytes found are those that were written for the characters."""
    mark = codecs.BOM_UTF16_LE if codec == "utf-16-le" else b""
    head, inside, tail = (part.encode(codec) for part in (f"<p>{before}", middle, f"{after}</p>"))
    body = mark + head + inside + tail
    tree = parse_html(body, None if mark else f"text/html; charset={codec}")
    start = len(f"<p>{before}".encode())
    found = BodySpans(body, tree).in_body(start, start + len(middle.encode()))
    assert found == (len(mark + head), len(mark + head + inside))


def test_a_byte_order_mark_is_counted() -> None:
    """Offsets count the mark, since the body begins with it."""
    body = codecs.BOM_UTF8 + "<p>雾</p>".encode()
    assert BodySpans(body, parse_html(body)).in_body(3, 6) == (6, 9)


def test_bytes_without_meaning_do_not_move_what_follows() -> None:
    """Bytes that no character stands for before a span leave it where it is."""
    body = b"<p>\xff\xfe" + "雾港灯塔值守办法雾".encode() + b"</p>"
    tree = parse_html(body, "text/html; charset=utf-8")
    start = tree.data.index("灯塔".encode())
    first, last = BodySpans(body, tree).in_body(start, start + 6) or (0, 0)
    assert body[first:last].decode() == "灯塔"


@given(st.text(st.sampled_from("a雾\r\n\0"), max_size=30))
def test_a_place_among_parsed_characters_is_one_among_those_sent(raw: str) -> None:
    """The parser makes one LF of CR LF: counting back finds the same character in what was sent."""
    parsed = as_parsed(raw)
    for index in range(len(parsed)):
        at = before_parsing(raw, index)
        assert as_parsed(raw[at:])[:1] == parsed[index]
        assert len(as_parsed(raw[:at])) in {index, index + 1}  # a lone CR before an LF is one with it
    assert before_parsing(raw, len(parsed)) == len(raw)


def test_a_path_leads_back_to_every_element() -> None:
    """Of elements that look alike, with ids twice and with names that no selector can say, each is found."""
    tree = parse_html(
        b"<div id=a><p>1<p>2</div><div id=a><p class=x>3</p><a:b>4</a:b><svg><rect/></svg><p id='1 2'>5</div>"
    )
    for node in tree.root.css("*"):
        path = path_of(tree.root, node)
        found = at_path(tree.root, path or "")
        assert found is not None, node.html
        assert found.mem_id == node.mem_id


def _recent() -> tuple[StoredRecord, StoredRecord]:
    wanted = (case for case in cases() if case.site == "wechat" and case.facts["state"] == "ok")
    return golden.records(next(case for case in wanted if "literal" in _kinds(golden.records(case))))


def _kinds(records: tuple[StoredRecord, StoredRecord]) -> set[str]:
    return {place.kind for one in trace(derive(*records), *records).fields for place in one.places}


def _served(response: StoredRecord, body: bytes, charset: str) -> StoredRecord:
    fields = f"Content-Type: text/html; charset={charset}\r\nContent-Length: {len(body)}"
    head = f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"
    return replace(response, block=head.encode() + body, block_digest=None, payload_digest=None)


@pytest.mark.parametrize("form", ["utf-8", "gb18030", "crlf", "bom", "utf-16-le"])
def test_the_same_literal_is_found_in_every_form_of_a_page(form: str) -> None:
    """Encoded otherwise, or with other line ends, the title's bytes are still exactly its literal."""
    response, note = _recent()
    text = page_of(response, note).body.decode()
    codec = form if form.startswith(("utf-16", "gb")) else "utf-8"
    data = (text.replace("\n", "\r\n") if form == "crlf" else text).encode(codec)
    mark = {"bom": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE}.get(form, b"")
    served = _served(response, mark + data, codec)
    found = trace(derive(served, note), served, note)
    assert found.differing == ()
    title = next(one for one in found.fields if one.field == "title")
    assert _title_of(title, mark + data, codec) == title.stored


def _title_of(title: FieldTrace, body: bytes, codec: str) -> str:
    (place,) = title.places
    assert place.kind == "literal"
    return body[place.start : place.end].decode(codec).removeprefix("JsDecode(").strip("()'\"")
