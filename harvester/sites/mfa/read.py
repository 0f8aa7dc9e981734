"""From a page of the Foreign Ministry to an article, or to what else it is."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

from harvester.document import Account, Identity
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.mfa import address, body, fields
from harvester.sites.mfa.body import FoundBody
from harvester.sites.mfa.listing import FoundListing, find_listing
from harvester.sites.mfa.rules import Rules, load
from harvester.sites.mfa.view import View, view

SITE: Final = "mfa"
_MAX_FIREWALL_WORDS: Final = 40
_MAX_FIREWALL_BYTES: Final = 32_000


def read(page: Page) -> Article | NotArticle:
    """Read one page. Pure; raises `HostileInputError` for one too expensive to parse."""
    rules = load()
    if not page.complete:
        return NotArticle(site=SITE, state="partial", rule="mfa.partial", evidence=("the body was cut",))
    gone = _system_page(page, rules)
    seen = view(page)
    if gone is not None:
        return gone(fields.notice(seen))
    found = body.find_body(seen, rules)
    listing = None if seen.address and found else find_listing(seen, rules)
    if listing is not None and (found is None or _is_index(page)):
        return _listing(seen, listing)
    if found is not None and (seen.address is not None or fields.title(seen, found).value is not None):
        return _article(seen, found, rules)
    return _neither(seen, rules)


class _Gone:
    """A missing page, its evidence gathered before its words are read."""

    def __init__(self, page: Page, evidence: str) -> None:
        self._page = page
        self._evidence = evidence

    def __call__(self, notice: str | None) -> NotArticle:
        wanted = next((found for url in self._page.redirected_from if (found := address.parse(url))), None)
        return NotArticle(
            site=SITE,
            state="not_found",
            rule="mfa.system-path",
            notice=notice,
            evidence=(self._evidence, *(f"redirected from {url}" for url in self._page.redirected_from)),
            details={"target_url": wanted.url} if wanted else {},
            identity=wanted.identity if wanted else None,
        )


def _system_page(page: Page, rules: Rules) -> _Gone | None:
    """The page that addresses which do not exist are redirected to; it answers 200."""
    if page.url is None:
        return None
    path = urlsplit(page.url).path
    return _Gone(page, f"path {path}") if re.search(rules.states.system_path, path) else None


def _is_index(page: Page) -> bool:
    """Tell whether the page's address is a listing's (or unknown)."""
    return page.url is None or address.parse(page.url) is None


def _listing(seen: View, listing: FoundListing) -> NotArticle:
    return NotArticle(
        site=SITE,
        state="listing",
        rule=f"mfa.{listing.layout}",
        evidence=(f"{len(listing.links)} links",),
        canonical_url=address.canonical_url(seen.page.url) if seen.page.url else None,
        links=listing.links,
        next_url=listing.next_url,
    )


def _neither(seen: View, rules: Rules) -> NotArticle:
    """A page without article and listing: the firewall's script, a redirect that led away, or unknown."""
    url = address.canonical_url(seen.page.url) if seen.page.url else None
    words = fields.notice(seen)
    marks = [mark for mark in rules.states.firewall_marks if mark.encode() in seen.tree.data]
    if marks and len(seen.tree.data) < _MAX_FIREWALL_BYTES and len(words or "") < _MAX_FIREWALL_WORDS:
        return NotArticle(
            site=SITE,
            state="verification",
            rule="mfa.firewall-script",
            notice=words,
            evidence=tuple(f"script {mark}" for mark in marks),
            identity=seen.address.identity if seen.address else None,
            canonical_url=url,
        )
    wanted = next((found for link in seen.page.redirected_from if (found := address.parse(link))), None)
    if wanted is not None and seen.address is None:
        return NotArticle(
            site=SITE,
            state="not_found",
            rule="mfa.redirected-away",
            notice=words,
            evidence=(f"redirected from the article {wanted.url} to {seen.page.url}",),
            details={"target_url": wanted.url},
            identity=wanted.identity,
        )
    return NotArticle(
        site=SITE,
        state="unknown",
        rule=None,
        notice=words,
        evidence=("none of the known layouts",),
        identity=seen.address.identity if seen.address else None,
        canonical_url=url,
    )


def _article(seen: View, found: FoundBody, rules: Rules) -> Article:
    headline = fields.title(seen, found)
    subtitle = fields.subtitle(seen, found)
    posted = fields.posted(seen, found)
    event = fields.event_date(seen, headline.value, posted.moment)
    source = fields.site_name(seen, rules)
    original = fields.original_source(seen, found)
    section = fields.section(seen, found)
    author = fields.author(seen)
    files = fields.attachments(seen, rules)
    rendered, removed = body.read(seen, found, rules)
    language = fields.language(seen, found, rules, rendered.text)
    press = fields.is_press_conference(seen, rules, headline.value, section.value)
    identity, url, where = _identity(seen)
    return Article(
        site=SITE,
        kind="press_conference" if press else "article",
        title=headline.value,
        account=Account(name=source.value) if source.value else None,
        source=source.value,
        author=author.value,
        published_at=posted.moment.when if posted.moment else None,
        published_precision=posted.moment.precision if posted.moment else None,
        event_date=event.value,
        section=section.value,
        subtitle=subtitle.value,
        original_source=original.value,
        canonical_url=url,
        identity=identity,
        language=language.value,
        text=rendered.text,
        markdown=rendered.markdown,
        images=rendered.images,
        attachments=files,
        removed=removed,
        warnings=() if rendered.text else ("the body has no words",),
        found={
            "title": headline.found,
            "subtitle": subtitle.found,
            "published_at": posted.found,
            "event_date": event.found,
            "source": source.found,
            "original_source": original.found,
            "section": section.found,
            "author": author.found,
            "language": language.found,
            "url": where,
            "identity": where,
            "text": Found(source=f"{found.layout.id}:{found.carrier}"),
        },
    )


def _identity(seen: View) -> tuple[Identity, str | None, Found]:
    """The identity by the publishing system's number; by the URL, else by the bytes."""
    if seen.address is not None:
        return seen.address.identity, seen.address.url, Found(source=seen.address_source)
    url = seen.page.url
    if url is not None:
        canonical = address.canonical_url(url) or url
        key = f"url:{hashlib.sha256(canonical.encode()).hexdigest()}"
        return Identity(key=key, long_url=canonical), canonical, Found(source="url")
    key = f"page:{hashlib.sha256(seen.page.body).hexdigest()}"
    return Identity(key=key), None, Found(source=None, reason="absent")
