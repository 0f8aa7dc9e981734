"""URLs: repair of paste damage, removal of secrets, the form that goes on the wire.

Pure functions, and nothing of one publisher: which parameters are secret is an argument. A general
HTML unescape is never used, because it turns `&timestamp=` into `×tamp=`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urljoin, urlsplit, urlunsplit

from harvester.errors import UsageError

MAX_URL_CHARS: Final = 16 * 1024

_OPENERS: Final = "<\"'“”‘’`「『《〈【（(["
_CLOSERS: Final = ">\"'“”‘’`」』》〉】）)]"
_NEVER_LAST: Final = ">\"'“”‘’`」』》〉】）。，、；：！\\"
_NEVER_FIRST: Final = "<\"'“”‘’`「『《〈【（"
_INVISIBLE: Final = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u2028\u2029\u2060\ufeff]+")
_HEX_ESCAPE: Final = re.compile(r"\\(?:x|u00)([2-7][0-9a-fA-F])")
_BACKSLASH: Final = re.compile(r"\\(?=[?&=#/%.:_~+-])")
_AMPERSAND: Final = re.compile(r"&(?:(?:amp|#0?38|#[xX]26);)+", re.IGNORECASE)
_SCHEME: Final = re.compile(r"(https?)[:：][\\/／]*", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|(?:about|blob|data|file|ftp|javascript|mailto|view-source|ws|wss):)",
    re.IGNORECASE,
)
_HOST_START: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\s/?#:@]+\.[^\s/?#:@]+)(?:[:/?#]|$)")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_PCHAR: Final = "%!$&'()*+,;=:@/-._~"
_MAX_HOST_CHARS: Final = 253
_MAX_NESTING: Final = 6
_SEPARATOR: Final = re.compile("(^amp;|&(?:amp;)*|;)")
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x20\x7f]+")
_UNHURT: Final = re.compile(r"https?://[A-Za-z0-9][!#$%&()*+,./:=?@\[\]^_{|}~A-Za-z0-9-]*+")
"""What `repair` changes nothing of: no damage that it knows has only such characters."""
_SENDABLE: Final = re.compile(
    r"https?://(?=[^/]{1,253}/)(?:[a-z0-9_-]{1,63}+\.)++[a-z][a-z0-9_-]{0,62}+/"
    r"(?:[!$&'()*+,./:;=@_~A-Za-z0-9-]++|%[0-9A-Fa-f]{2})*+"
    r"(?:\?(?:[!$&'()*+,./:;=?@\[\]_~A-Za-z0-9-]++|%[0-9A-Fa-f]{2})++)?"
)
"""What `for_request` returns as it is: a name as host, no port, all else encoded as it should be."""
_PLAIN_HOST: Final = re.compile(r"https?://([A-Za-z0-9._-]++)/")
_PLAIN: Final = re.compile(r"https?://([A-Za-z0-9._-]++)([!-\"$->@-~]*+)(?:\?([!-\"$-~]*+))?(?:#[!-~]*+)?")
_MAX_SHOWN_CHARS: Final = 200  # a line or two on a terminal
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def repair(url: str) -> str:
    r"""Undo what pasting, chat programs, shells and page sources do to a URL.

    Surrounding blanks, brackets and quotes (also Chinese ones), line breaks inside, `\?` and `\&`,
    `\x26`, `&amp;` however often escaped, a missing scheme or `//`. What is not such damage stays as
    it is; applying it twice changes nothing more.
    """
    return url if len(url) <= MAX_URL_CHARS and _UNHURT.fullmatch(url) else _repaired(url)


def _repaired(url: str) -> str:
    url = _INVISIBLE.sub("", url[: 2 * MAX_URL_CHARS])
    while (better := _repair_once(url)) != url:
        url = better
    return url


def _repair_once(url: str) -> str:
    url = _unwrap(url)
    url = _HEX_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), url)
    url = _BACKSLASH.sub("", _complete_scheme(url))
    return _AMPERSAND.sub("&", url)


def _unwrap(url: str) -> str:
    url = url.strip()
    while len(url) > 1 and url[0] in _OPENERS and url[-1] == _CLOSERS[_OPENERS.index(url[0])]:
        url = url[1:-1].strip()
    return url.lstrip(_NEVER_FIRST + " ").rstrip(_NEVER_LAST + " ").strip()


def _complete_scheme(url: str) -> str:
    found = _SCHEME.match(url)
    if found:
        return f"{found.group(1).lower()}://{url[found.end() :]}"
    bare = url.lstrip(":/\\")
    if _OTHER_SCHEME.match(url) or not _HOST_START.match(bare):
        return url
    return f"https://{bare}" if bare == url or url.startswith(("//", "\\\\", "://", ":\\\\")) else url


def strip_secrets(url: str, names: AbstractSet[str]) -> tuple[str, tuple[str, ...]]:
    """Remove query parameters with these names (any letter case, percent-encoded or not).

    Also inside a URL that is itself a parameter's value (`target_url=https%3A%2F%2F…`), and in a
    fragment. Other parameters keep their bytes and order. Returns the URL and the names removed.
    """
    if "?" not in url and "#" not in url:
        return url, ()
    return _strip(url, frozenset(name.lower() for name in names), _MAX_NESTING)


def _strip(url: str, names: AbstractSet[str], depth: int) -> tuple[str, tuple[str, ...]]:
    before, hash_mark, fragment = url.partition("#")
    path, mark, query = before.partition("?")
    query, stripped = _strip_query(query, names, depth)
    anchor, fragment_mark, fragment_query = fragment.rpartition("?")
    fragment_query, also = _strip_query(fragment_query, names, depth)
    if not stripped and not also:
        return url, ()
    fragment = f"{anchor}{fragment_mark}{fragment_query}"
    kept = f"{path}{mark if query else ''}{query}{hash_mark if fragment else ''}{fragment}"
    return kept, tuple(dict.fromkeys((*stripped, *also)))


def _strip_query(query: str, names: AbstractSet[str], depth: int) -> tuple[str, tuple[str, ...]]:
    kept: list[str] = []
    stripped: list[str] = []
    # `;` separated parameters in HTML 4.01 (appendix B.2.2), and some servers still take it so.
    for separator, parameter in _parameters(query):
        raw_name, equals, value = parameter.partition("=")
        name = _NOT_IN_NAMES.sub("", unquote_plus(raw_name)).lower()
        if name in names:
            stripped.append(name)
            continue
        cleaned, found = _strip_value(value, names, depth)
        stripped.extend(found)
        kept.append(f"{separator if kept else ''}{raw_name}{equals}{cleaned}")
    return "".join(kept), tuple(stripped)


def _strip_value(value: str, names: AbstractSet[str], depth: int) -> tuple[str, tuple[str, ...]]:
    """Clean a URL (relative ones too) that is itself a parameter's value, percent-encoded or not."""
    if not depth:
        return value, ()
    if "?" in value:
        return _strip(value, names, depth - 1)
    inner = unquote(value)
    if inner == value:
        return value, ()
    cleaned, found = _strip_value(inner, names, depth - 1)
    return (quote(cleaned, safe="") if found else value), found


