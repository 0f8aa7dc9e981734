"""What belongs to a page, captured with it: images, attachments, requisites; each failure said.

What the archive holds already is not asked for again: images and attachments never, requisites when their
name does not say that it stands for one content and the copy has come of age.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from archive import Archive, StoredRecord
from harvester import requisites
from harvester.bodies import Body, body_of
from harvester.capture import Client, Exchange, FailedAttempt
from harvester.document import Document, PageState
from harvester.errors import BlockedError, IntegrityError
from harvester.library import Library
from harvester.recording import Recorder, in_order
from harvester.revisits import Revisits
from harvester.serving import failure_of, is_lasting
from harvester.sites import site_for_url
from harvester.turns import Turns
from harvester.wants import Wants

MAX_REQUISITE_BYTES: Final = 64 << 20
"""A page; what is found after so much was received is left out."""
_MAX: Final = {
    "image": requisites.MAX_IMAGES,
    "attachment": requisites.MAX_ATTACHMENTS,
    "requisite": requisites.MAX_REQUISITES,
}
_FORBIDDEN: Final = 403
_MAX_FORBIDDEN: Final = 3
"""A host that refuses so many in a row is not asked for more of the page."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a page's belongings in one role.

    Fetched now, held already, failed (URL and why), and left out: how many for which reason.
    """

    fetched: int = 0
    held: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    left_out: dict[str, int] = {}


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all that belongs to a page; None for a role that was not wanted."""

    images: Kept | None = None
    attachments: Kept | None = None
    requisites: Kept | None = None


class _Item(NamedTuple):
    url: str
    role: str
    depth: int

    @property
    def host(self) -> str:
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:  # asked for all the same: the client says what is wrong with it
            return ""


class AssetFetcher:
    """Fetches what belongs to pages, one after the other, hosts taking turns."""

    def __init__(
        self,
        archive: Archive,
        recorder: Recorder,
        revisits: Revisits,
        library: Library,
        client: Client,
        progress: Callable[[str], None],
    ) -> None:
        self.archive = archive
        self.recorder = recorder
        self.revisits = revisits
        self.library = library
        self.client = client
        self.progress = progress

    def gather(self, found: Document | PageState, response: StoredRecord | None, wants: Wants) -> Gathered:
        """Capture what belongs to an article and is not held yet; nothing for what is no article."""
        if not isinstance(found, Document) or response is None:
            return Gathered()
        page = _Gathering(self, response, wants)
        if wants.images:
            page.plan(requisites.images_of(found), "image")
        page.plan(requisites.attachments_of(found), "attachment")
        if wants.requisites:
            page.plan_requisites(body_of(response))
        page.carry_out()
        return Gathered(
            images=page.kept("image") if wants.images else None,
            attachments=page.kept("attachment"),
            requisites=page.kept("requisite") if wants.requisites else None,
        )


