"""One field, several carriers: which value is taken, and which others disagreed (`fields.toml`)."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, Final

from harvester.document import Candidate
from harvester.reading import Found
from harvester.sites.wechat import urls
from harvester.sites.wechat.jsvalues import html_decode
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_WALL_TIME: Final = re.compile(
    r"(\d{4})[-年](\d{1,2})[-月](\d{1,2})日?(?:[ T]{1,2}(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_HEX_ESCAPE: Final = re.compile(r"\\x([0-7][0-9a-f])")
_BIZ: Final = re.compile(r"[A-Za-z0-9+/_-]{4,40}={0,2}")
_FIRST_SECOND: Final = 1_325_376_000  # 2012: the platform did not exist before
_LAST_SECOND: Final = 4_102_444_800  # 2100
_MAX_OTHER_CHARS: Final = 500
_ELSE: Final = "else "
# What the `title` element of share pages of 2018-2019 says instead of a title: the kind of page.
_NO_TITLES: Final = frozenset(["视频", "图片", "音频", "文字", "微信公众平台"])
_NO_ADDRESSES: Final = ("#", "javascript:", "about:", "data:", "vbscript:")

OF_DOCUMENT: Final = {
    "title": "title",
    "source": "account",
    "account": "account",
    "account.name": "account",
    "account.id": "user_name",
    "account.alias": "alias",
    "author": "author",
    "date": "published",
    "published_at": "published",
    "modified_at": "modified",
    "source_url": "source_url",
    "identity.biz": "biz",
    "identity.mid": "mid",
    "identity.idx": "idx",
    "identity.sn": "sn",
    "identity.account_id": "user_name",
    "kind": "show_type",
    "page_time": "page_time",
}
"""The field of `fields.toml` that each field of a document is taken from."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field's value as text (None: unknown) and where it came from."""

    value: str | None
    found: Found

    def __bool__(self) -> bool:
        return self.value is not None


@cache
def _rules() -> dict[str, Any]:
    data = files("harvester.sites.wechat").joinpath("fields.toml").read_text("utf-8")
    return tomllib.loads(data)


class Fields:
    """Looks fields up in one page by the table of carriers."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, Field] = {}

    def get(self, name: str) -> Field:
        """Return a field of `fields.toml`, looked up once."""
        if name not in self._known:
            rule = _rules()["fields"][name]
            self._known[name] = self._look_up(rule["carriers"], rule["type"])
        return self._known[name]

    def value(self, name: str) -> str | None:
        """Return a field's value, None if unknown."""
        return self.get(name).value

    @staticmethod
    def cleaned(name: str, raw: Value, carrier: str) -> str | None:
        """Return what a field makes of one carrier's raw value; None if it is not usable."""
        return None if raw is None else _CLEANERS[_rules()["fields"][name]["type"]](raw, carrier)

    @staticmethod
    def carries(name: str, carrier: str) -> bool:
        """Tell whether a field may be taken from a carrier."""
        return carrier in [entry.removeprefix(_ELSE) for entry in _rules()["fields"][name]["carriers"]]

    def _look_up(self, carriers: list[str], kind: str) -> Field:
        candidates: list[Candidate] = []
        reason = "absent"
        for entry in carriers:
            if entry.startswith(_ELSE) and candidates:
                continue
            carrier = entry.removeprefix(_ELSE)
            for raw in self._read(carrier):
                if raw is None:
                    continue
                text = _CLEANERS[kind](raw, carrier)
                if text is None:
                    empty = raw in ("", 0) or (isinstance(raw, float) and math.isnan(raw))
                    reason = "empty" if empty and reason != "unparsable" else "unparsable"
                else:
                    candidates.append(Candidate(source=carrier, value=text))
        if not candidates:
            return Field(None, Found(source=None, reason=reason))
        first = candidates[0]
        others = tuple(_short(one) for one in candidates[1:] if _differs(kind, one.value, first.value))
        return Field(first.value, Found(source=first.source, others=others))

    def _read(self, carrier: str) -> list[Value]:  # noqa: PLR0911 - one return per form of carrier
        source = self._source
        if carrier.startswith("cgiDataNew."):
            return [source.new(carrier.removeprefix("cgiDataNew."))]
        if carrier.startswith("cgiData."):
            return [source.cgi(carrier.removeprefix("cgiData."))]
        if carrier.startswith("var "):
            return source.variable(carrier.removeprefix("var "))
        if carrier.startswith("d."):
            return source.variable(carrier)
        form, _, name = carrier.partition(":")
        if form == "meta":
            return [source.metas.get(name)]
        if form == "dom":
            return [self._element(name)]
        if form == "link":
            link = self.value("link")
            return [urls.identity_params(link).get(name)] if link else []
        return [source.url_params.get(name)]

    def _element(self, name: str) -> str | None:
        selector, _, attribute = name.partition("@")
        if not attribute:
            return self._source.text_of(selector)
        node = self._source.element(selector)
        return None if node is None else node.attributes.get(attribute)


