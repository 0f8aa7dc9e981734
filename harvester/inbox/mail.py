"""A mail that was dropped, taken apart: its words, and what is attached to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice
from typing import Final

from harvester.errors import UsageError
from harvester.extraction.charset import decode_html
from harvester.inbox.piece import Piece
from harvester.messages import message_of

MAX_PARTS: Final = 500
_MAX_DEPTH: Final = 4
_MAX_HEADER_CHARS: Final = 2000
_HEAD_BYTES: Final = 64 << 10
_MAILS_OWN: Final = re.compile(
    rb"(?:\A|\n)(?:Received|Delivered-To|Return-Path|To|Message-ID|X-Mailer|DKIM-Signature):", re.IGNORECASE
)
_SAVED_PAGE: Final = re.compile(rb"(?:\A|\n)(?:Snapshot-Content-Location:|From: <Saved by )", re.IGNORECASE)
_FIELD: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f/\\]+")
_MAX_NAME_BYTES: Final = 180
_SHOWN: Final = frozenset({"image", "audio", "video", "font"})
_SUFFIXES: Final = {"text/html": ".html", "text/csv": ".csv", "text/plain": ".txt"}


def is_mail(data: bytes, name: str) -> bool:
    """Tell a mail from a page saved as MHTML, which is a MIME message too: mail was sent to somebody."""
    head = data[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if not _FIELD.match(head) or _SAVED_PAGE.search(head):
        return False
    return name.lower().endswith(".eml") or _MAILS_OWN.search(head) is not None


def pieces_of(data: bytes, name: str) -> list[Piece]:
    """Return what a mail brings: attachments as they were, and its own words as text with links.

    Mails attached to it are taken apart, too. Raises `UsageError` for one that cannot be read.
    """
    message = message_of(data, name, "a mail")
    try:
        found = list(islice(_pieces(message, _MAX_DEPTH), MAX_PARTS + 1))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"{name} cannot be read as a mail: {error}") from error
    if len(found) > MAX_PARTS:
        raise UsageError(f"{name} has more than {MAX_PARTS} parts: too many for a mail")
    return found


def _pieces(message: Message, depth: int) -> Iterator[Piece]:
    for part in _leaves(message):
        if part.is_multipart():
            yield from _inner(part, depth)
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload.strip():
            continue
        name = _name(part)
        if part.get_content_maintype() in _SHOWN and _is_inline(part):
            continue
        if name or part.get_content_disposition() == "attachment":
            yield Piece(data=payload, name=name or _nameless(part), attached=True)
        elif part.get_content_maintype() == "text":
            yield Piece(data=_words(part, payload), name=_nameless(part), attached=False)


def _inner(part: Message, depth: int) -> Iterator[Piece]:
    """Yield what is in an attached message: a page saved as MHTML as it is, a mail's own pieces."""
    inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" else part
    if not isinstance(inner, Message):
        return
    data = inner.as_bytes()
    if inner is part or _SAVED_PAGE.search(data[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]):
        head = b"" if "MIME-Version" in inner else b"MIME-Version: 1.0\r\n"
        yield Piece(data=head + data, name=_name(part) or "mail.mhtml")
    elif depth:
        yield from _pieces(inner, depth - 1)


def _leaves(message: Message) -> Iterator[Message]:
    """Yield parts that hold no others of the mail itself: attached messages are not gone into."""
    attached = message.get_content_disposition() == "attachment"
    if message.is_multipart() and message.get_content_type() != "message/rfc822" and not attached:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _is_inline(part: Message) -> bool:
    """Tell whether a part is shown within the mail, as the picture of a signature is."""
    return part.get_content_disposition() == "inline" or "Content-ID" in part


def _name(part: Message) -> str | None:
    """Return an attachment's name as a file may have it: its end, which tells the kind; None for none."""
    name = _UNSAFE.sub("_", _decoded(part.get_filename() or "")).strip(". ")
    return name.encode("utf-8", "replace")[-_MAX_NAME_BYTES:].decode("utf-8", "ignore") or None


def _decoded(name: str) -> str:
    """Return a name as it is meant: many mail programs write it as encoded words (RFC 2047)."""
    try:
        return str(make_header(decode_header(name[:_MAX_HEADER_CHARS])))
    except (ValueError, LookupError, HeaderParseError):
        return name


def _nameless(part: Message) -> str:
    return "mail" + _SUFFIXES.get(part.get_content_type(), "")


def _words(part: Message, payload: bytes) -> bytes:
    """Return a mail's own text as UTF-8."""
    charset = part.get_param("charset")
    kind = part.get_content_type()
    decoded = decode_html(payload, f"{kind}; charset={charset}" if isinstance(charset, str) else kind)
    return decoded.text.encode("utf-8", "replace")
