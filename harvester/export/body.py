"""A document's Markdown as HTML that holds no script, and no image but those that were captured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from harvester.commonmark import parser
from harvester.intake import asset_url
from harvester.markup import Markup, element, escaped, image, is_web

_PLAIN: Final = frozenset({"table", "tr", "td", "th", "sup", "sub", "br"})
"""The HTML that our own Markdown holds (harvester.extraction.markdown); everything else is text."""
_SPANS: Final = frozenset({"colspan", "rowspan"})
_MAX_SPAN_DIGITS: Final = 3


def body_html(markdown: str, images: Mapping[str, str]) -> tuple[Markup, frozenset[str]]:
    """Return a document's body as HTML, and the keys of the images that stand in it.

    `images` gives, by `image_key`, the URL under which an image was captured.
    """
    made = parser(html=True)
    renderer = _Renderer(made, images)
    text = renderer.render(made.parse(markdown), made.options, {})
    return Markup(text), frozenset(renderer.seen)


class _Renderer(RendererHTML):
    """markdown-it's own renderer, which escapes all text; HTML, links and images are by our rules."""

    def __init__(self, made: Any, images: Mapping[str, str]) -> None:
        super().__init__(made)
        self._images = images
        self.seen: set[str] = set()

    def _picture(self, url: str, alt: str | None) -> Markup:
        self.seen.add(image_key(url))
        return picture(url, alt, self._images)

    def image(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        return self._picture(str(tokens[idx].attrs.get("src", "")), tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        url = str(tokens[idx].attrs.get("href", ""))
        return f'<a href="{escaped(url)}" rel="noopener noreferrer">' if is_web(url) else "<a>"

    def html_block(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        return _Allowed(self._picture).through(tokens[idx].content)

    def html_inline(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        return _Allowed(self._picture).through(tokens[idx].content)


def image_key(url: str) -> str:
    """Return the form of an image's URL by which captures are found: Markdown escapes what pages do not."""
    return asset_url(url) if is_web(url) else url


def picture(url: str, alt: str | None, images: Mapping[str, str]) -> Markup:
    """Return an image that was captured, or the words that it was not."""
    held = images.get(image_key(url))
    if held is not None:
        return image(held, alt)
    words = "图片未存档 · image not captured: " + url
    return element("span", words, cls="missing")


class _Allowed(HTMLParser):
    """Passes the few elements of our own Markdown, without attributes but spans; the rest is text."""

    def __init__(self, picture: Callable[[str, str | None], Markup]) -> None:
        super().__init__(convert_charrefs=True)
        self._picture = picture
        self._out: list[str] = []

    def through(self, text: str) -> str:
        self.feed(text)
        self.close()
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self._out.append(self._picture(given.get("src") or "", given.get("alt")))
        elif tag in _PLAIN:
            spans = "".join(f' {name}="{value}"' for name, value in attrs if _is_span(name, value))
            self._out.append(f"<{tag}{spans}>")
        else:
            self._out.append(escaped(self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        self._out.append(f"</{tag}>" if tag in _PLAIN and tag != "br" else escaped(f"</{tag}>"))

    def handle_data(self, data: str) -> None:
        self._out.append(escaped(data))


def _is_span(name: str, value: str | None) -> bool:
    digits = value or ""
    return name in _SPANS and digits.isascii() and digits.isdigit() and len(digits) <= _MAX_SPAN_DIGITS
