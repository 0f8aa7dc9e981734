"""SURT keys of URLs, as cdxj-indexer, pywb and the Wayback Machine sort their indexes by.

The rules are webarchive-commons' `WaybackURLKeyMaker` (GoogleURLCanonicalizer, then IAURLCanonicalizer), in
the form of the PyPI package `surt` 0.3 that those tools call: results are equal to its, except that
nothing is ever looked up by name, nothing is raised, and a key never holds a blank or a control character.
"""

from __future__ import annotations

import contextlib
import re
from typing import Final
from urllib.parse import quote_from_bytes

_SCHEME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_REPEATED: Final = re.compile(rb"(https?://)+")
_LINE_BREAKS: Final = re.compile(rb"[\n\r\t]")
_WWW: Final = re.compile(rb"www[0-9]*\.")
_DEFAULT_PORTS: Final = {b"http": 80, b"https": 443}
_MAX_PORT: Final = 65535

# Printable ASCII but for the blank, "#" and "%".
_SAFE: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#%")
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_PERCENT: Final = ord("%")

_NUMBERS: Final = re.compile(rb"[1-9][0-9]*(?:\.[0-9]+){0,3}|0[0-7]*(?:\.[0-7]+){0,3}")
_OCTAL: Final = re.compile(rb"[0-7]+")
_MAX_DIGITS: Final = 1000
_MAX_BYTE: Final = 255

# Session ids that the Wayback Machine leaves out of its keys (webarchive-commons' URLRegexTransformer).
_PATH_SESSIONS: Final = (
    re.compile(rb"(?<=/)\((?:[a-z]\([0-9a-z]{24}\))+\)/", re.IGNORECASE),
    re.compile(rb"(?<=/)\([0-9a-z]{24}\)/", re.IGNORECASE),
)
_QUERY_SESSIONS: Final = (
    re.compile(rb"jsessionid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"phpsessid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"sid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"aspsessionid[a-z]{8}=[a-z]{24}(?=&|$)", re.IGNORECASE),
)


def surt(url: str | None) -> str:
    """Return a URL's key, such as `com,example)/path?query`: ASCII, without blanks; "-" for no URL.

    Never raises. A URL that the rules cannot take apart (a port that is none) stands for itself,
    percent-encoded, as cdxj-indexer leaves it.
    """
    raw = (url or "").encode("utf-8", "surrogatepass")
    if raw.startswith(b"filedesc"):
        return _escape(raw, keep="#%").decode()
    text = _LINE_BREAKS.sub(b"", raw.strip())
    if not text:
        return "-"
    try:
        return _key(text).decode("ascii")
    except ValueError:
        return _escape(raw.strip(), keep="#%").decode()


def _key(url: bytes) -> bytes:
    if not _SCHEME.match(url):
        url = b"http://" + url
    if repeated := _REPEATED.match(url):  # "http://https://…": the last one counts
        url = repeated[1] + url[repeated.end() :]
    scheme, _, rest = url.partition(b":")
    rest = rest.partition(b"#")[0]
    rest, _, query = rest.partition(b"?")
    host, port, path = b"", None, rest
    if rest.startswith(b"//"):
        authority, slash, path = rest[2:].partition(b"/")
        path = slash + path
        host, port = _authority(authority)
    if not host and path and scheme.startswith(b"http"):  # "http:////host/"
        host, _, path = path.lstrip(b"/").partition(b"/")
        path = b"/" + path
    host = _host(host)
    path = _unescape(path)
    path = _plain_path(_escape(_normal_path(path) if host else path))
    query = _plain_query(_escape(_unescape(query)))
    if query:
        path = (path or b"/") + b"?" + query
    return _prefix(scheme, host, port) + path


def _prefix(scheme: bytes, host: bytes, port: int | None) -> bytes:
    if not host:
        return scheme + b":"
    if scheme != b"dns":
        host = host[found.end() :] if (found := _WWW.match(host)) else host
    stated = b"" if port in {None, _DEFAULT_PORTS.get(scheme.lower())} else b":%d" % (port or 0)
    return b",".join(reversed(host.split(b"."))) + stated + b")"


def _authority(authority: bytes) -> tuple[bytes, int | None]:
    """Return host and port (None for 0 too). Raises ValueError for a port that is none."""
    if authority.endswith(b":"):
        authority = authority.rstrip(b":")
    _, _, place = authority.rpartition(b"@")
    before, bracket, bracketed = place.partition(b"[")
    if bracket:
        host, _, after = bracketed.partition(b"]")
        port = after.partition(b":")[2]
    else:
        host, _, port = before.partition(b":")
    if not port:
        return host, None
    if not port.isdigit() or len(port) > _MAX_DIGITS or int(port) > _MAX_PORT:
        raise ValueError("the port is none")
    return host, int(port) or None


def _host(host: bytes) -> bytes:
    if not host:
        return host
    host = _unescape(host)
    if not host.isascii():
        with contextlib.suppress(ValueError):  # no name that IDNA allows: its octets, escaped below
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".")
    return _address(host) or _escape(host.lower()).lower()


