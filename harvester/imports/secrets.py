r"""Session values inside saved pages: found where the page or its URLs assign them, overwritten in place.

The names are the publishers' (`Site.secret_params`). A name counts where a value is given to it: in a
query (`&uin=…`, also as `&amp;`, `%26…%3D`, `\x26…\x3d`), in a script (`var uin = "…"`,
`window.pass_ticket = a || "…"`), as a member (`"pass_ticket": "…"`), in a cookie. Short names are
ordinary words of programs (`key`), so they must look more like it. Overwriting keeps every length, so
that offsets and structure stay, and a value once known is overwritten wherever else it stands.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

_ORDINARY_MAX_CHARS: Final = 4  # names as short as `key` and `uin` are also ordinary members of objects
_MIN_VALUE: Final = 6
_MIN_BARE_VALUE: Final = 8
_MIN_REPEATED: Final = 12  # a shorter value, standing elsewhere, may be something else
_MIN_MEMBER_TOKEN: Final = 64
_BEFORE_BYTES: Final = 40

_IN_QUERY: Final = re.compile(
    rb"(?:[?&#]|&(?:amp;|#0?38;|#[xX]26;)+|%(?:25){0,3}(?:26|3[fF]|23)|\\+(?:x|u00)(?:26|3[fF]))\Z"
)
_DECLARED: Final = re.compile(
    rb"(?:\b(?:var|let|const)\s{1,9}|\b(?:window|top|self|globalThis)\s{0,9}\.\s{0,9})\Z"
)
_STARTS_NAME: Final = re.compile(rb"(?:\A|[^A-Za-z0-9_$-]|\\[nrt])\Z")
_EQUALS: Final = re.compile(rb"=(?!=)|%(?:25){0,3}3[dD]|\\+(?:x|u00)3[dD]|&#(?:61|[xX]3[dD]);")
_SIGN: Final = re.compile(
    rb"(?P<close>\\*[\"']|&quot;|&#34;|\\+x22)?\s{0,9}\]?\s{0,9}"
    rb"(?P<sign>=(?!=)|:|%(?:25){0,3}3[dD]|\\+(?:x|u00)3[dD]|&#(?:61|[xX]3[dD]);)\s{0,9}"
)
_QUOTE: Final = re.compile(rb"\\*[\"']|&quot;|&#34;|\\+x22")
# One side of `a || "b" || ""`: pages give values so, and any of them may be the person's.
_ALTERNATIVE: Final = re.compile(rb"[^\s|;,{}]{0,600}+\s{0,9}+\|\|\s{0,9}")
_MAX_ALTERNATIVES: Final = 4
_VALUE: Final = re.compile(rb"[A-Za-z0-9+/=_%~-]{1,4096}")
_DIGIT: Final = re.compile(rb"[0-9]")
_CALL: Final = re.compile(rb"\s{0,9}[(\[.]")
_WORDS: Final = frozenset({b"undefined", b"encodeURIComponent", b"decodeURIComponent"})
_UTF16: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Bytes without session values, of the same length; `names` are those whose values were overwritten."""

    data: bytes
    names: tuple[str, ...]


def clean(data: bytes, names: AbstractSet[str], known: Iterable[tuple[str, str]] = ()) -> Cleaned:
    """Overwrite with `0` every session value in a page or text.

    `known` are further (name, value) pairs, such as the cookies that came with the page; those of 12
    characters and more are looked for. UTF-16 is read as what it says; every other encoding in use keeps
    ASCII as it is.
    """
    encoding = next((name for mark, name in _UTF16 if data.startswith(mark)), None)
    if encoding is None:
        return _clean(data, names, known)
    try:
        text = data.decode(encoding).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return _clean(data, names, known)
    cleaned = _clean(text, names, known)
    if not cleaned.names:
        return Cleaned(data, ())
    return Cleaned(
        cleaned.data.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass"), cleaned.names
    )


