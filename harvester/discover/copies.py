"""Copies in web archives, looked at before use: fetched, recorded, read as pages of their originals.

A copy is a capture of the archive's answer, not of the publisher's: it shows what that archive says it was
given. Deleted pages and demands for verification are in such archives like any other page, with status 200;
so a copy is offered only if what it holds is an article. It is recorded as evidence of the archive's answer
(asset role `copy`), and no visit of the article: its timeline does not hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from archive import Archive, StoredRecord
from archive.http1 import parse_head
from harvester.bodies import body_of
from harvester.capture import Client
from harvester.discover.indexes import Copy, Held, copied_from, shown_at
from harvester.document import Document, Identity
from harvester.errors import GiveUpError, HttpMessageError, IntegrityError, StorageError, UsageError
from harvester.exits import Exit
from harvester.fetching import Fetcher
from harvester.imports.importer import Importer, ImportOutcome
from harvester.imports.item import Item
from harvester.intake import displayed, prepare
from harvester.library import Library
from harvester.pipeline import extract
from harvester.sites import site_for_url
from harvester.times import utc_text
from harvester.watch.manners import Manners
from harvester.watch.names import names_of

ROLE: Final = "copy"
METHOD: Final = "archive-copy"
"""`capture.method` of what is read from a copy (docs/imports.md)."""
_MAX_WORDS: Final = 200


class LookedAt(msgspec.Struct, frozen=True, kw_only=True):
    """What one copy of a page is.

    `state` is a page state (`ok`: an article, so it is offered), `elsewhere` where the archive led to another
    page's copy, or `failed` with `message`. `record` names the WARC record of the archive's answer, `at` when
    the archive says that it was made. `held`: it was looked at before and not asked for again.
    """

    url: str
    copy: str
    at: str
    state: str
    title: str | None = None
    notice: str | None = None
    message: str | None = None
    record: str | None = None
    held: bool = False
    code: int = Exit.DONE

    @property
    def offered(self) -> bool:
        """Whether it is an article."""
        return self.state == "ok"


class Copies:
    """Looks at copies in one session. Storage faults are raised; everything else is told of a copy."""

    def __init__(
        self, archive: Archive, library: Library, client: Client, fetcher: Fetcher, manners: Manners
    ) -> None:
        self._archive = archive
        self._library = library
        self._client = client
        self._fetcher = fetcher
        self._manners = manners

    def are_wanted(self, held: Held) -> bool:
        """Tell whether the archive at hand has no good capture of a page."""
        names = names_of(held.lead.url)
        return not any(row.state == "ok" for row in self._library.kin(names, names))

    def look(self, held: Held, replay: str | None, most: int, now: datetime) -> Iterator[LookedAt]:
        """Yield what up to `most` copies of a page are, newest first, until one is an article.

        Copies of which the index says that they are no page, or equal to one that was looked at, are passed
        over.
        """
        digests: set[str] = set()
        count = 0
        for copy in held.copies:
            if not copy.may_be_page or (copy.digest is not None and copy.digest in digests):
                continue
            digests |= {copy.digest} if copy.digest else set()
            if count >= most:
                return
            count += 1
            found = self._look(held, copy, replay, now)
            yield found
            if found.offered or found.code == Exit.BLOCKED:
                return

    def _look(self, held: Held, copy: Copy, replay: str | None, now: datetime) -> LookedAt:
        uri = shown_at(copy, replay)
        told = LookedAt(url=held.lead.url, copy=displayed(uri or ""), at=utc_text(copy.at), state="failed")
        if uri is None:
            return _no(told, "the index does not say where its copies are: --replay URL does", Exit.USAGE)
        try:
            url = prepare(uri).url
        except (UsageError, GiveUpError) as error:
            return _no(told, str(error))
        told = msgspec.structs.replace(told, copy=url)
        record, again = self._held(url), True
        if record is None:
            again = False
            if not self._client.allows(url):
                return _no(told, "its host is not among those that are asked (--allow-host)", Exit.USAGE)
            if no := self._manners.refusal(url, now):
                return _no(told, no.why)
            answer = self._fetcher.fetch_resource(url, ROLE)
            record = self._held(url)
            if answer.body is None or record is None:
                return _no(told, answer.message, Exit.BLOCKED if answer.blocked else Exit.NEGATIVE)
        return msgspec.structs.replace(_read(record, copy, told), held=again)

    def _held(self, url: str) -> StoredRecord | None:
        """Return the good record of a copy; an archive's copies do not change."""
        row = self._library.last_asset(url)
        if row is None or row.state != "ok":
            return None
        try:
            record = self._archive.get(row.record_id)
            return self._archive.resolved(record) if record is not None else None
        except (IntegrityError, StorageError):
            return None


