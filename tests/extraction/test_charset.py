"""Bytes to characters: the order of evidence, labels that lie, and bytes that mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.charset import codec_of, decode_html

HAN = "这是一段用来试验编码的文字，共有两句。它不说明任何事情。"


@pytest.mark.parametrize(
    ("body", "header", "codec", "source"),
    [
        (b"\xef\xbb\xbf" + HAN.encode(), "text/html; charset=gbk", "utf-8", "bom"),
        (b"\xff\xfe" + HAN.encode("utf-16-le"), None, "utf-16-le", "bom"),
        (b"\xfe\xff" + HAN.encode("utf-16-be"), None, "utf-16-be", "bom"),
        (HAN.encode("gb18030"), 'text/html; charset="GB2312"', "gb18030", "header"),
        (b'<meta charset="gbk">' + HAN.encode("gb18030"), None, "gb18030", "meta"),
        (
            b"<META http-equiv=Content-Type content='text/html; charset=gb2312'>" + HAN.encode("gb18030"),
            None,
            "gb18030",
            "meta",
        ),
        (b'<?xml version="1.0" encoding="gb2312"?>' + HAN.encode("gb18030"), None, "gb18030", "meta"),
        (HAN.encode(), None, "utf-8", "sniffed"),
        (HAN.encode("gb18030"), None, "gb18030", "sniffed"),
        (b'<meta charset="big5">' + "一個測試".encode("big5"), None, "big5hkscs", "meta"),
    ],
)
def test_evidence_is_taken_in_the_order_of_the_standard(
    body: bytes, header: str | None, codec: str, source: str
) -> None:
    """Byte-order mark, transport, declaration, then UTF-8 if well formed, else GB 18030."""
    decoded = decode_html(body, header)
    assert (decoded.encoding, decoded.source, decoded.replaced) == (codec, source, 0)
    assert decoded.text.endswith("一個測試" if codec == "big5hkscs" else HAN)
    assert not decoded.text.startswith("\ufeff")


def test_a_declaration_in_a_comment_or_of_utf16_does_not_count() -> None:
    """Prescan: comments are skipped; a readable declaration cannot be of UTF-16."""
    assert (
        decode_html(b"<!-- <meta charset=big5> --><meta charset=gbk>" + HAN.encode("gbk")).encoding
        == "gb18030"
    )
    assert decode_html(b"<meta charset=utf-16>" + HAN.encode()).encoding == "utf-8"


def test_gb_bytes_labelled_utf8_are_read_as_gb() -> None:
    """A label that the bytes contradict in most places is overruled, and that is reported."""
    decoded = decode_html(b"<meta charset=utf-8>" + HAN.encode("gb18030"), "text/html; charset=utf-8")
    assert decoded.text.endswith(HAN)
    assert (decoded.encoding, decoded.mislabelled, decoded.declared) == ("gb18030", True, "utf-8")


def test_utf8_bytes_labelled_gb_are_read_as_utf8() -> None:
    """UTF-8 beyond accident wins over a label; too few characters do not."""
    decoded = decode_html(b"<meta charset=gb2312>" + HAN.encode())
    assert decoded.text.endswith(HAN)
    assert decoded.mislabelled
    assert not decode_html(b"<meta charset=gb2312>" + "联通".encode("gb2312")).mislabelled


def test_a_utf8_page_with_a_damaged_place_stays_utf8() -> None:
    """One broken place costs one U+FFFD, not the page."""
    body = HAN.encode() * 3
    decoded = decode_html(body[:31] + body[32:], None)
    assert decoded.encoding == "utf-8"
    assert 1 <= decoded.replaced <= 2
    assert decode_html(body[:-1]).encoding == "utf-8"


@pytest.mark.parametrize(
    "label", ["base64", "rot13", "hex", "idna", "unicode_escape", "no-such-label", "", "x" * 99]
)
def test_labels_that_name_no_text_encoding_are_unknown(label: str) -> None:
    """A page cannot choose one of Python's own transforms."""
    assert codec_of(label) is None


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html; charset=utf-8", "text/html;charset=gbk", "x; charset=utf-16"]),
)
def test_no_bytes_make_it_fail(body: bytes, header: str | None) -> None:
    """Surrogates, NULs, cut sequences: always well-formed UTF-8 comes out, and the text encodes back."""
    decoded = decode_html(body, header)
    assert decoded.text.encode() == decoded.data


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["Cs"]), min_size=9, max_size=200))
def test_gb18030_text_comes_back_whole(text: str) -> None:
    """What gb18030 can write, a page so labelled gives back, unless it happens to be UTF-8 too."""
    decoded = decode_html(text.encode("gb18030"), "text/html; charset=gb18030")
    assert decoded.mislabelled or decoded.text == text or text.startswith(("\ufeff",))
