"""What the rest of the program asks of the site that reads what no other claims. Light."""

from __future__ import annotations

from typing import Final
from urllib.parse import urldefrag, urlsplit

from harvester.document import Document
from harvester.places import Tracer
from harvester.reading import Article, Lead, NotArticle, Page
from harvester.sites.base import RequisiteRule


class GenericSite:
    """Any page on the web."""

    name: str = "generic"
    rules_version: str = "generic-2026.11.4"
    page_hosts: tuple[str, ...] = ()
    asset_hosts: tuple[str, ...] = ()
    requisites: RequisiteRule = RequisiteRule(own_host=True)
    secret_params: frozenset[str] = frozenset()

    def canonical_url(self, url: str) -> str | None:
        """Return the URL without its fragment; None if it is not one of the web."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        return urldefrag(url).url if parts.scheme in {"http", "https"} and parts.hostname else None

    def identity_key(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: these addresses name a page by themselves only."""
        return None

    def account_key(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: these addresses name no account."""
        return None

    def listing_url(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: nothing is known of these addresses."""
        return None

    def cut_link_advice(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: nothing is known of these addresses."""
        return None

    def challenge(self, url: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return None: nothing is known of these addresses."""
        return None

    def asset_referer(self, url: str, page_url: str) -> str | None:
        """Return the page's URL for an image of the same host, else None."""
        return page_url if urlsplit(url).hostname == urlsplit(page_url).hostname else None

    def is_placeholder_asset(self, url: str, body: bytes) -> bool:  # noqa: ARG002 - part of the contract
        """Return False: no stand-in is known."""
        return False

    def recognises(self, page: Page) -> bool:  # noqa: ARG002 - part of the contract
        """Return False: this site claims nothing, it reads what is left."""
        return False

    def read(self, page: Page) -> Article | NotArticle:
        """Read one page. Raises `HostileInputError` for a page too expensive to parse."""
        from harvester.sites.generic.read import read  # noqa: PLC0415 - trafilatura takes a second to import

        return read(page)

    def tracer(self, page: Page, document: Document) -> Tracer:
        """Return what finds the places of a document's values in its page."""
        from harvester.sites.generic.places import Places  # noqa: PLC0415 - loads the parser when it is needed

        return Places(page, document)

    def leads(self, page: Page, document: Document) -> tuple[Lead, ...]:  # noqa: ARG002 - part of the contract
        """Return what an article's text links to at a publisher that is known."""
        from harvester.leading import body_leads  # noqa: PLC0415 - loads a parser when it is needed

        return body_leads(document)


SITE: Final = GenericSite()
