"""From a file's bytes to its links: which kind it is, told by content, and who reads it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from harvester.errors import UsageError
from harvester.extraction.charset import Decoded, decode_html
from harvester.inputs import gunzipped
from harvester.links import jsons, mail, markup, sheets, shortcuts, tables, texts
from harvester.links.named import FullError, Gathering, Kind, Links
from harvester.media_types import media_type_of_bytes

MAX_BYTES: Final = 64 << 20
MAX_DEPTH: Final = 3
"""Of attachments within attachments."""
_HEAD_CHARS: Final = 8192
_WHAT: Final = "a file of links"
_IMPORT: Final = "take it in with `harvester import`"
_KINDS: Final = (
    "text, .url/.webloc/.desktop, CSV/TSV, XLSX, JSON/JSON lines, OPML, RSS/Atom, sitemap, .eml or HTML"
)
_ZIPS: Final = (
    (
        b"application/vnd.oasis.opendocument.spreadsheet",
        "an OpenDocument spreadsheet: save it as .xlsx or CSV",
    ),
    (b"datapackage.json", f"a WACZ package: {_IMPORT}"),
    (b"word/document.xml", "a Word document: save it as text or HTML"),
)
_OLE: Final = "an old Office file (or one with a password): save it as .xlsx or CSV, without a password"
_ROOT: Final = re.compile(r"<(opml|plist|rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_HTML: Final = re.compile(
    r"\s*+<(?:!doctype (?:html|netscape)|html|head|body|meta|title|div|p|a|ul|ol|table|dl|h[1-6])[\s>]",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(r"([!-9;-~]{1,80}):[ \t]?")
_MAIL_FIELDS: Final = frozenset(
    "received return-path message-id mime-version from to date subject delivered-to reply-to x-mailer".split()  # noqa: SIM905
)
_MAIL_PROOF: Final = frozenset({"received", "message-id", "mime-version", "from"})
_MAX_HEADER_LINES: Final = 200
_MAX_JUNK: Final = 20  # one character in so many
_SECTIONS: Final = ("[internetshortcut]", "[desktop entry]")

Reader = Callable[[Gathering], None]


def links_in(data: bytes, name: str) -> Links:
    """Return the links that a file holds. `name` is the file's, for messages and as a hint.

    Raises `UsageError` for what is no file of links, is damaged, or is beyond the caps.
    """
    return _links_in(data, name, 0)


def kind_of(data: bytes, name: str) -> Kind:
    """Return the kind of a file of links, its links unread. Raises as `links_in`, where that is seen."""
    return _reader_of(data, name, 0)[0]


def _reader_of(data: bytes, name: str, depth: int) -> tuple[Kind, Reader]:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES >> 20} MiB: too large for {_WHAT}")
    data = gunzipped(data, name, MAX_BYTES, _WHAT)
    _refuse(data, name)
    return _chosen(data, name, depth)


def _links_in(data: bytes, name: str, depth: int) -> Links:
    gathering = Gathering()
    kind, read = _reader_of(data, name, depth)
    with contextlib.suppress(FullError):  # told among what is skipped
        read(gathering)
    return gathering.done(kind)


def _refuse(data: bytes, name: str) -> None:
    """Raise `UsageError` for a file that something else reads."""
    if data.startswith((b"WARC/", b"filedesc://")):
        raise UsageError(f"{name} is a web archive: {_IMPORT}")
    found = media_type_of_bytes(data)
    if found == "application/zip":
        words = next(
            (words for mark, words in _ZIPS if mark in data[:_HEAD_CHARS] or mark in data[-1 << 16 :]), None
        )
        if b"xl/" not in data or words:
            raise UsageError(f"{name} is {words or 'a ZIP file and no spreadsheet: unpack it first'}")
    elif found == "application/x-ole-storage":
        raise UsageError(f"{name} is {_OLE}")
    elif found not in {None, "text/html", "image/svg+xml"}:
        raise UsageError(f"{name} is no file of links (it begins as {found}): give {_KINDS}")


def _chosen(data: bytes, name: str, depth: int) -> tuple[Kind, Reader]:
    """Return the kind of a file, and what reads it."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx", lambda into: sheets.read(data, name, into)
    if data.startswith(b"bplist00"):
        return "shortcut", lambda into: shortcuts.read_plist(data, name, into)
    if is_mail(data):
        return "mail", lambda into: mail.read(data, name, into, lambda inner, its: _nested(inner, its, depth))
    decoded = decode_html(data)
    _refuse_junk(decoded, name)
    head = decoded.text[:_HEAD_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        marked = _chosen_markup(data, name, head)
        if marked:
            return marked
    return _chosen_text(decoded.text, name, head)


def _nested(data: bytes, name: str, depth: int) -> Links:
    if depth >= MAX_DEPTH:
        raise UsageError(f"{name} lies more than {MAX_DEPTH} mails deep")
    return _links_in(data, name, depth + 1)


def _chosen_markup(data: bytes, name: str, head: str) -> tuple[Kind, Reader] | None:
    root = _ROOT.search(head)
    if root and not _HTML.match(head):
        kind = root[1].lower()
        if kind == "plist":
            return "shortcut", lambda into: shortcuts.read_plist(data, name, into)
        if kind == "opml":
            return "opml", lambda into: markup.read_opml(data, name, into)
        if kind in {"urlset", "sitemapindex"}:
            return "sitemap", lambda into: markup.read_sitemap(data, name, into)
        return "feed", lambda into: markup.read_feed(data, into)
    if (
        _HTML.match(head)
        or media_type_of_bytes(data) == "text/html"
        or _called(name, ".html", ".htm", ".xhtml")
    ):
        return "html", lambda into: markup.read_html(data, None, name, into)
    return None


def _chosen_text(text: str, name: str, head: str) -> tuple[Kind, Reader]:
    section = next((one for one in _SECTIONS if f"\n{one}" in f"\n{head.lower()}"), None)
    if section:
        return "shortcut", lambda into: shortcuts.read_sections(text, name, section, into)
    if head.startswith(("{", "[")) or _called(name, ".json", ".jsonl", ".ndjson"):
        values = jsons.parsed(text, name, sure=_called(name, ".json", ".jsonl", ".ndjson"))
        if values is not None:
            return "json", lambda into: jsons.read(values, name, into)
    delimiter = tables.delimiter_of(text, called=_called(name, ".csv", ".tsv", ".tab"))
    if delimiter:
        return "csv", lambda into: tables.read_csv(text, delimiter, name, into)
    return "text", lambda into: texts.read(text, into)


def is_mail(data: bytes) -> bool:
    """Tell whether the bytes begin as a message does (RFC 5322 §2.2): header fields that mails have."""
    names: set[str] = set()
    for number, raw in enumerate(data[: 1 << 16].lstrip(b"\r\n").split(b"\n")):
        line = raw.rstrip(b"\r").decode("latin-1")
        if not line or number >= _MAX_HEADER_LINES:
            break
        if line[0] in " \t" or (number == 0 and line.startswith("From ")):
            continue
        found = _HEADER.match(line)
        if not found:
            return False
        names.add(found[1].lower())
    return len(names & _MAIL_FIELDS) > 1 and bool(names & _MAIL_PROOF)


def _refuse_junk(decoded: Decoded, name: str) -> None:
    text = decoded.text
    if "\0" in text or decoded.replaced * _MAX_JUNK > len(text):
        raise UsageError(f"{name} is no file of links (its bytes are no text): give {_KINDS}")


def _called(name: str, *suffixes: str) -> bool:
    pure = PurePath(name.lower())
    return (PurePath(pure.stem).suffix if pure.suffix == ".gz" else pure.suffix) in suffixes