def taken(importer: Importer, archive: Archive, one: LookedAt) -> ImportOutcome | None:
    """Take a copy that is offered into the archive as a page of its original, marked as what it is.

    None for one that is not offered, or whose record is gone.
    """
    record = archive.get(one.record) if one.offered and one.record else None
    body = body_of(archive.resolved(record)) if record is not None else None
    if body is None:
        return None
    item = Item(
        method=METHOD,
        body=body.data,
        content_type=body.content_type or "text/html",
        url=one.url,
        url_source="the address of the copy",
        fetched=one.at,
        fetched_source="the web archive that made the copy",
        warnings=(
            f"read from the copy {one.copy}: that archive's answer (record {one.record}), no capture of ours",
        ),
    )
    return importer.take(item, f"copy of {one.at}")


def _read(record: StoredRecord, copy: Copy, told: LookedAt) -> LookedAt:
    """Read the record of a copy as a page of its original."""
    named = copied_from(record.target_uri or "")
    original = named[0] if named else copy.url
    told = msgspec.structs.replace(
        told,
        at=_made(record) or (utc_text(named[1]) if named and named[1] else told.at),
        record=record.record_id,
    )
    body = body_of(record)
    if body is None:
        return _no(told, "what came cannot be decoded")
    headers = {"Content-Type": body.content_type} if body.content_type else None
    found = extract(body.data, original, headers)
    if not isinstance(found, Document):
        notice = " ".join((found.notice or next(iter(found.evidence), "")).split())[:_MAX_WORDS]
        return msgspec.structs.replace(told, state=found.state, notice=notice or None)
    if set(names_of(original)).isdisjoint(names_of(copy.url)):
        led = f"it led to a copy of {displayed(original)}"
        return msgspec.structs.replace(told, state="elsewhere", message=led)
    if _is_another(found.identity, original):
        return msgspec.structs.replace(
            told, state="elsewhere", message="it holds another article", title=found.title
        )
    return msgspec.structs.replace(told, state="ok", title=found.title)


def _is_another(identity: Identity, url: str) -> bool:
    """Tell whether an article names itself otherwise than the URL that it was asked for by.

    A short link can be compared only where the article names its own.
    """
    own = {
        identity.key,
        *(name for one in (identity.short_url, identity.long_url) if one for name in names_of(one)),
    }
    if not own.isdisjoint(names_of(url)):
        return False
    site = site_for_url(url)
    return site.account_key(url) is not None or (
        identity.short_url is not None and site.identity_key(url) is not None
    )


def _made(record: StoredRecord) -> str | None:
    """Return when the archive says that it made the copy (`Memento-Datetime`, RFC 7089 §2.1.1)."""
    try:
        value = parse_head(record.block).get("Memento-Datetime")
        when = parsedate_to_datetime(value) if value else None
        return utc_text(when.astimezone(UTC)) if when and when.tzinfo else None
    except (HttpMessageError, ValueError, OverflowError):
        return None


def _no(told: LookedAt, why: str | None, code: int = Exit.NEGATIVE) -> LookedAt:
    return msgspec.structs.replace(told, state="failed", message=why, code=code)
