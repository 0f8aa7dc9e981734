"""What the rest of the program asks of this publisher. Light: pages are read by modules loaded then."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from harvester.document import Document
from harvester.places import Tracer
from harvester.reading import Article, Lead, NotArticle, Page
from harvester.sites.base import RequisiteRule
from harvester.sites.mfa import address, recognise

RULES_VERSION: Final = "mfa-2026.11.5"
"""The same as `version` in rules.toml (a test compares them), so that nobody parses it to ask."""

_REQUISITES: Final = RequisiteRule(
    hosts=address.HOSTS,
    # The firewall's scripts, another one at every request; and a toolbar that reads pages aloud.
    left_out=("/_ws_sbu/", "/pepp4_clippers", "wzaslh.mfa.gov.cn/"),
)


class MfaSite:
    """Pages of mfa.gov.cn, its older hosts, and the sites of missions abroad."""

    name: str = "mfa"
    rules_version: str = RULES_VERSION
    page_hosts: tuple[str, ...] = address.HOSTS
    asset_hosts: tuple[str, ...] = address.HOSTS
    requisites: RequisiteRule = _REQUISITES
    secret_params: frozenset[str] = frozenset()

    def canonical_url(self, url: str) -> str | None:
        """Return https, host and path of an article or listing; None for other forms."""
        return address.canonical_url(url)

    def identity_key(self, url: str) -> str | None:
        """Return the key by the publishing system's number, which all of its hosts share."""
        found = address.parse(url)
        return found.identity.key if found else None

    def account_key(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: these addresses name no account."""
        return None

    def listing_url(self, url: str) -> str | None:
        """Return https, host and path of a section's listing, of its first page for a numbered one."""
        return address.listing_url(url)

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
        return recognise.recognises(page)

    def read(self, page: Page) -> Article | NotArticle:
        """Read one page. Raises `HostileInputError` for a page too expensive to parse."""
        from harvester.sites.mfa.read import read  # noqa: PLC0415 - the parser loads when it is needed

        return read(page)

    def tracer(self, page: Page, document: Document) -> Tracer:
        """Return what finds the places of a document's values in its page."""
        from harvester.sites.mfa.places import Places  # noqa: PLC0415 - loads the parser when it is needed

        return Places(page, document)

    def leads(self, page: Page, document: Document) -> tuple[Lead, ...]:  # noqa: ARG002 - part of the contract
        """Return what an article's text links to, at this publisher or another that is known."""
        from harvester.leading import body_leads  # noqa: PLC0415 - loads a parser when it is needed

        return body_leads(document)


SITE: Final = MfaSite()
