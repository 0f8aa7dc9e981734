"""What a publisher's folder must provide: one object of this form, named `SITE`, in its package.

The object itself is light (it is asked about URLs before every request); reading a page imports what
it needs when it is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harvester.document import Document
from harvester.places import Tracer
from harvester.reading import Article, Lead, NotArticle, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisiteRule:
    """Which styles, scripts, fonts and pictures of the layout are kept with a page.

    `hosts` are asked (a name stands for itself and its subdomains), and the page's own host where
    `own_host` says so, except for addresses (host and path) that contain one of `left_out`: what counts
    visitors, shows advertisements, or is made anew for every request.
    """

    hosts: tuple[str, ...] = ()
    own_host: bool = False
    left_out: tuple[str, ...] = ()


class Site(Protocol):
    """One publisher: its hosts, its URL forms, its pages."""

    @property
    def name(self) -> str:
        """Short lower-case name: `wechat`, `mfa`, `generic`."""
        ...

    @property
    def rules_version(self) -> str:
        """Version of the rules that decide what a page is and where its fields are."""
        ...

    @property
    def page_hosts(self) -> tuple[str, ...]:
        """Hosts that serve articles; a name stands for itself and its subdomains."""
        ...

    @property
    def asset_hosts(self) -> tuple[str, ...]:
        """Hosts that serve the pages' images and requisites; same rule."""
        ...

    @property
    def requisites(self) -> RequisiteRule:
        """What is kept with a page so that it can be shown again."""
        ...

    @property
    def secret_params(self) -> frozenset[str]:
        """Query parameters that carry a person's session and must never be sent, stored or logged."""
        ...

    def canonical_url(self, url: str) -> str | None:
        """Return the article's lasting URL without noise parameters; None if the form is not ours."""
        ...

    def identity_key(self, url: str) -> str | None:
        """Return the key (`Identity.key`) of the article that a URL alone names, None if it names none.

        Equal for every host and path under which the publisher serves that article.
        """
        ...

    def account_key(self, url: str) -> str | None:
        """Return a key of the account that a URL alone names as its article's or source's, or None.

        Equal for all URLs that name that account, in whatever form.
        """
        ...

    def listing_url(self, url: str) -> str | None:
        """Return the lasting URL of a list of articles (an album, a section), None if the form is not ours.

        Equal for every form under which the list's first page is asked for.
        """
        ...

    def cut_link_advice(self, url: str) -> str | None:
        """Return what to tell a person whose shell cut the link at its first `&`, or None."""
        ...

    def challenge(self, url: str) -> str | None:
        """Return the wanted article's URL if `url` is the publisher's verification page ('' if it
        does not say which), None if it is not one.
        """
        ...

    def asset_referer(self, url: str, page_url: str) -> str | None:
        """Return the Referer to send when fetching an image of a page, or None for none."""
        ...

    def is_placeholder_asset(self, url: str, body: bytes) -> bool:
        """Tell whether an image is the publisher's stand-in for "not shown on other sites"."""
        ...

    def recognises(self, page: Page) -> bool:
        """Tell from its bytes alone whether a page of unknown URL is this publisher's."""
        ...

    def read(self, page: Page) -> Article | NotArticle:
        """Read one page. Pure; raises `HostileInputError` and nothing else."""
        ...

    def tracer(self, page: Page, document: Document) -> Tracer:
        """Return what finds where in a page the values of its document stand (`harvester trace`).

        Raises `HostileInputError` for a page too expensive to parse.
        """
        ...

    def leads(self, page: Page, document: Document) -> tuple[Lead, ...]:
        """Return the articles and lists of this publisher's that an article names, in its order.

        Pure, from its own page alone. Raises `HostileInputError` for a page too expensive to parse.
        """
        ...
