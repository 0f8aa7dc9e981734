"""Addresses of the Foreign Ministry: which are ours, which name an article, and what they say of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from harvester.document import Identity
from harvester.urls import parts_of

HOSTS: Final = (
    "mfa.gov.cn",
    "fmprc.gov.cn",
    "china-embassy.gov.cn",
    "china-embassy.org",
    "chineseembassy.org",
    "china-consulate.gov.cn",
    "china-consulate.org",
    "chineseconsulate.org",
    "china-mission.gov.cn",
    "fmcoprc.gov.hk",
    "fmcoprc.gov.mo",
    "china-un.org",
    "china-un.ch",
)
"""Hosts of the ministry, its missions and its commissioners; subdomains count."""

_ARTICLE: Final = re.compile(r"/t(?:(?P<date>\d{8})_)?(?P<number>\d{1,12})\.s?html?$", re.IGNORECASE)
_INDEX: Final = re.compile(r"/(?:(?:index|default)(?:_\d{1,5})?\.s?html?)?$", re.IGNORECASE)
_SECTION_NAME: Final = re.compile(r"(?:index|default)(?:_\d{1,5})?\.s?html?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An article's URL taken apart.

    `number` is N of `tN.shtml` and `tYYYYMMDD_N.shtml`: the publishing system's own number, the same
    under every host and section path. `date` is the date in the name, `YYYY-MM-DD`: the day of
    posting or, for pages moved from an older system, the day of the event; None in the older form
    and for figures that are no date.
    """

    url: str
    number: str
    date: str | None

    @property
    def identity(self) -> Identity:
        """The article's identity."""
        return Identity(key=f"mfa:t{self.number}", number=self.number, long_url=self.url)


def is_ours(url: str) -> bool:
    """Tell whether a URL is on one of the ministry's hosts."""
    parts = parts_of(url)
    return parts is not None and _is_host(parts[0])


@lru_cache(maxsize=4096)
def _is_host(host: str) -> bool:
    return any(host == name or host.endswith("." + name) for name in HOSTS)


def parse(url: str | None) -> Address | None:
    """Return what an article's URL says, None for any other URL."""
    parts = parts_of(url) if url is not None else None
    if url is None or parts is None or not _is_host(parts[0]):
        return None
    match = _ARTICLE.search(parts[1])
    if match is None:
        return None
    digits = match["date"]
    return Address(_plain(url), match["number"].lstrip("0") or "0", _day(digits) if digits else None)


def _day(digits: str) -> str | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def canonical_url(url: str) -> str | None:
    """Return the lasting URL of an article or listing: https, host and path; None for other forms."""
    parts = parts_of(url)
    if parts is None or not _is_host(parts[0]):
        return None
    path = parts[1]
    return _plain(url) if _ARTICLE.search(path) or _INDEX.search(path or "/") else None


def is_index(url: str) -> bool:
    """Tell whether a URL is a folder's own, or a numbered page of its listing."""
    parts = parts_of(url)
    return parts is not None and _is_host(parts[0]) and _INDEX.search(parts[1] or "/") is not None


def listing_url(url: str) -> str | None:
    """Return the folder of a listing, whichever of its pages a URL names; None for other forms."""
    return _SECTION_NAME.sub("", _plain(url)) if is_index(url) else None


def _plain(url: str) -> str:
    host, path, _ = parts_of(url) or ("", "", "")
    return f"https://{host}{path or '/'}"
