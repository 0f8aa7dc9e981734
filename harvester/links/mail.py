"""Links in mails (.eml, RFC 5322): in their words, their HTML, and in what is attached to them."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from typing import Final

from harvester.errors import UsageError
from harvester.extraction.charset import decode_html
from harvester.links import markup, texts
from harvester.links.named import Gathering, Links
from harvester.messages import message_of

_MAX_PARTS: Final = 1000
_SILENT: Final = frozenset({"image", "audio", "video", "font"})


def read(data: bytes, name: str, into: Gathering, nested: Callable[[bytes, str], Links]) -> None:
    """Gather the links of a mail; `nested` reads an attachment.

    Raises `UsageError` for one that cannot be read, and for a page that a browser saved as one (MHTML).
    """
    message = message_of(data, name, "a mail")
    if message.get("Snapshot-Content-Location"):
        raise UsageError(f"{name} is a page that a browser saved (MHTML): take it in with `harvester import`")
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            into.skip("", f"it has more than {_MAX_PARTS} parts: the rest is left out")
            break
        if not part.is_multipart():
            _read_part(part, into, nested)
    into.place = ""


def _read_part(part: Message, into: Gathering, nested: Callable[[bytes, str], Links]) -> None:
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    attached = part.get_filename()
    kind = part.get_content_type()
    charset = part.get_param("charset")
    decoded_as = f"{kind}; charset={charset}" if isinstance(charset, str) else kind
    if attached is None and kind == "text/html":
        into.place = "HTML part"
        _told(lambda: markup.read_html(body, decoded_as, "it", into), into)
    elif attached is None and kind == "text/plain":
        into.place = "text part"
        for spotted in texts.spot(decode_html(body, decoded_as).text):
            into.add(spotted.url, "", title=spotted.title)
    elif part.get_content_maintype() not in _SILENT and body.strip():
        into.place = f"attachment {attached or kind!r}"
        _told(lambda: into.take(nested(body, attached or "attachment")), into)


def _told(read: Callable[[], None], into: Gathering) -> None:
    """Read a part; one that cannot be read does not cost the others."""
    try:
        read()
    except UsageError as error:
        into.skip("", str(error))
