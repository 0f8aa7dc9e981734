"""Is a body an HTML page at all? A picture or a program's source read as one gives words nobody wrote.

A parser of HTML makes a tree of any bytes, so the question is asked of the bytes: what their beginning
proves them to be, what the server calls them, whether they are text, and whether there is markup in them.
Fragments without `html` and `body` are pages too.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Final

from harvester.extraction.charset import decode_html
from harvester.media_types import media_type_of_bytes

_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_VAGUE_TYPES: Final = frozenset(
    {"text/plain", "text/xml", "application/xml", "application/octet-stream", "binary/octet-stream"}
)
"""What servers call HTML where nobody told them; read if it looks like HTML."""
_NAMES: Final = {
    "application/x-ole-storage": "an old Office file",
    "application/zip": "a ZIP file (an Office document perhaps)",
    "application/pdf": "a PDF file",
    "application/x-rar-compressed": "a RAR file",
    "image/svg+xml": "an SVG image",
}
_UTF16: Final = (b"\xfe\xff", b"\xff\xfe")
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b\x00")) + b"\x7f"
_C1: Final = re.compile("[\x80-\x9f]")
_MAX_JUNK_SHARE: Final = 0.03
"""Share of characters that no text has. Of the real pages at hand the worst has 0.0005."""
_PLACE: Final = re.compile(rb"<(?:html|body)[\s>]", re.IGNORECASE)
_XML_ROOT: Final = re.compile(rb"<(rss|feed|urlset|sitemapindex|rdf:RDF|manifest|plist)[\s>]", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*+<\?xml", re.IGNORECASE)
_TAG: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,15}+)[\s/>]")
_ELEMENTS: Final = frozenset(
    """html head body title meta link script style main article section header footer nav aside div span p br
    hr h1 h2 h3 h4 h5 h6 a img ul ol li dl dt dd table tbody thead tr td th b i u em strong font center pre
    blockquote figure form iframe video audio noscript label button sup sub small picture""".split()  # noqa: SIM905
)
_CHARS_PER_TAG: Final = 200
"""Of a fragment that begins with words. Program text that handles HTML names a tag now and then."""
_HEAD_BYTES: Final = 4096


def why_not_html(body: bytes, content_type: str | None, *, proven: bool = False) -> str | None:
    """Say why a body is no HTML page, in words for a person, or return None if it may be one.

    `content_type` is the HTTP header's value, if any. `proven` says that the body's text need not be asked: a
    publisher's own markup was found in it, or it is too expensive to read.
    """
    reason = _by_bytes(body, content_type) or _by_server(body, content_type)
    if reason is None and not proven and body and not body.isspace():
        reason = _by_text(body, content_type)
    return f"not an HTML page: {reason}" if reason else None


def _by_bytes(body: bytes, content_type: str | None) -> str | None:
    kind = media_type_of_bytes(body)
    if kind == "text/html":
        return None
    if kind == "image/svg+xml" and _PLACE.search(body[:_HEAD_BYTES]):
        return None  # an XHTML page with a drawing near its top
    if kind:
        group, _, name = kind.partition("/")
        words = {"image": f"a {name.upper()} image", "font": f"a font ({name})"}.get(group)
        return f"begins as {_NAMES.get(kind) or words or kind}"
    root = _XML_ROOT.search(body[:_HEAD_BYTES]) if _XML.match(body) else None
    if root:
        return f"an XML document ({root[1].decode()})"
    wide = body.startswith(_UTF16) or "utf-16" in (content_type or "").lower()
    return "it holds NUL bytes, as no text does" if b"\0" in body and not wide else None


def _by_server(body: bytes, content_type: str | None) -> str | None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if "/" not in kind or kind in _HTML_TYPES:  # none, or none that can be read (MIME Sniffing §4.4)
        return None
    if kind in _VAGUE_TYPES and _has_markup(decode_html(body, content_type).text):
        return None
    return f"its Content-Type is {kind[:80]}"


def _by_text(body: bytes, content_type: str | None) -> str | None:
    text = decode_html(body, content_type).text
    share = _junk(text) / max(1, len(text))
    if share > _MAX_JUNK_SHARE:
        return f"{share:.0%} of its characters are none (U+FFFD or control characters)"
    return _as_data(text) or (None if _has_markup(text) else "there is no markup in it")


def _junk(text: str) -> int:
    """Return how many characters stand for bytes without meaning, or steer a machine."""
    narrow = text.encode("utf-8", "replace")
    controls = len(narrow) - len(narrow.translate(None, _CONTROLS + b"\x00"))
    return controls + text.count("\ufffd") + sum(1 for _ in _C1.finditer(text))


def _as_data(text: str) -> str | None:
    """Say what a text is that is JSON, or a document of ours."""
    start = text.lstrip()
    if start.startswith("---") and "\ntext_sha256:" in start[:_HEAD_BYTES]:
        return "it is a Harvester document already (Markdown); `harvester verify` takes it as it is"
    if start[:1] not in {"{", "["}:
        return None
    try:
        value = json.loads(start)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and str(value.get("schema", "")).startswith("https://harvester.invalid/"):
        return "it is a Harvester document already (JSON); `harvester verify` takes it as it is"
    return "it is JSON"


def _has_markup(text: str) -> bool:
    """Tell whether there are elements of HTML in a text, and enough of them where it begins with words."""
    begins_with_markup = text.lstrip("\ufeff \t\r\n\f\0")[:1] == "<"
    wanted = 1 if begins_with_markup else 1 + len(text) // _CHARS_PER_TAG
    known = (match for match in _TAG.finditer(text) if match[1].lower() in _ELEMENTS)
    return sum(1 for _ in islice(known, wanted)) == wanted
