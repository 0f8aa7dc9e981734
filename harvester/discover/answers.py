"""What an index of a web archive answers, read: CDX in its four forms, and TimeMaps in two. Pure.

CDX: an array of arrays (Wayback's `output=json`), objects a line (pywb's), CDXJ lines, plain fields a line.
TimeMaps: link-format (RFC 7089 §5) and the JSON form of the Memento tools.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from harvester.discover.indexes import Answer, Copy, copied_from
from harvester.times import moment_of
from harvester.watch.sources import NotASourceError

MAX_COPIES: Final = 200_000
_MAX_WORDS: Final = 160
_HEADER: Final = "CDX"
_LETTERS: Final = {"a": "original", "b": "timestamp", "m": "mimetype", "s": "statuscode", "k": "digest"}
"""Field letters of CDX files, of which the first line of one says the order."""
_PLAIN: Final = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_CDXJ: Final = re.compile(r"\S{1,16384} (\d{4,17}) (\{.*)", re.DOTALL)
_LINK: Final = re.compile(
    r"<([^<>]{1,16384})>((?:\s{0,99};\s{0,99}[\w*-]{1,40}\s{0,9}=\s{0,9}(?:\"[^\"]*\"|[^\s\",;]{1,999}))*)"
)
_PARAMETER: Final = re.compile(r";\s{0,99}([\w*-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|([^\s\",;]{1,999}))")
_STAMP_CHARS: Final = 14
_NAMES: Final = {
    "original": ("original", "url"),
    "timestamp": ("timestamp",),
    "media": ("mimetype", "mime"),
    "status": ("statuscode", "status"),
    "digest": ("digest",),
}


def answer_of(data: bytes) -> Answer:
    """Return what an index answered. Raises `NotASourceError` for what is no answer of one."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text.strip():
        return Answer()
    if text[0] in "[{":
        return _of_json(text)
    if text.startswith("<") and 'rel="' in text and ("memento" in text or "timemap" in text):
        return _of_links(text)
    return _of_lines(text)


def _of_json(text: str) -> Answer:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _of_lines(text)
    if isinstance(value, dict) and ("mementos" in value or "timemap_index" in value):
        return _of_timemap(value)
    if isinstance(value, list) and all(isinstance(row, list) for row in value):
        return _of_rows(value)
    objects = value if isinstance(value, list) else [value]
    return _gathered((_fields(one) for one in objects), len(objects), text)


def _of_rows(rows: list[list[Any]]) -> Answer:
    """Read an array of arrays: the first names the fields; behind an empty one stands the key to go on."""
    if not rows:
        return Answer()
    names = [str(name) for name in rows[0]]
    if "timestamp" not in names or not {"original", "url"} & set(names):
        raise NotASourceError(
            "it is no index of captures: its first row does not name `timestamp`, `original`"
        )
    body, resume = rows[1:], None
    if len(body) > 1 and body[-2] == [] and len(body[-1]) == 1:
        body, resume = body[:-2], str(body[-1][0])
    return _gathered((dict(zip(names, row, strict=False)) for row in body), len(body), "", resume)


def _of_lines(text: str) -> Answer:
    lines = text.rstrip().split("\n")
    resume = None
    if len(lines) > 1 and not lines[-2].strip() and " " not in lines[-1].strip():
        lines, resume = lines[:-2], lines[-1].strip()
    order: Sequence[str] = _PLAIN
    if lines[0].split()[:1] == [_HEADER]:
        order = [_LETTERS.get(letter, letter) for letter in lines[0].split()[1:]]
        lines = lines[1:]
    return _gathered((_of_line(line, order) for line in lines), len(lines), text, resume)


def _of_line(line: str, order: Sequence[str]) -> dict[str, Any] | None:
    line = line.strip()
    found = _CDXJ.fullmatch(line)
    with suppress(ValueError, RecursionError):
        if found:
            return {"timestamp": found[1], **_fields(json.loads(found[2]))}
        if line.startswith("{"):
            return _fields(json.loads(line))
    cells = line.split(" ")
    return dict(zip(order, cells, strict=False)) if len(cells) >= len(_PLAIN) else None


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _gathered(
    found: Iterable[dict[str, Any] | None], count: int, text: str, resume: str | None = None
) -> Answer:
    copies = [copy for fields in found if fields and (copy := _copy(fields))]
    if count and not copies:
        words = " ".join(text[: 4 * _MAX_WORDS].split())[:_MAX_WORDS]
        raise NotASourceError(f"it is no index of captures: {words}" if words else "its rows name no capture")
    return Answer(copies=tuple(copies[:MAX_COPIES]), resume=resume, unread=count - len(copies))


def _copy(fields: dict[str, Any]) -> Copy | None:
    told = {
        name: next((str(fields[key]) for key in keys if fields.get(key) not in {None, "", "-"}), None)
        for name, keys in _NAMES.items()
    }
    at = moment_of((told["timestamp"] or "")[:_STAMP_CHARS])
    url = told["original"]
    if at is None or url is None or not url.lower().startswith(("http://", "https://")):
        return None
    status, media = told["status"], told["media"]
    return Copy(
        url=url,
        at=at,
        status=int(status) if status and status.isascii() and status.isdigit() else None,
        media_type=None if media in {None, "unk", "unknown", "warc/revisit"} else media,
        digest=told["digest"],
    )


# -- TimeMaps ------------------------------------------------------------------------------------------


def _of_links(text: str) -> Answer:
    copies: list[Copy] = []
    further: list[str] = []
    original: str | None = None
    unread = 0
    for uri, fields in _links(text):
        kinds = fields.get("rel", "").split()
        if "original" in kinds:
            original = uri
        elif "memento" in kinds:
            copy = _memento(uri, _http_date(fields.get("datetime")), original)
            copies += [copy] if copy else []
            unread += copy is None
        elif "timemap" in kinds:
            further.append(uri)
    if original is None and not copies and not further:
        raise NotASourceError("it is no TimeMap: it names no original and no copies")
    return Answer(copies=tuple(copies[:MAX_COPIES]), further=tuple(further), unread=unread)


def _links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for found in _LINK.finditer(text):
        pairs = (_PARAMETER.finditer(found[2])) if found[2] else ()
        yield found[1], {pair[1].lower(): pair[2] if pair[2] is not None else pair[3] for pair in pairs}


def _of_timemap(value: dict[str, Any]) -> Answer:
    original = value.get("original_uri")
    mementos = _fields(value.get("mementos")).get("list")
    listed = [_fields(one) for one in mementos] if isinstance(mementos, list) else []
    copies = [_memento(str(one.get("uri", "")), _iso(one.get("datetime")), original) for one in listed]
    index = value.get("timemap_index")
    further = [_fields(one).get("uri") for one in index] if isinstance(index, list) else []
    good = tuple(copy for copy in copies if copy)
    return Answer(
        copies=good[:MAX_COPIES],
        further=tuple(uri for uri in further if isinstance(uri, str)),
        unread=len(copies) - len(good),
    )


def _memento(uri: str, at: datetime | None, original: object) -> Copy | None:
    named = copied_from(uri)
    url = original if isinstance(original, str) else named[0] if named else None
    at = at or (named[1] if named else None)
    return Copy(url=url, at=at, uri=uri) if url and at and uri.startswith("http") else None


def _http_date(text: str | None) -> datetime | None:
    with suppress(ValueError, TypeError):
        when = parsedate_to_datetime(text) if text else None
        return when.astimezone(UTC) if when and when.tzinfo else None
    return None


def _iso(text: object) -> datetime | None:
    with suppress(ValueError):
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC) if when else None
    return None
