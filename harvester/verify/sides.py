"""A side of a comparison, and how one is loaded from a file."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from harvester.document import Document, PageState, document_from_bytes
from harvester.errors import UsageError
from harvester.inputs import GZIP, gunzipped, read_file
from harvester.verify.markdown import split_front_matter, strip_markdown

MAX_FILE_BYTES = 64 << 20
_WHAT = "one article"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
Extract = Callable[[bytes, str | None], Document | PageState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One text to compare.

    `text` is the stored text to which all offsets refer. `frame` holds (start, end, role) of editorial
    lines the page's reader found, in code points. `problem` says why there is no text to compare (a
    page state); such a side gives `cannot-verify`. `origin` is what the caller knows of where the side
    came from; it is passed through to the result. `rehearsal` says how its capture departed from plain
    fetching (`Capture.rehearsal`): such a side is no evidence. `warnings` are sentences about the side for
    the result.
    """

    text: str
    label: str
    title: str | None = None
    frame: tuple[tuple[int, int, str], ...] = ()
    document: Document | None = None
    page_state: PageState | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    rehearsal: dict[str, Any] | None = None
    problem: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_absent(self) -> bool:
        """Whether there is no such side at all: neither text nor page, only why."""
        return self.problem is not None and self.document is None and self.page_state is None


def side_from_document(document: Document, label: str, origin: Mapping[str, Any] | None = None) -> Side:
    """Make a side of a document; one whose text is not what its digest says is told of in `warnings`."""
    fits = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest() == document.text_sha256
    return Side(
        text=document.text,
        label=label,
        title=document.title,
        frame=tuple((line.start, line.end, line.role) for line in document.frame),
        document=document,
        origin=dict(origin or {}),
        rehearsal=document.capture.rehearsal,
        warnings=() if fits else (f"{label}: its text does not fit its own text_sha256; it was altered",),
    )


def side_from_state(state: PageState, label: str, origin: Mapping[str, Any] | None = None) -> Side:
    """Make a side of a page that is not an article: it has no text, and the reason says so."""
    return Side(
        text="",
        label=label,
        page_state=state,
        origin=dict(origin or {}),
        rehearsal=state.capture.rehearsal,
        problem=_no_article(label, state.state),
    )


def _no_article(label: str, state: str) -> str:
    return f"{label} is not an article but a page of state “{state}”"


def load_side(path: Path, extract: Extract | None = None) -> Side:
    """Load a side from a document JSON, Markdown, HTML or text file; gzip is undone.

    HTML needs `extract` (HTML bytes and URL or None to a document or page state). Raises `UsageError`
    for a file that cannot be read, is too large, is not text, or is JSON of another kind, `StorageError`
    where permission to read it is missing.
    """
    return side_from_bytes(read_file(path, MAX_FILE_BYTES, _WHAT), path.name, extract)


def side_from_bytes(data: bytes, name: str, extract: Extract | None = None) -> Side:
    """Load a side from a file's bytes; `name` (its suffixes too) tells the kind where content does not."""
    if data.startswith(GZIP):
        data, name = gunzipped(data, name, MAX_FILE_BYTES, _WHAT), name.removesuffix(".gz")
    if data.startswith(_UTF_16):
        data = _utf_16(data, name).encode()
    if _is_html(data, name):
        if extract is None:
            raise UsageError(f"{name} is HTML, and no extractor was given to read it")
        return _of(extract(data, None), name)
    text = _decode(data, name)
    if name.lower().endswith(".json") or text.lstrip()[:1] == "{":
        return _from_json(data, text, name)
    front, body = split_front_matter(text)
    if front is not None or name.lower().endswith((".md", ".markdown")):
        title = (front or {}).get("title")
        words = strip_markdown(body, ours="text_sha256" in (front or {}))
        rehearsal = _rehearsal((front or {}).get("rehearsal"))
        return Side(text=words, label=name, title=title, origin=dict(front or {}), rehearsal=rehearsal)
    # A text file's last line ends as every other does (POSIX, "Line"); that one end is no part of the text.
    return Side(text=text.removesuffix("\n").removesuffix("\r"), label=name)


def _of(value: Document | PageState, label: str) -> Side:
    if isinstance(value, Document):
        return side_from_document(value, label)
    return side_from_state(value, label)


def _is_html(data: bytes, name: str) -> bool:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    looks = re.match(rb"<(!doctype html|html|head|body|!--)", head) is not None
    return looks or name.lower().endswith((".html", ".htm", ".shtml"))


def _decode(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise UsageError(f"{name} is neither UTF-8 nor GB 18030 text") from error
    if "\x00" in text:
        raise UsageError(f"{name} is not text: it holds NUL bytes; if it is UTF-16, save it as UTF-8")
    return text


def _utf_16(data: bytes, name: str) -> str:
    """Return text in UTF-16 that has its byte-order mark (RFC 2781 §4.3), as Windows programs save it."""
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} begins as UTF-16 but is not ({error.reason}); save it as UTF-8") from error


def _rehearsal(line: str | None) -> dict[str, Any] | None:
    """Read the front matter's `rehearsal`; what is there but cannot be read still counts as one."""
    if line in {None, "", "null"}:
        return None
    try:
        value = json.loads(line or "")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"declared": line}


def _from_json(data: bytes, text: str, name: str) -> Side:
    try:
        return side_from_document(document_from_bytes(data.removeprefix(b"\xef\xbb\xbf")), name)
    except msgspec.DecodeError as error:
        complaint = str(error)
    try:
        loose = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not valid JSON: {error}") from error
    if isinstance(loose, dict) and "records" in loose:
        return _from_shown(loose, name)
    if isinstance(loose, dict) and isinstance(loose.get("state"), str) and loose["state"] != "ok":
        return _from_loose_state(loose, name)
    raise UsageError(f"{name} is JSON but not a document of ours: {complaint}")


def _from_loose_state(value: dict[str, Any], name: str) -> Side:
    """Make a side of a page state, of one that another version wrote too; its rehearsal is not lost."""
    try:
        return side_from_state(msgspec.convert(value, PageState), name)
    except msgspec.ValidationError:
        capture = value.get("capture")
        told = capture.get("rehearsal") if isinstance(capture, dict) else None
    rehearsal = told if isinstance(told, dict) or not told else {"declared": str(told)}
    return Side(text="", label=name, rehearsal=rehearsal or None, problem=_no_article(name, value["state"]))


def _from_shown(value: dict[str, Any], name: str) -> Side:
    """Make a side of what `harvester show` prints: a document joined with where its records stand."""
    plain = {key: part for key, part in value.items() if key != "records"}
    images = plain.get("images")
    if isinstance(images, list):
        plain["images"] = [_without(image, "record") for image in images]
    return _from_json(json.dumps(plain).encode(), json.dumps(plain), name)


def _without(value: object, key: str) -> object:
    return {name: part for name, part in value.items() if name != key} if isinstance(value, dict) else value