class _Gathering:
    """The belongings of one page while they are gathered."""

    def __init__(self, fetcher: AssetFetcher, response: StoredRecord, wants: Wants) -> None:
        self._fetcher = fetcher
        self._url = response.target_uri or ""
        self._site = site_for_url(self._url)
        self._now: datetime = response.date
        self._wants = wants
        self._turns: Turns[_Item] = Turns()
        self._seen: set[str] = set()
        self._planned: Counter[str] = Counter()
        self._fetched: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._failed: dict[str, list[tuple[str, str]]] = {role: [] for role in _MAX}
        self._left_out: dict[str, Counter[str]] = {role: Counter() for role in _MAX}
        self._forbidden: Counter[str] = Counter()
        self._requisite_bytes = 0

    def plan(self, urls: Iterable[str], role: str, depth: int = 0) -> None:
        """Queue what is neither held nor planned already, under the caps."""
        for url in urls:
            if url in self._seen:
                continue
            self._seen.add(url)
            self._planned[role] += 1
            item = _Item(url, role, depth)
            if self._planned[role] > _MAX[role]:
                self._left_out[role]["cap"] += 1
            elif not self._is_held(item):
                self._turns.add(item.host, item)

    def plan_requisites(self, page: Body | None) -> None:
        if page is not None:
            found = requisites.requisites_of(
                page.data, self._url, page.content_type, pictures=self._wants.images
            )
            self.plan(found, "requisite")

    def carry_out(self) -> None:
        """Fetch all that is queued, and what stylesheets add to it."""
        client = self._fetcher.client
        while item := self._turns.take(lambda one: client.due_in_s(one.url, "asset")):
            if item.role == "requisite" and self._requisite_bytes >= MAX_REQUISITE_BYTES:
                self._left_out[item.role]["cap"] += 1
            else:
                self._fetch(item)

    def kept(self, role: str) -> Kept:
        return Kept(
            fetched=self._fetched[role],
            held=self._held[role],
            failed=tuple(self._failed[role]),
            left_out=dict(self._left_out[role]),
        )

    def _is_held(self, item: _Item) -> bool:
        row = self._fetcher.library.asset(item.url)
        if row is None:
            return False
        age = self._now - datetime.fromisoformat(row.fetch_date)
        if item.role == "requisite" and age >= self._wants.requisite_age and not is_lasting(item.url):
            return False
        self._held[item.role] += 1
        if self._may_require(item) and requisites.is_stylesheet(item.url):
            self._follow(item, self._held_body(row.record_id))
        return True

    def _held_body(self, record_id: str) -> Body | None:
        archive = self._fetcher.archive
        entry = archive.entry(record_id)
        try:
            return body_of(archive.resolved(archive.read(entry.location))) if entry else None
        except IntegrityError:  # damage is for `harvester check` to tell; here nothing follows from it
            return None

    def _fetch(self, item: _Item) -> None:
        self._fetcher.progress(f"{item.role} {item.url}")
        referer = self._site.asset_referer(item.url, self._url)
        visit = self._fetcher.client.get(
            item.url, referer=referer, role="asset", conditions=self._fetcher.revisits.conditions
        )
        why: str | None = "failed"
        response: StoredRecord | None = None
        for attempt in in_order(visit):
            if isinstance(attempt, FailedAttempt):
                self._fetcher.recorder.keep_failure(attempt, "asset", self._url)
            else:
                why, response = self._keep(attempt, item)
        why = str(visit.error) if visit.error else why
        self._count(item, why, visit.final)
        if why is None and response is not None:
            self._require(item, response)
        if visit.blocked or isinstance(visit.error, BlockedError):
            self._give_up(item.host, "blocked")
        elif self._forbidden[item.host] >= _MAX_FORBIDDEN:
            self._give_up(item.host, "refused")

    def _keep(self, exchange: Exchange, item: _Item) -> tuple[str | None, StoredRecord]:
        confirmed = self._fetcher.revisits.confirmed(exchange) is not None
        why = None if confirmed else failure_of(exchange, item.role, self._site)
        note = self._fetcher.recorder.note(
            exchange,
            role="asset",
            asset_role=item.role,
            via=self._url,
            chain=exchange.redirected_from,
            failure=why,
        )
        response, _ = self._fetcher.recorder.keep(exchange, note)
        self._fetcher.library.add_asset(response, note)
        return why, response

    def _count(self, item: _Item, why: str | None, answer: Exchange | None) -> None:
        forbidden = answer is not None and answer.status == _FORBIDDEN
        self._forbidden[item.host] = self._forbidden[item.host] + 1 if forbidden else 0
        if why is not None:
            self._failed[item.role].append((item.url, why))
            return
        self._fetched[item.role] += 1
        if item.role == "requisite" and answer is not None:
            self._requisite_bytes += answer.response.size

    def _require(self, item: _Item, response: StoredRecord) -> None:
        """Queue what a stylesheet that has just come, or was confirmed, requires."""
        if self._may_require(item):
            body = body_of(response)
            if body and requisites.is_stylesheet(item.url, body.content_type):
                self._follow(item, body)

    def _may_require(self, item: _Item) -> bool:
        return item.role == "requisite" and item.depth <= requisites.MAX_IMPORTS

    def _follow(self, item: _Item, css: Body | None) -> None:
        """Queue what a stylesheet requires; below the deepest import nothing is followed further."""
        if css is not None:
            imports, others = requisites.required_by_stylesheet(css.data, item.url, self._url)
            self.plan(imports, "requisite", item.depth + 1)
            self.plan(others, "requisite", requisites.MAX_IMPORTS + 1)

    def _give_up(self, host: str, reason: str) -> None:
        for item in self._turns.drop(host):
            self._left_out[item.role][reason] += 1
