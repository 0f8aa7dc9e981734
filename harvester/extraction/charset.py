"""From the bytes of a page to its characters: which encoding, and whether it held.

The order is that of the HTML Standard's "determining the character encoding" (byte-order mark, then
the transport's label, then the declaration in the first bytes), with two departures for pages that
would otherwise be mojibake: a label that the bytes contradict is overruled, and a page without any
label is tried as UTF-8 and then read as GB 18030, since the publishers at hand are Chinese.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

PRESCAN_BYTES: Final = 4096
"""How far a declaration is looked for. The Standard stops at 1024; pages of the trade put scripts first."""

_MIN_PROOF_CHARS: Final = 8
_CHUNK_BYTES: Final = 1 << 13  # of 4 to 128 kB the fastest: it stays in the processor's nearest cache
_REPLACEMENT: Final = "\ufffd".encode()
_UTF8_LEADS: Final = bytes(range(0xC2, 0xF5))
_UTF8_TRAILS: Final = bytes(range(0x80, 0xC0))

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))

# Labels of the Encoding Standard (encoding.spec.whatwg.org, "Names and labels") where its meaning
# differs from the codec that Python has under the same name.
_LABELS: Final = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb_2312": "gb18030",
    "chinese": "gb18030",
    "csgb2312": "gb18030",
    "iso-ir-58": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "korean": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
}

_NOT_OF_PAGES: Final = frozenset(
    (
        "utf-7",
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "unicode_escape",
        "raw_unicode_escape",
    )
)
_HEADER_CHARSET: Final = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.IGNORECASE | re.ASCII)
_META_CHARSET: Final = re.compile(
    rb"<(?:meta\b[^>]{0,400}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:+-]{1,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Decoded:
    """A page's characters, as UTF-8 bytes and as text.

    `data` is well-formed UTF-8 without a byte-order mark; `text` the same, decoded when first asked
    for (on pages of megabytes that costs more than parsing). `encoding` is the codec used (Python's
    name) and `source` what chose it: `bom`, `header`, `meta`, `sniffed`. `declared` is the label the
    page or its transport gave, None where there was none. `replaced` counts the places where bytes
    had no meaning and U+FFFD was put; `mislabelled` tells that the label was overruled.
    """

    data: bytes
    encoding: str
    source: str
    declared: str | None
    replaced: int
    mislabelled: bool

    @cached_property
    def text(self) -> str:
        """The page as text."""
        return self.data.decode("utf-8")


def codec_of(label: str) -> str | None:
    """Return the codec for an encoding label as pages write them, or None for an unknown one.

    Only codecs from bytes to text count; a label naming one of Python's own transforms is unknown.
    """
    name = label.strip().lower()
    name = _LABELS.get(name, name)
    try:
        info = codecs.lookup(name)
        b"a".decode(info.name, "replace")  # refuses codecs that do not give text
    except (LookupError, ValueError):
        return None
    return None if info.name.replace("_", "-") in _NOT_OF_PAGES else info.name


def _declared(body: bytes, content_type: str | None) -> tuple[str | None, str]:
    """Return the label and where it stands (`header` or `meta`)."""
    if content_type and (match := _HEADER_CHARSET.search(content_type)) and codec_of(match[1]):
        return match[1], "header"
    head = re.sub(rb"(?s)<!--.*?(?:-->|\Z)", b"", body[:PRESCAN_BYTES])
    for found in _META_CHARSET.finditer(head):
        label = found[1].decode("ascii")
        if codec_of(label):
            return label, "meta"
    return None, "sniffed"


def _is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are well-formed UTF-8, without keeping the text (in chunks: half the time)."""
    if data.isascii():
        return True
    view = memoryview(data)
    end = len(data)
    at = 0
    try:
        while at < end:
            stop = at + _CHUNK_BYTES
            # A character cut by the chunk's end is left for the next chunk, but not by the page's end.
            at += codecs.utf_8_decode(view[at:stop], "strict", stop >= end)[1]
    except UnicodeDecodeError:
        return False
    return True


def _replace(data: bytes, codec: str) -> tuple[bytes, int]:
    """Decode with U+FFFD for what has no meaning; return UTF-8 and how many of them were put."""
    text = codecs.decode(data, codec, "replace")
    mark = "\ufffd".encode(codec, "ignore")
    own = data.count(mark) if mark else 0
    return text.encode("utf-8", "replace"), max(0, text.count("\ufffd") - own)


def _proves_utf8(data: bytes) -> bool:
    """Tell whether well-formed UTF-8 can be no accident: at least eight characters beyond ASCII."""
    if data.isascii():
        return False
    return _count(data, _UTF8_TRAILS) >= _MIN_PROOF_CHARS and _is_utf8(data)


def _count(data: bytes, members: bytes) -> int:
    """Return how many bytes of `data` are one of `members`."""
    return len(data) - len(data.translate(None, members))


def decode_html(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode the bytes of a page. Never fails; what cannot be read becomes U+FFFD and is counted.

    `content_type` is the value of the HTTP header, None if unknown. Bytes labelled UTF-8 that break
    it in more places than they keep it are read as GB 18030, and bytes labelled otherwise that are
    UTF-8 beyond accident are read as UTF-8; both are reported as `mislabelled`.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if codec == "utf-8" and _is_utf8(rest):
                return Decoded(rest, codec, "bom", None, 0, mislabelled=False)
            data, replaced = _replace(rest, codec)
            return Decoded(data, codec, "bom", None, replaced, mislabelled=False)
    label, source = _declared(body, content_type)
    codec = (codec_of(label) if label else None) or "utf-8"
    if codec.startswith("utf-16") and source == "meta":
        codec = "utf-8"  # the Standard: a declaration that was readable as ASCII cannot be UTF-16
    if codec in {"utf-8", "ascii"}:
        return _as_utf8(body, label, source)
    if not codec.startswith("utf") and _proves_utf8(body):
        return Decoded(body, "utf-8", "sniffed", label, 0, mislabelled=True)
    data, replaced = _replace(body, codec)
    return Decoded(data, codec, source, label, replaced, mislabelled=False)


def _as_utf8(body: bytes, label: str | None, source: str) -> Decoded:
    """Read as UTF-8, or as GB 18030 where the bytes speak for it."""
    if _is_utf8(body):
        return Decoded(body, "utf-8", source, label, 0, mislabelled=False)
    data, replaced = _replace(body, "utf-8")
    # Well-formed characters beyond ASCII against breaks: GB text read as UTF-8 is nearly all breaks,
    # a UTF-8 page with a damaged or cut place nearly none.
    kept = _count(data, _UTF8_LEADS) - data.count(_REPLACEMENT)
    if replaced > kept:
        other, other_replaced = _replace(body, "gb18030")
        if other_replaced < replaced:
            return Decoded(other, "gb18030", "sniffed", label, other_replaced, mislabelled=label is not None)
    return Decoded(data, "utf-8", source, label, replaced, mislabelled=False)
