"""The reading view: an article's words and captured images, nothing that runs, and its label."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.document import Document, Image
from harvester.export.body import body_html
from harvester.export.reading import reading_html
from harvester.extraction.markdown import escape
from harvester.markup import element

IMAGE = "https://mmbiz.qpic.cn/mmbiz_png/a/640?wx_fmt=png&from=appmsg"
_ALLOWED = """
html head meta title style body header main p dl dt dd h1 h2 h3 h4 h5 h6 a img span strong em s
blockquote pre code table thead tbody tr td th ul ol li br hr sup sub
"""
ALLOWED = frozenset(_ALLOWED.split())


class Elements(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(page: bytes | str) -> Elements:
    elements = Elements()
    elements.feed(page.decode() if isinstance(page, bytes) else page)
    elements.close()
    return elements


def harmless(elements: Elements) -> bool:
    """No element but ours, no handler, no link but to the web."""
    for tag, attributes in elements.found:
        links = [attributes.get("href"), attributes.get("src")]
        if tag not in ALLOWED or any(name.startswith("on") for name in attributes):
            return False
        if any(link and not link.startswith(("https://", "http://")) for link in links):
            return False
    return True


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<table><tr><td onclick=alert(1)><svg onload=alert(1)></td></tr></table>",
    "[x](javascript:alert(1)) [y](data:text/html,<script>1</script>)",
    "![x](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "</main><script src=https://evil.example/x.js></script>",
    "<style>body{display:none}</style>",
    "<!-- --><script>1</script>",
    "<table>\n<tr><td colspan='2\" onclick=\"x'>a</td></tr>\n</table>",
    "\x00<script\x00>1</script>",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_of_a_page_runs(document: Document, words: str) -> None:
    """Whatever stands in a document's Markdown, title, source or URLs: it is words."""
    hostile = msgspec.structs.replace(
        document,
        title=words,
        source=words,
        markdown=words,
        note=words,
        images=(Image(url=words, position=0, alt=words),),
    )
    assert harmless(parsed(reading_html(hostile, words, {}, words)))


@given(st.text(max_size=300))
def test_any_markdown_is_harmless(words: str) -> None:
    """The same for any text at all, and escaped words come out as they were."""
    assert harmless(parsed(body_html(words, {})[0]))
    once = " ".join(words.split())
    shown = parsed(body_html(f"<table>\n<tr>\n<td>{element('p', once)[3:-4]}</td>\n</tr>\n</table>", {})[0])
    assert shown.text.split() == once.replace("\0", "\ufffd").encode("utf-8", "replace").decode().split()


def test_our_own_markdown_is_shown(document: Document) -> None:
    """Tables with spans, superscripts, links and headings are markup; escaped signs are signs."""
    markdown = (
        '## 一\n\n<table>\n<tr>\n<td rowspan="2">a<br>b</td>\n</tr>\n</table>\n\n'
        f"x<sup>2</sup> [链接](https://e.example/?a=1&b=2) {escape('<b> * _ ~ [x](y)')}\n\n![]({IMAGE})"
    )
    body, seen = body_html(markdown, {IMAGE: IMAGE})
    found = parsed(body)
    assert ("td", {"rowspan": "2"}) in found.found
    assert {"sup", "h2", "br"} <= {tag for tag, _ in found.found}
    assert "<b> * _ ~ [x](y)" in found.text
    assert [attributes["src"] for tag, attributes in found.found if tag == "img"] == [IMAGE]
    assert seen == {IMAGE}


def test_images_are_those_that_were_captured(document: Document) -> None:
    """An image that is not in the archive is said to be missing, never fetched from the live web; a body
    image outside the text is shown behind it, a cover is not.
    """
    other = IMAGE.replace("/a/", "/b/")
    pictured = msgspec.structs.replace(
        document,
        markdown=f"![]({IMAGE})",
        images=(
            Image(url=IMAGE, position=0),
            Image(url=other, position=None),
            Image(url="https://mmbiz.qpic.cn/cover", position=None, role="cover"),
        ),
    )
    held = parsed(reading_html(pictured, None, {other: other}, "t/1"))
    assert [attributes["src"] for tag, attributes in held.found if tag == "img"] == [other]
    assert f"image not captured: {IMAGE}" in held.text
    assert "cover" not in held.text


def test_the_label_says_what_it_is(document: Document) -> None:
    """Whose page it is, of which record, by what; a rehearsal says that it is none of evidence."""
    page = parsed(reading_html(document, "https://mp.weixin.qq.com/s/x", {}, "harvester/9"))
    for words in ("not the publisher's page", "不是发布者的原网页", document.text_sha256, "harvester/9"):
        assert words in page.text
    assert "not evidence" not in page.text
    capture = msgspec.structs.replace(document.capture, rehearsal={"connect_to": ["x"]})
    rehearsed = msgspec.structs.replace(document, capture=capture)
    assert "not evidence" in parsed(reading_html(rehearsed, None, {}, "harvester/9")).text
