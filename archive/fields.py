"""The field rules of WARC/1.1 as one table: the writer obeys it, a checker can judge by it.

Source: WARC/1.1 §5 (named fields) and §6 (record types), with the IIPC list of proposed and extension
fields (`WARC-Protocol`, proposal 42; `WARC-Cipher-Suite`, proposal 86).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

Fields = tuple[tuple[str, str], ...]

RECORD_TYPES: Final = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)
"""The eight types of §6. Readers skip others; we do not write others."""

MAX_LENGTH_DIGITS: Final = 18
"""Digits in a Content-Length we accept: more than any file can hold, fewer than 64 bits overflow."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!-;=?-~]*")  # printable ASCII without blank, < and >
_LOOSE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x1f\x7f]+")
_DIGITS = re.compile(r"[0-9]{1,18}")
_DIGEST = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[!#$%&'*+\-.^_`|~0-9A-Za-z=]+")
_MEDIA_TYPE = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*(?:;.*)?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?Z)?"
    r")?)?"
)


def is_token(text: str) -> bool:
    """Tell whether `text` is a token of the WARC grammar (§4), as every field name must be."""
    return _TOKEN.fullmatch(text) is not None


def is_clean(text: str) -> bool:
    """Tell whether `text` can stand in a header: no CR, LF, NUL, other control, or lone surrogate."""
    return _CONTROL.search(text) is None


