"""Events as feeds: JSON Feed 1.1 (https://jsonfeed.org/version/1.1) and Atom (RFC 4287). Pure."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

import msgspec

from archive.words import counted
from harvester._version import __version__
from harvester.watch.notify.config import Form
from harvester.watch.notify.notice import Notice

_ATOM: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) cannot hold, however it is written."""
_NEVER: Final = "1970-01-01T00:00:00Z"
"""`updated` of a feed without entries: RFC 4287 demands a time, and there is none."""


def feed_bytes(form: Form, title: str, notices: Sequence[Notice]) -> bytes:
    """Return a feed of these events, newest first: the same bytes for the same events."""
    return (_json_feed if form == "json" else _atom)(title, notices)


def _json_feed(title: str, notices: Sequence[Notice]) -> bytes:
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "description": "Events of watched articles",
        "items": [_item(notice) for notice in notices],
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(notice: Notice) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": notice.id,
        "url": notice.url,
        "title": _title(notice),
        "content_text": _content(notice),
        "date_published": notice.at,
        "tags": [notice.kind, *notice.tags],
    }
    if notice.account:
        item["authors"] = [{"name": notice.account}]
    # An extension: its name begins with an underscore (JSON Feed 1.1, "Extensions").
    item["_harvester"] = msgspec.to_builtins(notice)
    return item


def _atom(title: str, notices: Sequence[Notice]) -> bytes:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(_name("feed"))
    _add(feed, "title", title)
    _add(feed, "id", _urn(f"feed {title}"))
    _add(feed, "updated", max((notice.at for notice in notices), default=_NEVER))
    _add(feed, "generator", "Harvester", version=__version__)
    _add(ET.SubElement(feed, _name("author")), "name", "Harvester")
    for notice in notices:
        entry = ET.SubElement(feed, _name("entry"))
        _add(entry, "title", _title(notice))
        _add(entry, "id", _urn(notice.id))
        _add(entry, "updated", notice.at)
        _add(entry, "published", notice.at)
        _add(entry, "link", None, rel="alternate", href=notice.url)
        if notice.account:
            _add(ET.SubElement(entry, _name("author")), "name", notice.account)
        for term in (notice.kind, *notice.tags):
            _add(entry, "category", None, term=term)
        _add(entry, "content", _content(notice), type="text")
    ET.indent(feed, " ")
    data: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _add(parent: ET.Element, name: str, text: str | None, **attributes: str) -> None:
    element = ET.SubElement(parent, _name(name), {key: _clean(value) for key, value in attributes.items()})
    element.text = None if text is None else _clean(text)


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _urn(name: str) -> str:
    """Return an IRI for a name, always the same: Atom's ids must be IRIs, ours are none."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"https://harvester.invalid/{name}").urn


def _title(notice: Notice) -> str:
    return f"{notice.kind}: {notice.title or notice.url}"


def _content(notice: Notice) -> str:
    lines = [notice.sentence]
    for change in notice.changes:
        mark = "! " if change.material else ""
        lines.append(f"{mark}{change.class_}: {change.before or '(nothing)'} → {change.after or '(nothing)'}")
    if notice.changes_left_out:
        lines.append(f"and {counted(notice.changes_left_out, 'further difference')}")
    return "\n".join(lines)