def _address(host: bytes) -> bytes | None:
    """Return an IPv4 address in its usual form, None for a name. Nothing is looked up."""
    if host.isdigit() and len(host) <= _MAX_DIGITS:
        return _dotted((int(host) & 0xFFFFFFFF).to_bytes(4, "big"))
    if len(host) > _MAX_DIGITS or not _NUMBERS.fullmatch(host):
        return None
    *before, last = parts = host.split(b".")
    if any(part.startswith(b"0") and not _OCTAL.fullmatch(part) for part in parts):
        return None
    first = [int(part, 8 if part.startswith(b"0") else 10) for part in before]
    rest = int(last, 8 if last.startswith(b"0") else 10)
    free = 4 - len(first)  # bytes that the last number fills, as inet_aton(3) has it
    if any(number > _MAX_BYTE for number in first) or rest >= 256**free:
        return None
    return _dotted(bytes(first) + rest.to_bytes(free, "big"))


def _dotted(address: bytes) -> bytes:
    return b".".join(b"%d" % byte for byte in address)


def _normal_path(path: bytes) -> bytes:
    kept: list[bytes] = []
    for part in path.split(b"/")[1:]:
        if part == b"..":
            if kept:
                kept.pop()
            else:
                kept.append(part)
        elif part != b".":
            kept.append(part)
    if not kept:
        return b"/"
    folders = [part for part in kept[:-1] if part]  # runs of slashes count as one
    return b"/".join([b"", *folders, kept[-1]])


def _plain_path(path: bytes) -> bytes:
    path = path.lower()
    if b".aspx" in path:
        for pattern in _PATH_SESSIONS:
            path = _without_session(pattern, path)
    return path[:-1] if len(path) > 1 and path.endswith(b"/") else path


def _without_session(pattern: re.Pattern[bytes], path: bytes) -> bytes:
    """Leave out the last session id that a page's name follows."""
    for found in reversed(list(pattern.finditer(path))):
        if path[found.end() :].partition(b"?")[0].find(b".aspx", 1) > 0:
            return path[: found.start()] + path[found.end() :]
    return path


def _plain_query(query: bytes) -> bytes:
    for pattern in _QUERY_SESSIONS:
        found = None
        for found in pattern.finditer(query):  # the last one  # noqa: B007
            pass
        if found is not None:
            query = query[: found.start()] + query[found.end() + 1 :]
    query = _without_coldfusion(query).lower()
    if len(query) <= 1:
        return query
    return b"&".join(b"=".join(pair) for pair in sorted(part.split(b"=", 1) for part in query.split(b"&")))


def _without_coldfusion(query: bytes) -> bytes:
    """Leave out the last `cfid=…&cftoken=…`."""
    parts = query.split(b"&")
    for at in range(len(parts) - 2, -1, -1):
        token = parts[at + 1]
        start = parts[at].lower().rfind(b"cfid=", 0, -1)
        if start >= 0 and token[:8].lower() == b"cftoken=" and len(token) > 8:  # noqa: PLR2004
            before = b"&".join([*parts[:at], parts[at][:start]])
            return before + b"&".join(parts[at + 2 :])
    return query


def _unescape(data: bytes) -> bytes:
    """Return `data` percent-decoded until nothing is left to decode, in one pass from its end."""
    if b"%" not in data:
        return data
    out = bytearray()  # what is decoded, reversed
    for byte in reversed(data):
        value = byte
        while value == _PERCENT and len(out) > 1 and out[-1] in _HEX and out[-2] in _HEX:
            value = int(bytes((out.pop(), out.pop())), 16)
        out.append(value)
    out.reverse()
    return bytes(out)


def _escape(data: bytes, *, keep: str = "") -> bytes:
    return quote_from_bytes(data, safe=_SAFE + keep).encode("ascii")
