"""What a page refers to: found in its markup and stylesheets, in the order of need, nothing run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.references import css_references, page_references
from harvester.extraction.tree import parse_html

URL = "https://www.mfa.gov.cn/web/zyxw/202605/t1.shtml"


def found(html: str, url: str = URL) -> list[tuple[str, str]]:
    return [tuple(one) for one in page_references(parse_html(html.encode(), "text/html; charset=utf-8"), url)]


def css(text: str) -> list[tuple[str, str]]:
    return [tuple(one) for one in css_references(text.encode(), "https://h.example/css/a.css")]


def test_the_order_is_that_of_need() -> None:
    """Styles come before scripts, scripts before what is loaded ahead, pictures and icons last."""
    page = """<html><head><link rel="shortcut icon" href="/i.ico"><script src="../../a.js"></script>
      <link rel="modulepreload" href="//res.example/m.js"><link rel=STYLESHEET href="s.css?v=1#x"></head>
      <body><img src="/logo.png"></body></html>"""
    assert found(page) == [
        ("https://www.mfa.gov.cn/web/zyxw/202605/s.css?v=1", "style"),
        ("https://www.mfa.gov.cn/web/a.js", "script"),
        ("https://res.example/m.js", "ahead"),
        ("https://www.mfa.gov.cn/logo.png", "image"),
        ("https://www.mfa.gov.cn/i.ico", "icon"),
    ]


def test_what_no_browser_asks_for_is_not_found() -> None:
    """`nomodule` scripts, alternate styles, hints of names, data and script addresses are left alone."""
    page = """<script nomodule src="/old.js"></script><link rel="alternate stylesheet" href="/b.css">
      <link rel="dns-prefetch" href="//x.example"><link rel="canonical" href="/c">
      <img src="data:image/gif;base64,R0">
      <img src=""><img data-src="https://lazy.example/1"><script src="javascript:1"></script>
      <script src="http://[bad/"></script><script>var a = '<script src="/no.js">';</script>"""
    assert found(page) == []


def test_base_and_inline_styles_count() -> None:
    """`<base href>` moves relative addresses; a `<style>` element's own references are found."""
    page = "<base href='https://cdn.example/d/'><style>@import 'x.css'; a{background:url(y.png)}</style>"
    assert found(page) == [("https://cdn.example/d/x.css", "style"), ("https://cdn.example/d/y.png", "image")]


def test_every_address_is_found_once_by_its_first_need() -> None:
    """A script named again for loading ahead is one reference."""
    assert found("<link rel=preload href=/a.js><script src=/a.js></script>") == [
        ("https://www.mfa.gov.cn/a.js", "script")
    ]


def test_stylesheets() -> None:
    """Imports in both forms, quoted and bare addresses, fonts; comments, data and .eot are left out."""
    text = """@import "one.css"; @IMPORT url( 'two.css' ) screen; @import url(//c.example/three.css);
      /* a{background:url(no.png)} */ @font-face{src:url(f.eot?#iefix),url("f.woff2") format("woff2")}
      b{background:URL(p.png#x)} c{background:url(data:image/png;base64,AA)} d{background:url(p.png)}"""
    assert css(text) == [
        ("https://h.example/css/one.css", "style"),
        ("https://h.example/css/two.css", "style"),
        ("https://c.example/three.css", "style"),
        ("https://h.example/css/f.woff2", "image"),
        ("https://h.example/css/p.png", "image"),
    ]


@given(st.binary(max_size=300))
def test_no_stylesheet_is_a_fault(data: bytes) -> None:
    """Any bytes give absolute web addresses or nothing."""
    for one in css_references(b"url(" + data, "https://h.example/a.css"):
        assert one.url.startswith(("http://", "https://"))


def test_hostile_stylesheets_are_read() -> None:
    """Unclosed comments, strings and addresses by the megabyte end in nothing found."""
    for hostile in ("/*" * 500_000, "url(" * 250_000, "url('" + " " * 1_000_000, "url(" + "a" * 1_000_000):
        assert css(hostile) == []
    assert len(css("@import '" * 110_000)) == 1
