"""Films and sounds: they are shown as placeholders, never fetched, and a document says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from selectolax.lexbor import LexborNode

from harvester.extraction.body import Widget

ELEMENTS: Final = (("video", "视频"), ("audio", "语音"))
"""What plays by itself in any page's body, and the word that stands for it."""
_KINDS: Final = {"视频": "video", "视频号": "video", "语音": "audio", "音乐": "audio"}
_REFERENCES: Final = (
    "data-mpvid",
    "voice_encode_fileid",
    "src",
    "data-src",
    "data-url",
    "data-id",
    "audiourl",
)
_MAX_SAID: Final = 20
_MAX_CHARS: Final = 300


def reference(node: LexborNode) -> str | None:
    """Return the address or id of what an element plays, as the page gives it; None where it gives none."""
    attributes = node.attributes
    source = node.css_first("source[src]")
    given = [attributes.get(name) for name in _REFERENCES]
    given += [source.attributes.get("src") if source else None]
    return next((value.strip() for value in given if value and value.strip()), None)


def in_page(root: LexborNode) -> tuple[Widget, ...]:
    """Return what a page plays, wherever it stands; players without an address are templates."""
    found = (Widget(word, None, reference(node)) for name, word in ELEMENTS for node in root.css(name))
    return tuple(one for one in found if one.reference)


def not_fetched(widgets: Iterable[Widget]) -> tuple[str, ...]:
    """Return a sentence for each film or sound among a body's widgets: that it was not fetched."""
    lines = [_line(_KINDS[one.word], one) for one in widgets if one.word in _KINDS]
    more = len(lines) - _MAX_SAID
    return (*lines[:_MAX_SAID], *((f"not fetched: {more} more of video or audio",) if more > 0 else ()))


def _line(kind: str, widget: Widget) -> str:
    label = f" “{' '.join(widget.label.split())}”" if widget.label else ""
    where = f" ({widget.reference})" if widget.reference else ""
    return f"not fetched: {kind}{label}{where}"[:_MAX_CHARS]
