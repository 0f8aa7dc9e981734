"""Pages without their end, and what a saved page says of where it was saved from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.ending import has_end, is_open_ended, opens_document
from harvester.extraction.saved import ascii_compatible, saved_from

WHOLE = b"<!DOCTYPE html><html lang=zh><head><title>t</title></head><body><p>a</p></body></html>"


@pytest.mark.parametrize(
    ("data", "opens", "ends"),
    [
        (WHOLE, True, True),
        (WHOLE.removesuffix(b"</html>"), True, True),
        (WHOLE.upper(), True, True),
        (WHOLE + b"<script>after()</script>" + b" " * 10_000, True, True),
        (WHOLE.removesuffix(b"</body></html>"), True, False),
        (b"<body class=x><p>a", True, False),
        (b"<head><meta charset=utf-8><p>a", True, False),
        (b"<html><body><script>var a = '</body></html>'", True, False),
        (b"<html><body><script>var a = 1</script></body>", True, True),
        (b"<header>a</header><p>b</p>", False, False),
        (b"<div><p>a fragment</p></div>", False, False),
        (b"", False, False),
    ],
)
def test_a_document_that_opens_must_close(data: bytes, opens: bool, ends: bool) -> None:
    """`html`, `head` or `body` opens a page, `</html>` or `</body>` outside of scripts ends it."""
    assert (opens_document(data), has_end(data)) == (opens, ends)
    assert is_open_ended(data) == (opens and not ends)


@given(st.integers(min_value=10, max_value=len(WHOLE) - len(b"</body></html>")))
def test_a_page_cut_anywhere_before_its_end_is_open_ended(length: int) -> None:
    """Once its first tag is there."""
    cut = WHOLE[:length]
    assert is_open_ended(cut) == (b"<html" in cut)


URL = "https://mp.weixin.qq.com/s/AbCdEf_0"


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (f"<!DOCTYPE html>\n<!-- saved from url=(0035){URL} -->\n<html>", URL),
        (f"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: {URL} \n saved date: x\n-->", URL),
        (f"<html><!-- \n url: {URL} \n --><body>", None),
        (f"<html><p>saved from url=(0035){URL}</p>", None),
        ("<html><!-- saved from url=(0014)about:internet -->", None),
        ("<html><body>" + "x" * 9000 + f"<!-- saved from url=(0035){URL} -->", None),
    ],
)
def test_the_comment_of_a_saver_names_the_address(head: str, url: str | None) -> None:
    """A browser's or SingleFile's own comment at the top counts, nothing else."""
    assert saved_from(head.encode()) == url
    assert saved_from(ascii_compatible(head.encode("utf-16"))) == url


@given(st.binary(max_size=300))
def test_any_bytes_may_be_asked(data: bytes) -> None:
    """Never an exception."""
    saved_from(ascii_compatible(data))
    is_open_ended(data)