def _clean(data: bytes, names: AbstractSet[str], known: Iterable[tuple[str, str]]) -> Cleaned:
    spans = [
        (start, end, name)
        for name in sorted(names)
        for start, end in _assigned(data, name.encode(), ordinary=len(name) <= _ORDINARY_MAX_CHARS)
    ]
    values = {data[start:end].decode("ascii"): name for start, end, name in spans}
    values.update((value, name) for name, value in known)
    for value, name in sorted(values.items()):
        for form in _forms(value):
            spans.extend((start, start + len(form), name) for start in _places(data, form))
    if not spans:
        return Cleaned(data, ())
    cleaned = bytearray(data)
    for start, end, _ in spans:
        cleaned[start:end] = b"0" * (end - start)
    return Cleaned(bytes(cleaned), tuple(sorted({name for _, _, name in spans})))


def _assigned(data: bytes, name: bytes, *, ordinary: bool) -> Iterator[tuple[int, int]]:
    """Yield where the values given to one name stand."""
    passed = 0  # a name inside a bare value is a part of it
    for at in _places(data, name):
        if at < passed:
            continue
        before = data[max(0, at - _BEFORE_BYTES) : at]
        in_query = _IN_QUERY.search(before) is not None
        if not in_query and not _STARTS_NAME.search(before):
            continue
        sign = _SIGN.match(data, at + len(name), at + len(name) + _BEFORE_BYTES)
        for value, start, quoted in _alternatives(data, sign.end()) if sign else ():
            passed = passed if quoted else start + len(value)
            if ordinary:
                good = sign is not None and _ordinary_counts(
                    value, sign, before, quoted=quoted, in_query=in_query
                )
            else:
                good = _counts(data, value, start, quoted=quoted)
            if good:
                yield start, start + len(value)


def _alternatives(data: bytes, at: int) -> Iterator[tuple[bytes, int, bool]]:
    """Yield the values that stand at a place, one for each side of `||`, and whether each is quoted."""
    for _ in range(_MAX_ALTERNATIVES):
        quote_mark = _QUOTE.match(data, at)
        value = _VALUE.match(data, quote_mark.end() if quote_mark else at)
        if value is not None:
            quoted = quote_mark is not None
            yield _kept_of(value[0], quoted=quoted), value.start(), quoted
        following = _ALTERNATIVE.match(data, at)
        if following is None:
            return
        at = following.end()


def _kept_of(value: bytes, *, quoted: bool) -> bytes:
    """Cut a value in an encoded query before the next parameter."""
    if quoted:
        return value
    return re.split(rb"%(?:25){0,3}(?:26|23)", value, maxsplit=1)[0]


def _counts(data: bytes, value: bytes, start: int, *, quoted: bool) -> bool:
    if len(set(value)) == 1:  # zeros of an earlier cleaning, and fillers
        return False
    if quoted:
        return len(value) >= _MIN_VALUE
    # Bare words in a script are names of variables and functions.
    is_code = _CALL.match(data, start + len(value)) is not None or value in _WORDS
    return len(value) >= _MIN_BARE_VALUE and _DIGIT.search(value) is not None and not is_code


def _ordinary_counts(
    value: bytes, sign: re.Match[bytes], before: bytes, *, quoted: bool, in_query: bool
) -> bool:
    if len(value) < _MIN_BARE_VALUE or len(set(value)) == 1:
        return False
    if in_query and not sign["close"] and _EQUALS.fullmatch(sign["sign"]):
        return _DIGIT.search(value) is not None
    if not quoted:
        return False
    if _DECLARED.search(before):
        return _DIGIT.search(value) is not None
    # A member of an object: a long token, or a number in base64, as the platform writes account numbers.
    return len(value) >= _MIN_MEMBER_TOKEN or _is_encoded_number(value)


def _is_encoded_number(value: bytes) -> bool:
    try:
        return base64.b64decode(unquote(value.decode("ascii")), validate=True).isdigit()
    except (binascii.Error, ValueError):
        return False


def _forms(value: str) -> set[bytes]:
    """Return the spellings of a known value that are looked for; none of one too short to be sure."""
    spellings = {value, unquote(value), quote(value, safe=""), quote(unquote(value), safe="")}
    usable = (text for text in spellings if len(text) >= _MIN_REPEATED and len(set(text)) > 1)
    return {text.encode("utf-8", "replace") for text in usable}


def _places(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    while at >= 0:
        yield at
        at = data.find(wanted, at + len(wanted))
