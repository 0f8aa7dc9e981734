"""What a publisher's reader is given (`Page`) and what it gives back (`Article` or `NotArticle`).

These values are the contract between the pipeline and `harvester/sites/*`: bytes in, frozen values
out, no network, no disk, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harvester.document import (
    Account,
    Candidate,
    Declared,
    Edits,
    FrameLine,
    HiddenText,
    Identity,
    Image,
    OriginalAccount,
    Question,
    Removal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One HTTP response as a reader sees it.

    `body` has its transfer- and content-codings removed but is otherwise the server's bytes;
    `url` is the final URL, `None` when nobody said (a file from disk); `headers` keep the server's
    order; `redirected_from` lists the earlier URLs of the chain, first first. `complete` is False
    for a body that was cut: such a page never becomes an article.
    """

    body: bytes
    url: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    redirected_from: tuple[str, ...] = ()
    complete: bool = True

    def header(self, name: str) -> str | None:
        """Return the first header of that name, in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where one field's value came from.

    `source` names the carrier exactly enough to look it up again: `cgiDataNew.ori_create_time`,
    `var ct`, `meta[property=og:title]`, `#activity-name`, `url:biz`. For an unknown value `source`
    is None and `reason` says why (`absent`, `empty`, `unparsable`, `not-applicable`). `others` are
    the candidates that disagreed with the value taken.
    """

    source: str | None
    reason: str | None = None
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as its page states it. Unknown is None, with the reason in `found`."""

    site: str
    kind: str
    title: str | None
    account: Account | None
    source: str | None
    author: str | None
    published_at: datetime | None  # aware; Asia/Shanghai for both publishers
    published_precision: str | None  # "second" | "minute" | "day"
    modified_at: datetime | None = None
    event_date: str | None = None  # YYYY-MM-DD, where the page tells the event from the posting
    page_time: datetime | None = None  # the server's clock inside the page (`svr_time`)
    section: str | None = None
    subtitle: str | None = None
    original_source: str | None = None
    source_url: str | None = None
    canonical_url: str | None = None
    identity: Identity
    language: str | None = None
    text: str
    markdown: str
    note: str | None = None
    images: tuple[Image, ...] = ()
    attachments: tuple[str, ...] = ()
    original_account: OriginalAccount | None = None
    declared: Declared | None = None
    edits: Edits | None = None
    albums: tuple[str, ...] = ()
    frame: tuple[FrameLine, ...] = ()
    questions: tuple[Question, ...] = ()  # of a press conference
    hidden: tuple[HiddenText, ...] = ()
    removed: tuple[Removal, ...] = ()
    preview: bool = False  # only a part is shown to readers (paid) or readers saw a preview card
    warnings: tuple[str, ...] = ()
    found: Mapping[str, Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotArticle:
    """A page that is not an article, and why we say so.

    `state` is one of `harvester.document.STATES` except `ok`. `notice` is the page's own words to
    the reader, None where it shows none. `evidence` lists the facts the verdict rests on, most
    telling first (rule ids, selectors and what stood there). `details` are further facts as the
    page states them (`reason_id`, `target_url`, …). `links` is for listing pages.
    """

    site: str
    state: str
    rule: str | None
    notice: str | None = None
    evidence: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    identity: Identity | None = None
    canonical_url: str | None = None
    links: tuple[tuple[str, str, str | None], ...] = ()  # (url, title, date or None), in order
    next_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A URL that a page or a list names and that may be worth watching.

    `route` is what kind of naming it is (`harvester.discover.candidates.ROUTES`); `kind` what the URL is to
    be looked at as: a `page`, or a source of pages (`listing`, `feed`, `sitemap`). `title` is as given there.
    `account` and `account_id` (`__biz`, `gh_…`) tell whose it is, as far as that is said; `note` is anything
    else that helps a person to decide.
    """

    url: str
    route: str
    kind: str = "page"
    title: str | None = None
    account: str | None = None
    account_id: str | None = None
    note: str | None = None
