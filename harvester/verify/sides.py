"""A side of a comparison, and how one is loaded from a file."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from harvester.document import Document, PageState, document_from_bytes
from harvester.errors import UsageError
from harvester.verify.markdown import split_front_matter, strip_markdown

MAX_FILE_BYTES = 64_000_000
Extract = Callable[[bytes, str | None], Document | PageState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One text to compare.

    `text` is the stored text to which all offsets refer. `frame` holds (start, end, role) of editorial
    lines the page's reader found, in code points. `problem` says why there is no text to compare (a
    page state); such a side gives `cannot-verify`. `origin` is what the caller knows of where the side
    came from; it is passed through to the result. `rehearsal` says how its capture departed from plain
    fetching (`Capture.rehearsal`): such a side is no evidence.
    """

    text: str
    label: str
    title: str | None = None
    frame: tuple[tuple[int, int, str], ...] = ()
    document: Document | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    rehearsal: dict[str, Any] | None = None
    problem: str | None = None


def side_from_document(document: Document, label: str, origin: Mapping[str, Any] | None = None) -> Side:
    """Make a side of a document."""
    return Side(
        text=document.text,
        label=label,
        title=document.title,
        frame=tuple((line.start, line.end, line.role) for line in document.frame),
        document=document,
        origin=dict(origin or {}),
        rehearsal=document.capture.rehearsal,
    )


def side_from_state(state: PageState, label: str, origin: Mapping[str, Any] | None = None) -> Side:
    """Make a side of a page that is not an article: it has no text, and the reason says so."""
    reason = f"{label} is not an article but a page of state “{state.state}”"
    return Side(text="", label=label, origin=dict(origin or {}), problem=reason)


def load_side(path: Path, extract: Extract | None = None) -> Side:
    """Load a side from a document JSON, Markdown, HTML or text file; gzip is undone.

    HTML needs `extract` (HTML bytes and URL or None to a document or page state). Raises `UsageError`
    for a file that cannot be read, is too large, is not text, or is JSON of another kind.
    """
    return side_from_bytes(_read(path), path.name, extract)


def side_from_bytes(data: bytes, name: str, extract: Extract | None = None) -> Side:
    """Load a side from a file's bytes; `name` (its suffixes too) tells the kind where content does not."""
    data, name = _gunzip(data, name)
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
    return Side(text=text, label=name)


def _of(value: Document | PageState, label: str) -> Side:
    if isinstance(value, Document):
        return side_from_document(value, label)
    return side_from_state(value, label)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(f"{path} has more than {MAX_FILE_BYTES} bytes: too large for one article")
    return data


def _gunzip(data: bytes, name: str) -> tuple[bytes, str]:
    if data[:2] != b"\x1f\x8b":
        return data, name
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError) as error:
        raise UsageError(f"{name} is a damaged gzip file: {error}") from error
    if len(plain) > MAX_FILE_BYTES:
        raise UsageError(f"{name} unpacks to more than {MAX_FILE_BYTES} bytes: too large for one article")
    return plain, name.removesuffix(".gz")


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
        raise UsageError(f"{name} is not text: it holds NUL bytes")
    return text


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
        reason = f"{name} is not an article but a page of state “{loose['state']}”"
        return Side(text="", label=name, problem=reason)
    raise UsageError(f"{name} is JSON but not a document of ours: {complaint}")


def _from_shown(value: dict[str, Any], name: str) -> Side:
    """Make a side of what `harvester show` prints: a document joined with where its records stand."""
    plain = {key: part for key, part in value.items() if key != "records"}
    images = plain.get("images")
    if isinstance(images, list):
        plain["images"] = [_without(image, "record") for image in images]
    return _from_json(json.dumps(plain).encode(), json.dumps(plain), name)


def _without(value: object, key: str) -> object:
    return {name: part for name, part in value.items() if name != key} if isinstance(value, dict) else value