def _parameters(query: str) -> list[tuple[str, str]]:
    """Return each parameter with the separator before it."""
    parts = _SEPARATOR.split(query)
    pairs = zip(["", *parts[1::2]], parts[0::2], strict=True)
    return [pair for pair in pairs if pair != ("", "")]  # what stands before a leading `amp;`


def for_request(url: str) -> str:
    """Return the URL in the form that is sent and stored: RFC 3986 characters only, no fragment.

    The host is lower case, in IDNA form, without a final dot; a default port is dropped; an empty path
    becomes `/`. Blanks, controls and non-ASCII are percent-encoded as UTF-8, valid `%XX` are left as
    they stand. Raises `UsageError` for what is not an absolute http(s) URL or carries a user name.
    """
    if len(url) > MAX_URL_CHARS:
        raise UsageError(f"the URL has {len(url)} characters; at most {MAX_URL_CHARS} are accepted")
    return url if _SENDABLE.fullmatch(url) else _encoded(url)


def _encoded(url: str) -> str:
    parts, port = _split(url)
    if parts.scheme not in _DEFAULT_PORTS:
        raise UsageError(f"not a web address: it must start with http:// or https:// ({shown(url)})")
    if "@" in parts.netloc:
        raise UsageError("the URL contains a user name or password before '@'; remove it")
    host = normal_host(parts.hostname or "")
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    return urlunsplit(
        (parts.scheme, netloc, _encode(parts.path or "/", _PCHAR), _encode(parts.query, _PCHAR + "?[]"), "")
    )