def format_date(moment: datetime) -> str:
    """Return a WARC-Date in UTC with six digits of a second; raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a WARC-Date needs a time with its zone; this one has none")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_date(text: str) -> datetime:
    """Read a WARC-Date of any granularity that §5.4 allows (year … nanosecond), as UTC.

    Digits after the microsecond are cut. Raises ValueError for anything else.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a WARC-Date: {text[:40]!r}")
    part = match.groupdict()
    return datetime(
        int(part["year"]),
        int(part["month"] or 1),
        int(part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        int(part["second"] or 0),
        int((part["fraction"] or "0").ljust(6, "0")[:6]),
        tzinfo=UTC,
    )


def _is_date(value: str) -> bool:
    try:
        parse_date(value)
    except ValueError:
        return False
    return True


def is_uri(value: str) -> bool:
    """Tell whether `value` is an absolute URI as RFC 3986 writes it: ASCII, escaped, no blank."""
    return _URI.fullmatch(value) is not None


def _is_bracketed_uri(value: str) -> bool:
    return value.startswith("<") and value.endswith(">") and is_uri(value[1:-1])


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return "%" not in value  # a zone index means nothing on another machine


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _any_text(value: str) -> bool:
    return bool(value)


def _is_number_from(least: int) -> Callable[[str], bool]:
    return lambda value: _DIGITS.fullmatch(value) is not None and int(value) >= least


def bare_uri(value: str) -> str:
    """Return a target URI without the angle brackets that WARC/1.0's grammar asked for (as Wget has them)."""
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value


def _is_loose_uri(value: str) -> bool:
    """Tell an absolute URI in brackets, with blanks or with unescaped characters: what it names is clear."""
    return _LOOSE_URI.fullmatch(bare_uri(value)) is not None


def _is_loose_id(value: str) -> bool:
    return is_uri(value)  # without its brackets


def _is_loose_digest(value: str) -> bool:
    return _matches(_DIGEST)(value.replace("/", "_"))  # Base64 has a character that tokens have not


def _is_loose_type(value: str) -> bool:
    return value.lower() in RECORD_TYPES


def _is_loose_date(value: str) -> bool:
    return _is_date(value.upper())


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One named field: who may carry it, how often, and what its value must look like.

    `types` are the record types that may carry it, `required` those that must. `form` says in words
    what `valid` tests. `by_writer` marks what the writer alone computes. `tolerated` tells a value that
    breaks the form in a way other tools are known for and that has one reading only: we never write it,
    and a checker warns.
    """

    name: str
    types: frozenset[str]
    required: frozenset[str]
    repeatable: bool
    form: str
    valid: Callable[[str], bool]
    by_writer: bool = False
    tolerated: Callable[[str], bool] | None = None


_CAPTURE = frozenset({"request", "response", "resource", "metadata", "revisit"})
_PAYLOAD = frozenset({"request", "response", "resource", "conversion", "continuation", "revisit"})
_NONE: frozenset[str] = frozenset()
_REVISIT = frozenset({"revisit"})
_CONTINUATION = frozenset({"continuation"})
_WARCINFO = frozenset({"warcinfo"})


def _rule(  # noqa: PLR0913  # a row of the table, by name
    name: str,
    form: str,
    valid: Callable[[str], bool],
    *,
    types: frozenset[str] = RECORD_TYPES,
    required: frozenset[str] = _NONE,
    repeatable: bool = False,
    by_writer: bool = False,
    tolerated: Callable[[str], bool] | None = None,
) -> FieldRule:
    return FieldRule(name, types, required, repeatable, form, valid, by_writer, tolerated)


_ID_FORM = "a URI in angle brackets"
_TEXT_FORM = "some text"

RULES: Final[Mapping[str, FieldRule]] = {
    rule.name.lower(): rule
    for rule in (
        _rule(
            "WARC-Type",
            "a record type",
            lambda value: value in RECORD_TYPES,
            required=RECORD_TYPES,
            tolerated=_is_loose_type,
        ),
        _rule("WARC-Record-ID", _ID_FORM, _is_bracketed_uri, required=RECORD_TYPES, tolerated=_is_loose_id),
        _rule(
            "WARC-Date",
            "a UTC time (W3C profile of ISO 8601)",
            _is_date,
            required=RECORD_TYPES,
            tolerated=_is_loose_date,
        ),
        _rule("Content-Length", "digits", _matches(_DIGITS), required=RECORD_TYPES, by_writer=True),
        _rule("Content-Type", "a media type", _matches(_MEDIA_TYPE)),
        _rule(
            "WARC-Concurrent-To",
            _ID_FORM,
            _is_bracketed_uri,
            types=_CAPTURE,
            repeatable=True,
            tolerated=_is_loose_id,
        ),
        _rule(
            "WARC-Block-Digest",
            "algorithm:value",
            _matches(_DIGEST),
            by_writer=True,
            tolerated=_is_loose_digest,
        ),
        _rule(
            "WARC-Payload-Digest",
            "algorithm:value",
            _matches(_DIGEST),
            types=_PAYLOAD,
            by_writer=True,
            tolerated=_is_loose_digest,
        ),
        _rule("WARC-IP-Address", "a numeric IP address", _is_ip, types=_CAPTURE),
        _rule(
            "WARC-Refers-To",
            _ID_FORM,
            _is_bracketed_uri,
            types=frozenset({"metadata", "revisit", "conversion"}),
        ),
        _rule(
            "WARC-Refers-To-Target-URI",
            "an escaped absolute URI",
            is_uri,
            types=_REVISIT,
            tolerated=_is_loose_uri,
        ),
        _rule("WARC-Refers-To-Date", "a UTC time", _is_date, types=_REVISIT),
        _rule(
            "WARC-Target-URI",
            "an absolute URI, percent-encoded, without blanks",
            is_uri,
            types=RECORD_TYPES - _WARCINFO,
            required=RECORD_TYPES - {"warcinfo", "metadata"},
            tolerated=_is_loose_uri,
        ),
        _rule("WARC-Truncated", "a reason token", is_token),
        _rule(
            "WARC-Warcinfo-ID", _ID_FORM, _is_bracketed_uri, types=RECORD_TYPES - _WARCINFO, by_writer=True
        ),
        _rule("WARC-Filename", "a file name", _any_text, types=_WARCINFO, by_writer=True),
        _rule("WARC-Profile", "a URI", is_uri, types=_REVISIT, required=_REVISIT),
        _rule("WARC-Identified-Payload-Type", "a media type", _matches(_MEDIA_TYPE), types=_PAYLOAD),
        _rule("WARC-Segment-Number", "digits", _matches(_DIGITS), required=_CONTINUATION),
        _rule(
            "WARC-Segment-Origin-ID",
            _ID_FORM,
            _is_bracketed_uri,
            types=_CONTINUATION,
            required=_CONTINUATION,
        ),
        _rule("WARC-Segment-Total-Length", "digits", _matches(_DIGITS), types=_CONTINUATION),
        # Proposed and extension fields that we write or may meet.
        _rule("WARC-Protocol", _TEXT_FORM, _any_text, types=_CAPTURE, repeatable=True),
        _rule("WARC-Cipher-Suite", _TEXT_FORM, _any_text, types=_CAPTURE),
        _rule("WARC-Page-ID", _TEXT_FORM, _any_text, types=_CAPTURE),
        _rule("WARC-Resource-Type", _TEXT_FORM, _any_text, types=_CAPTURE),
        _rule("WARC-JSON-Metadata", _TEXT_FORM, _any_text, types=_CAPTURE),
    )
}
"""Every field we know, by lower-case name. Unknown names are extensions: any clean value, any count."""


_REQUIRED: Final = {
    kind: tuple(key for key, rule in RULES.items() if kind in rule.required) for kind in RECORD_TYPES
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One way a record breaks the table. `name` is the field's, as the table spells it.

    `kind` is `token`, `control`, `repeated`, `misplaced`, `malformed`, `tolerated` or `missing`; `text` says
    it in words.
    """

    kind: str
    name: str
    text: str


def problems(record_type: str, fields: Iterable[tuple[str, str]]) -> list[str]:
    """Return, in words, each way the fields of one record break the table (empty: none does)."""
    return [violation.text for violation in violations(record_type, fields)]


def violations(record_type: str, fields: Iterable[tuple[str, str]]) -> list[Violation]:
    """Return each way the fields of one record break the table, in file order, missing ones last."""
    found: list[Violation] = []
    seen: set[str] = set()
    for name, value in fields:
        key = name.lower()
        found.extend(_field_violations(record_type, name, value, again=key in seen))
        seen.add(key)
    found.extend(
        Violation("missing", RULES[key].name, f"{RULES[key].name} is missing")
        for key in _REQUIRED.get(record_type, ())
        if key not in seen
    )
    return found


def _field_violations(record_type: str, name: str, value: str, *, again: bool) -> list[Violation]:
    rule = RULES.get(name.lower())
    if rule is None and not is_token(name):
        return [Violation("token", name[:60], f"field name {name[:60]!r} is not a token")]
    if not is_clean(value):
        return [Violation("control", name, f"{name} holds a control character: {value[:60]!r}")]
    if rule is None:
        return []
    found = []
    if again and not rule.repeatable:
        found.append(Violation("repeated", rule.name, f"{rule.name} is repeated"))
    if record_type not in rule.types:
        text = f"{rule.name} does not belong on a {record_type} record"
        found.append(Violation("misplaced", rule.name, text))
    if not rule.valid(value):
        kind = "tolerated" if rule.tolerated and rule.tolerated(value) else "malformed"
        found.append(Violation(kind, rule.name, f"{rule.name} is not {rule.form}: {value[:60]!r}"))
    return found