def _short(one: Candidate) -> Candidate:
    return Candidate(source=one.source, value=one.value[:_MAX_OTHER_CHARS])


def _differs(kind: str, one: str, other: str) -> bool:
    if kind == "time":
        shorter = min(len(one), len(other))  # a carrier that knows the minute agrees with the second
        return one[:shorter] != other[:shorter]
    return "".join(one.split()) != "".join(other.split())


# -- what counts as a usable value, by type ------------------------------------------------------


def _text(raw: Value) -> str | None:
    if isinstance(raw, bool) or raw is None or isinstance(raw, list | dict):
        return None
    if isinstance(raw, float):
        return None if math.isnan(raw) or math.isinf(raw) else f"{raw:g}"
    return str(raw).strip() or None


def _clean_text(raw: Value, carrier: str) -> str | None:
    """Words; metas may hold them as they stand in a script, escapes and all."""
    text = _text(raw)
    if text and carrier.startswith("meta:"):
        text = _HEX_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    return html_decode(text) if text else None


def _clean_title(raw: Value, carrier: str) -> str | None:
    """A title; metas write its line ends as backslash and n (seen in posts without a title)."""
    text = _clean_text(raw, carrier)
    if text and carrier.startswith("meta:"):
        text = text.replace("\\n", "\n")
    return None if carrier == "dom:title" and text in _NO_TITLES else text


def _clean_line(raw: Value, carrier: str) -> str | None:
    text = _clean_text(raw, carrier)
    return " ".join(text.split()) if text else None


def _clean_byline(raw: Value, carrier: str) -> str | None:
    """A byline; the element that holds it in old pages holds a date in others."""
    text = _clean_line(raw, carrier)
    return None if text and _WALL_TIME.match(text) else text


def _clean_word(raw: Value, carrier: str) -> str | None:
    text = _clean_line(raw, carrier)
    return text if text and " " not in text else None


def _clean_number(raw: Value, carrier: str) -> str | None:
    del carrier
    text = _text(raw)
    return text if text and text.isascii() and text.isdigit() and int(text) > 0 else None


def _clean_flag(raw: Value, carrier: str) -> str | None:
    del carrier
    text = _text(raw)
    return text if text and text.isascii() and text.isdigit() else None


def _clean_biz(raw: Value, carrier: str) -> str | None:
    del carrier
    text = _text(raw)
    text = text.replace("%3D", "=").replace("%3d", "=") if text else None
    return text if text and _BIZ.fullmatch(text) and not text.isdigit() else None


def _clean_url(raw: Value, carrier: str) -> str | None:
    del carrier
    text = _text(raw)
    url = urls.decode_entities(text).strip() if text else ""
    return url if url and not url.lower().startswith(_NO_ADDRESSES) else None


def _clean_time(raw: Value, carrier: str) -> str | None:
    """RFC 3339 in China's time; as short as the page's own precision (`2026-01-05`, `…T08:30`)."""
    del carrier
    text = _text(raw)
    if not text:
        return None
    if text.isascii() and text.isdigit():
        second = int(text)
        if not _FIRST_SECOND <= second <= _LAST_SECOND:
            return None
        return datetime.fromtimestamp(second, UTC).astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S")
    match = _WALL_TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, seconds = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(seconds or 0), tzinfo=CHINA
        )
    except ValueError:
        return None
    form = "%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M" if hour else "%Y-%m-%d"
    return moment.strftime(form)


def moment_of(field: Field) -> tuple[datetime | None, str | None]:
    """Return a time field as an aware moment in China's time and its precision."""
    return moment_of_text(field.value)


def moment_of_text(value: str | None) -> tuple[datetime | None, str | None]:
    """Return what a time field's value says, as `moment_of` does."""
    if value is None:
        return None, None
    precision = {10: "day", 16: "minute"}.get(len(value), "second")
    return datetime.fromisoformat(value).replace(tzinfo=CHINA), precision


_CLEANERS: Final = {
    "title": _clean_title,
    "text": _clean_text,
    "line": _clean_line,
    "byline": _clean_byline,
    "word": _clean_word,
    "number": _clean_number,
    "flag": _clean_flag,
    "biz": _clean_biz,
    "url": _clean_url,
    "time": _clean_time,
}
