"""Hostile pages, each built when asked for: what issues and other projects' bug trackers tell of."""

# ruff: noqa: E501 - tables read best unbroken
from __future__ import annotations

from collections.abc import Callable

import pytest

CGI = b"<script>\nwindow.cgiDataNew = {\n%s\n};\n</script>"
PAGE = b'<!DOCTYPE html><html><head><title>x</title></head><body><div id="js_article"><div id="js_content">%s</div></div></body></html>'


def page(body: bytes) -> bytes:
    return PAGE % body


def data_page(members: bytes) -> bytes:
    return page(b"").replace(b"<body>", b"<body>" + CGI % members)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "100 000 nested tags": lambda: page(b"<div>" * 100_000),
    "100 000 nested tags, closed": lambda: page(b"<section>" * 100_000 + b"x" + b"</section>" * 100_000),
    "450 nested tags, many texts": lambda: page((b"<span>a" * 450 + b"</span>" * 450) * 60),
    "400 kB of <b><i>": lambda: page(b"<b><i>" * 66_667),
    "124 kB of <font a=1><p></i></u>": lambda: page(b"<font a=1><p></i></u>" * 5_900),
    "100 000 attributes on a tag": lambda: page(b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x</p>"),
    "one attribute of 8 MB": lambda: page(b'<p title="' + b"a" * 8_000_000 + b'">x</p>'),
    "100 000 styles": lambda: page(b"".join(b'<span style="color:rgba(0,0,0,.%d);">a</span>' % n for n in range(50_000))),
    "a style of 4 MB": lambda: page(b'<p style="' + b"color:red;url(" * 300_000 + b'">x</p>'),
    "a body of 200 000 elements": lambda: page(b"<p>\xe5\xad\x97</p>" * 200_000),
    "a body of 1 900 000 elements": lambda: page(b"<p>a</p>" * 1_900_000),
    "a body of 140 000 elements": lambda: page(b"<p>a</p>" * 140_000),
    "a body of 74 000 elements": lambda: page(b"<p>a</p>" * 74_000),  # the most that is read
    "a body of 200 000 line breaks": lambda: page(b"a<br>" * 200_000),
    "a body of 74 000 line breaks": lambda: page(b"a<br>" * 74_000),
    "a body of 100 000 spans in one paragraph": lambda: page(b"<p>" + b"<span>a</span> " * 100_000 + b"</p>"),
    "a body of 49 000 spans in one paragraph": lambda: page(b"<p>" + b"<span>a</span> " * 49_000 + b"</p>"),
    "a table of 30 000 rows": lambda: page(b"<table>" + b"<tr><td colspan=1000 rowspan=1000>a" * 30_000 + b"</table>"),
    "lists in lists": lambda: page(b"<ul><li>a" * 190 + b"</ul>" * 190),
    "cgiDataNew of 8 MB": lambda: data_page(b"title: 'x',\ncontent_noencode: '" + b"\\x3cp\\x3ea" * 800_000 + b"',"),
    "cgiDataNew of 12 MB": lambda: data_page(b"title: 'x',\ncontent_noencode: '" + b"a" * 12_000_000 + b"',"),
    "cgiDataNew with 400 000 members": lambda: data_page(b"".join(b"m%d: '1' * 1,\n" % n for n in range(400_000))),
    "a picture list of 100 000": lambda: data_page(
        b"item_show_type: '8' * 1,\npicture_page_info_list: [" + b"{cdn_url: 'https://mmbiz.qpic.cn/a'}," * 100_000 + b"],"
    ),
    "an endless string literal": lambda: data_page(b"title: '" + b"\\'" * 2_000_000),
    "an endless nested literal": lambda: data_page(b"title: " + b"[" * 2_000_000),
    "an endless comment": lambda: data_page(b"title: /*" + b"*" * 4_000_000),
    "100 000 variables": lambda: page(b"<script>" + b"\nvar title = 'x' || [{a: '\\x3c'}];" * 4_000 + b"</script>") * 1,
    "30 000 scripts with variables": lambda: page(b"<script>\nvar title = 'x';</script>" * 30_000),
    "cgiDataNew assigned 20 000 times": lambda: data_page(b"").replace(
        b"</script>", b"\nwindow.cgiDataNew = {a: [" * 20_000 + b"</script>"
    ),
    "surrogates as UTF-8": lambda: page(b"<p>\xed\xa0\x80\xed\xb0\x80" * 70_000),
    "surrogates in a literal": lambda: data_page(b"title: '" + b"\\ud800" * 500_000 + b"',"),
    "NULs": lambda: page(b"<p>a\0b</p>" * 70_000),
    "only NULs": lambda: b"\0" * 4_000_000,
    "mixed encodings": lambda: page(("<p>雾港</p>".encode() + "<p>雾港</p>".encode("gb18030")) * 35_000),
    "gb18030 labelled utf-8": lambda: page("<meta charset=utf-8><p>雾港气象台今天发布消息</p>".encode("gb18030") * 20_000),
    "utf-16 with a mark": lambda: page(b"<p>a</p>" * 10_000).decode().encode("utf-16"),
    "random bytes": lambda: bytes((n * n * 31 + n // 7) & 255 for n in range(1_000_000)),
    "an endless tag": lambda: b"<" * 4_000_000,
    "an endless comment of markup": lambda: page(b"<!--" * 1_000_000),
    "unclosed scripts": lambda: b"<script><!--<script>" * 200_000,
    "200 000 hidden words": lambda: page(b'<p style="display:none">a</p>' * 100_000),
    "74 000 hidden words": lambda: page(b'<p style="display:none">a</p>' * 74_000),
    "widgets": lambda: page(b'<mp-weapp data-weapp-title="a"></mp-weapp>' * 20_000),
    "a page of 17 MB": lambda: page(b"a" * (17 << 20)),
    "nothing": lambda: b"",
}  # fmt: skip


# The ordinary run tries these; `pytest -m slow` tries the rest.
ALWAYS = frozenset(
    [
        "100 000 nested tags", "400 kB of <b><i>", "124 kB of <font a=1><p></i></u>", "100 000 attributes on a tag",
        "a body of 200 000 elements", "a body of 140 000 elements", "a body of 74 000 elements", "cgiDataNew of 8 MB", "an endless string literal",
        "an endless nested literal", "surrogates in a literal", "NULs", "mixed encodings", "gb18030 labelled utf-8",
        "nothing",
    ]
)  # fmt: skip


@pytest.fixture(
    params=[pytest.param(name, marks=[] if name in ALWAYS else [pytest.mark.slow]) for name in HOSTILE]
)
def hostile(request: pytest.FixtureRequest) -> bytes:
    """One hostile page."""
    return HOSTILE[request.param]()
