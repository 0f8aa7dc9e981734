"""WeChat Official Accounts: articles and notices of mp.weixin.qq.com.

Light: asked about URLs before every request. Reading imports the parser when it is first called.
"""

from __future__ import annotations

from typing import Final

from harvester.document import Document
from harvester.places import Tracer
from harvester.reading import Article, Lead, NotArticle, Page
from harvester.sites.base import RequisiteRule, Site
from harvester.sites.wechat import placeholder, recognise, urls

__all__ = ["SITE", "WeChat"]

# The version that fields.toml, states.toml and frame.toml state (a test holds them together): it rises with
# every change of a rule, in these tables or in code, since a document names it.
RULES_VERSION: Final = "wechat-2026-11-26.4"


class WeChat:
    """The publisher as the pipeline sees it (`harvester.sites.base.Site`)."""

    name: Final = "wechat"
    rules_version: Final = RULES_VERSION
    page_hosts: Final = urls.PAGE_HOSTS
    asset_hosts: Final = urls.ASSET_HOSTS
    requisites: Final = RequisiteRule(hosts=urls.ASSET_HOSTS, left_out=urls.NOT_REQUISITES)
    secret_params: Final = urls.SECRET_PARAMS

    def canonical_url(self, url: str) -> str | None:
        return urls.canonical_url(url)

    def identity_key(self, url: str) -> str | None:
        return urls.article_key(url)

    def account_key(self, url: str) -> str | None:
        return urls.account_key(url)

    def listing_url(self, url: str) -> str | None:
        return urls.album_url(url)

    def cut_link_advice(self, url: str) -> str | None:
        return urls.cut_link_advice(url)

    def challenge(self, url: str) -> str | None:
        return urls.challenge(url)

    def asset_referer(self, url: str, page_url: str) -> str | None:
        """The platform's picture hosts answer a foreign Referer with a stand-in picture."""
        del page_url
        return urls.asset_referer(url)

    def is_placeholder_asset(self, url: str, body: bytes) -> bool:
        return placeholder.is_placeholder(url, body)

    def recognises(self, page: Page) -> bool:
        return recognise.recognises(page)

    def read(self, page: Page) -> Article | NotArticle:
        from harvester.sites.wechat.read import read_page  # noqa: PLC0415 - the parser is heavy to import

        return read_page(page)

    def tracer(self, page: Page, document: Document) -> Tracer:
        """Return what finds the places of a document's values in its page."""
        from harvester.sites.wechat.places import Places  # noqa: PLC0415 - loads the parser when it is needed

        return Places(page, document)

    def leads(self, page: Page, document: Document) -> tuple[Lead, ...]:
        """Return albums, neighbours in them, past issues, the original of a repost, links in the text."""
        from harvester.sites.wechat.leads import leads_of  # noqa: PLC0415 - the parser is heavy to import

        return leads_of(page, document)


SITE: Final[Site] = WeChat()
