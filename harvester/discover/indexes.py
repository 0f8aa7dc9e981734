"""Indexes of public web archives: where to ask one, which copies it names, and of which pages. Pure.

CDX servers as the Wayback Machine and pywb have them answer for all URLs of a prefix; TimeMaps (RFC 7089) for
one URL. Both name copies: captures that somebody else made. What a copy shows is never known from its index
alone, where pages of deletion and verification are captures like others, status 200 and all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec

from archive.words import counted
from harvester.errors import UsageError
from harvester.intake import prepare
from harvester.leading import lead_of
from harvester.reading import Lead
from harvester.sites import FALLBACK, site_for_url
from harvester.times import moment_of, utc_text

LIMIT: Final = 5000
"""Copies that one question asks for."""
_TIMEMAP: Final = re.compile(r"(.*?/)timemap/")
_REPLAYS: Final = (
    (re.compile(r"(.*?)/cdx/search/cdx/?"), "/web/"),  # the Wayback Machine
    (re.compile(r"(.*?)(?:/cdx|-cdx|/index|-index)/?"), "/"),  # pywb, by its settings of now and once
)
_COPY: Final = re.compile(r"/(\d{4,14})([a-z]{2}_)?/(?=https?:)")
_COPY_URL: Final = re.compile(r"/https?:/")
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_GOOD: Final = 200


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One capture that an archive's index names: of which URL, when, and where it is shown.

    `uri` is None where the index does not say; `status`, `media_type`, `digest` likewise (a capture that only
    repeats an earlier one has no media type).
    """

    url: str
    at: datetime
    uri: str | None = None
    status: int | None = None
    media_type: str | None = None
    digest: str | None = None

    @property
    def may_be_page(self) -> bool:
        """Whether the index does not say that it is something else than a page that was got."""
        good = self.status is None or self.status == _GOOD
        return good and (self.media_type is None or self.media_type in _HTML)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an index answered: copies, how to go on, and how many of its lines could not be read.

    `resume` is the key for the next question; `further` are the parts of a TimeMap that is in several.
    """

    copies: tuple[Copy, ...] = ()
    resume: str | None = None
    further: tuple[str, ...] = ()
    unread: int = 0


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A page that an index names, and its copies, newest first."""

    lead: Lead
    copies: tuple[Copy, ...]

    @property
    def summary(self) -> str:
        """How many copies of when."""
        first, last = self.copies[-1].at.date(), self.copies[0].at.date()
        count = counted(len(self.copies), "copy", "copies")
        return f"{count} in the index, " + (f"of {last}" if first == last else f"{first} to {last}")


def question(index: str, match: str | None, *, resume: str | None = None, limit: int = LIMIT) -> str:
    """Return the URL that asks an index for the copies of URLs that begin with `match`.

    Of a TimeMap's address (`…/timemap/link/`) it is that of the one URL. What the address asks already stays.
    Raises `UsageError` where nothing says which URLs are meant.
    """
    parts = urlsplit(index)
    if is_timemap(index):
        if match and index.endswith("/"):
            return f"{index}{match.removesuffix('*')}"
        if _COPY_URL.search(index):
            return index
        raise UsageError("say of which page: --match URL, behind a TimeMap's address that ends with a slash")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if match:
        given["url"] = match.removesuffix("*")
        given.setdefault("matchType", "prefix")
    if not given.get("url"):
        raise UsageError("say which URLs: --match PREFIX")
    given.setdefault("output", "json")
    given.setdefault("limit", str(limit))
    given.setdefault("showResumeKey", "true")
    if resume is not None:
        given["resumeKey"] = resume
    return urlunsplit(parts._replace(query=urlencode(given, quote_via=quote)))


def limit_of(asked: str) -> float:
    """Return how many copies a question asks for at most; of a TimeMap all."""
    limit = dict(parse_qsl(urlsplit(asked).query)).get("limit", "")
    return int(limit) if limit.isascii() and limit.isdigit() and not is_timemap(asked) else math.inf


def is_timemap(index: str) -> bool:
    """Tell whether an address is that of TimeMaps."""
    return _TIMEMAP.match(urlsplit(index).path) is not None


def replay_of(index: str) -> str | None:
    """Return the address below which an index's archive shows its copies, None where that is not known."""
    parts = urlsplit(index)
    found = _TIMEMAP.match(parts.path)
    path = found[1] if found else None
    if path is None:
        matches = ((pattern.fullmatch(parts.path), end) for pattern, end in _REPLAYS)
        path = next((f"{match[1]}{end}" for match, end in matches if match), None)
    return path and urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def shown_at(copy: Copy, replay: str | None) -> str | None:
    """Return where a copy is to be had as it was captured (`…/20240131000000id_/URL`); None if not known."""
    if copy.uri is not None:
        return _COPY.sub(lambda found: f"/{found[1]}id_/", copy.uri, count=1)
    return f"{replay.rstrip('/')}/{copy.at:%Y%m%d%H%M%S}id_/{copy.url}" if replay else None


def copied_from(uri: str) -> tuple[str, datetime | None] | None:
    """Return of which URL, and of when, the address of a copy is; None for another address."""
    found = _COPY.search(uri)
    return (uri[found.end() :], moment_of(found[1])) if found else None


def pages_of(copies: Iterable[Copy]) -> list[Held]:
    """Return the pages that are worth proposing, each with its copies, in the index's order.

    Of a publisher that is known these are articles and listings, of any other host what may be a page.
    """
    found: dict[str, tuple[Lead, list[Copy]]] = {}
    for copy in copies:
        lead = _lead(copy)
        if lead is None:
            continue
        site = site_for_url(lead.url)
        key = site.identity_key(lead.url) or site.canonical_url(lead.url) or lead.url
        found.setdefault(key, (lead, []))[1].append(copy)
    return [_held(lead, held) for lead, held in found.values()]


def _held(lead: Lead, copies: list[Copy]) -> Held:
    newest = tuple(sorted(copies, key=lambda copy: copy.at, reverse=True))
    return Held(lead=lead, copies=newest)


def _lead(copy: Copy) -> Lead | None:
    try:
        url = prepare(copy.url).url
    except UsageError:
        return None
    if site_for_url(url).name != FALLBACK:
        return lead_of(url, "index")
    return Lead(url=url, route="index") if copy.may_be_page else None


def moment_text(copy: Copy) -> str:
    """Return when a copy was made, as RFC 3339 in UTC."""
    return utc_text(copy.at.astimezone(UTC))
