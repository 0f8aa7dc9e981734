"""From a page of the Foreign Ministry to an article, or to what else it is."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from harvester.document import Account, Identity, Question
from harvester.extraction.ending import is_open_ended
from harvester.extraction.media import not_fetched
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.mfa import address, body, fields, states
from harvester.sites.mfa.body import FoundBody, ReadBody
from harvester.sites.mfa.listing import FoundListing, find_listing
from harvester.sites.mfa.questions import find_questions, has_both
from harvester.sites.mfa.rules import Rules, load
from harvester.sites.mfa.view import View, view, words

SITE: Final = "mfa"


def read(page: Page) -> Article | NotArticle:
    """Read one page. Pure; raises `HostileInputError` for one too expensive to parse."""
    rules = load()
    if not page.complete:
        return NotArticle(site=SITE, state="partial", rule="mfa.partial", evidence=("the body was cut",))
    seen = view(page)
    gone = states.missing_by_address(seen, rules)
    if gone is not None:
        return gone
    found = body.find_body(seen, rules)
    if found is not None and found.layout.needs_address and seen.address is None:
        found = None
    listing = None if seen.address and found else find_listing(seen, rules)
    if listing is not None and (found is None or not _is_article(seen, found)):
        return _listing(seen, listing)
    cut = _why_cut(seen, found, rules)
    if found is not None and (seen.address is not None or fields.title(seen, found).value is not None):
        return _partial(seen, cut) if cut else _article_or_empty(seen, found, rules)
    other = states.neither(seen, rules)
    return _partial(seen, cut) if cut and other.state == "unknown" else other


def _why_cut(seen: View, found: FoundBody | None, rules: Rules) -> str | None:
    """Return why a page must be feared to be cut, None for a whole one.

    A page without its end passes if its body's own end is there: then the text is whole.
    """
    if not is_open_ended(seen.tree.data) or (found is not None and body.is_closed(seen, found, rules)):
        return None
    return "the page ends before </html>" + ("" if found is None else ", within its text")


def _partial(seen: View, why: str) -> NotArticle:
    return NotArticle(
        site=SITE,
        state="partial",
        rule="mfa.partial",
        evidence=(why,),
        identity=seen.address.identity if seen.address else None,
    )


def _is_article(seen: View, found: FoundBody) -> bool:
    """Tell an article with links to others beside it from a listing with a few words of its own.

    An address of a listing is believed; for any other, a page that shows a headline and a text is an article.
    """
    if seen.page.url is not None and address.is_index(seen.page.url):
        return False
    return fields.has_own_title(seen, found) and words(found.node) is not None


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


def _article_or_empty(seen: View, found: FoundBody, rules: Rules) -> Article | NotArticle:
    """Read an article; a body without words, pictures, films and files is none."""
    article = _article(seen, found, rules)
    if article.text or article.images or article.attachments or body.has_media(found):
        return article
    return NotArticle(
        site=SITE,
        state="unknown",
        rule="mfa.empty-body",
        notice=fields.notice(seen),
        evidence=(f"the body {found.layout.id}:{found.carrier} holds nothing",),
        details={"title": article.title} if article.title else {},
        identity=article.identity,
        canonical_url=article.canonical_url,
    )


def _article(seen: View, found: FoundBody, rules: Rules) -> Article:
    headline = fields.title(seen, found)
    subtitle = fields.subtitle(seen, found)
    posted = fields.posted(seen, found, rules)
    event = fields.event_date(seen, headline, subtitle, posted.moment, rules)
    source = fields.site_name(seen, rules)
    original = fields.original_source(seen, found)
    section = fields.section(seen, found)
    author = fields.author(seen)
    files = fields.attachments(seen, rules)
    whole = body.read(seen, found, rules)
    rendered = whole.rendered
    language = fields.language(seen, found, rules, rendered.text)
    press = fields.is_press_conference(seen, rules, headline.value, section.value)
    questions = questions_of(whole, headline.value, rules, press=press)
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
        questions=questions,
        hidden=whole.body.hidden,
        removed=whole.removed,
        warnings=(*_warnings(seen, whole), *not_fetched(rendered.widgets)),
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


def _warnings(seen: View, whole: ReadBody) -> tuple[str, ...]:
    empty = () if whole.rendered.text else ("the body has no words",)
    open_ = ("the page has no </html>: what stands behind the text is missing",)
    return (*empty, *whole.warnings, *(open_ if is_open_ended(seen.tree.data) else ()))


def questions_of(whole: ReadBody, headline: str | None, rules: Rules, *, press: bool) -> tuple[Question, ...]:
    """The questions of a press conference, or of an article whose headline says that it answers some."""
    if not press and not any(re.search(pattern, headline or "") for pattern in rules.press.answers):
        return ()
    found = find_questions(whole.body.blocks, whole.rendered.text, headline, rules.press)
    return found if press or has_both(found) else ()


def _identity(seen: View) -> tuple[Identity, str | None, Found]:
    """The identity by the publishing system's number; by the URL, else by the bytes."""
    if seen.address is not None:
        return seen.address.identity, seen.address.url, Found(source=seen.address_source)
    url = seen.page.url
    if url is not None:
        return *identity_of(url), Found(source="url")
    key = f"page:{hashlib.sha256(seen.page.body).hexdigest()}"
    return Identity(key=key), None, Found(source=None, reason="absent")


def identity_of(url: str) -> tuple[Identity, str]:
    """Return the identity that an address gives, and its lasting form."""
    named = address.parse(url)
    if named is not None:
        return named.identity, named.url
    canonical = address.canonical_url(url) or url
    return Identity(
        key=f"url:{hashlib.sha256(canonical.encode()).hexdigest()}", long_url=canonical
    ), canonical