def wire_form(url: str) -> str:
    """Return the URL as a request would carry it (`for_request`); as it is, where it cannot be sent."""
    try:
        return for_request(url)
    except UsageError:
        return url


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"not a web address: {error} ({shown(url)})") from error
    if port == 0:
        raise UsageError(f"not a web address: port 0 ({shown(url)})")
    return parts, port


@lru_cache(maxsize=1024)
def normal_host(host: str) -> str:
    """Return a host in lower case and IDNA form, an IP address in canonical form without brackets.

    Raises `UsageError` for what is neither.
    """
    host = host.strip("[]") if host.startswith("[") else host
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host[: _MAX_HOST_CHARS + 1].encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as error:
        raise UsageError(f"not a host name: {shown(host)}") from error
    if len(name) > _MAX_HOST_CHARS or not _HOST.fullmatch(name):
        raise UsageError(f"not a host name: {shown(host)}")
    return name


def host_and_port(url: str) -> tuple[str, int]:
    """Return host and port of a URL that `for_request` made; the port of the scheme where none is named."""
    plain = _PLAIN_HOST.match(url)
    if plain is not None:
        return normal_host(plain[1].lower()), _DEFAULT_PORTS[url.partition(":")[0]]
    parts, port = _split(url)
    return normal_host(parts.hostname or ""), port or _DEFAULT_PORTS.get(parts.scheme, 443)


def host_of(url: str) -> str:
    """Return a URL's host in lower case, empty where it has none."""
    plain = _PLAIN_HOST.match(url)
    if plain is not None:
        return plain[1].lower()
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # such as an unclosed bracket
        return ""


def parts_of(url: str) -> tuple[str, str, str] | None:
    """Return host (lower case, without final dots), path and query of an http(s) URL; None for any other."""
    plain = _PLAIN.fullmatch(url)
    if plain is not None and plain[2][:1] in {"", "/"}:
        return plain[1].lower().rstrip("."), plain[2], plain[3] or ""
    return _parts_of(url)


def _parts_of(url: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # such as an unclosed bracket
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    return host.lower().rstrip("."), parts.path, parts.query


def redirect_target(base: str, location: str) -> str:
    """Resolve a Location value (Latin-1, one character per byte) against the URL it came from.

    Bytes beyond ASCII are percent-encoded as they are, whatever charset they were meant in. Raises
    `UsageError` if the result is not a URL at all.
    """
    raw = "".join(char if char < "\x7f" else quote(char.encode("latin-1", "replace")) for char in location)
    try:
        return urljoin(base, raw.strip())
    except ValueError as error:
        raise UsageError(f"the Location is not a URL: {error} ({shown(raw)})") from error


def shown(url: str) -> str:
    """Return a URL fit for a message or a log: no user, query or fragment, controls escaped, short."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    _, at, after = bare.rpartition("@")
    text = f"…@{after}" if at else bare
    if not text.isprintable():
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}…"


def _encode(text: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe=safe, errors="surrogatepass")
