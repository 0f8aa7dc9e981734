"""What the rest of the program asks of this publisher. Light: pages are read by modules loaded then."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from harvester.reading import Article, NotArticle, Page
from harvester.sites.mfa import address

RULES_VERSION: Final = "mfa-2026.11.2"
"""The same as `version` in rules.toml (a test compares them), so that nobody parses it to ask."""

_OURS: Final = re.compile(
    rb"""<[a-z0-9]{1,8}\s[^<>]{0,300}?id\s?=\s?["']?News_Body_(?:Title|Txt_A)\b"""
    rb"""|<meta\s[^<>]{0,200}?["']?bm02000004\b"""
    rb"""|<meta\s[^<>]{0,100}?SiteDomain["']?\s[^<>]{0,100}?"""
    rb"""(?:\bmfa\.gov\.cn|\bfmprc\.gov\.cn|\bchina-(?:embassy|consulate)\.(?:gov\.cn|org))""",
    re.IGNORECASE,
)
_SITE_NAME: Final = re.compile(
    b"<meta\\s[^<>]{0,100}?SiteName[\"']?\\s[^<>]{0,100}?content\\s?=\\s?[\"']?(?:"
    + "中华人民共和国外交部|外交部".encode()
    + b"|"
    + re.escape("中华人民共和国外交部".encode("gb18030"))
    + b")",
    re.IGNORECASE,
)
_MAX_BYTES: Final = 512 << 10  # the largest page seen has 65 kB
_NOT_OURS: Final = (b"cgiDataNew", b'id="js_content"', b'id="js_article"', b'id="img-content"')


class MfaSite:
    """Pages of mfa.gov.cn, its older hosts, and the sites of missions abroad."""

    name: str = "mfa"
    rules_version: str = RULES_VERSION
    page_hosts: tuple[str, ...] = address.HOSTS
    asset_hosts: tuple[str, ...] = address.HOSTS
    secret_params: frozenset[str] = frozenset()

    def canonical_url(self, url: str) -> str | None:
        """Return https, host and path of an article or listing; None for other forms."""
        return address.canonical_url(url)

    def cut_link_advice(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: these addresses have no `&` to be cut at."""
        return None

    def challenge(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: the firewall answers in place, it has no page of its own."""
        return None

    def asset_referer(self, url: str, page_url: str) -> str | None:
        """Return the page's URL for an image of the same host, as a browser sends; else None."""
        return page_url if urlsplit(url).hostname == urlsplit(page_url).hostname else None

    def is_placeholder_asset(self, url: str, body: bytes) -> bool:  # noqa: ARG002 - part of the contract
        """Return False: no stand-in for hot-linked images is known here."""
        return False

    def recognises(self, page: Page) -> bool:
        """Tell by the publishing system's ids and metas; never by what the text speaks of."""
        body = page.body[:_MAX_BYTES]
        if any(mark in body for mark in _NOT_OURS):
            return False
        return _OURS.search(body) is not None or _SITE_NAME.search(body) is not None

    def read(self, page: Page) -> Article | NotArticle:
        """Read one page. Raises `HostileInputError` for a page too expensive to parse."""
        from harvester.sites.mfa.read import read  # noqa: PLC0415 - the parser loads when it is needed

        return read(page)


SITE: Final = MfaSite()
