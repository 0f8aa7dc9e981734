"""One URL through the whole chain: visit, WARC, document, assets. The shell around the pure parts.

The order is the promise: the WARC is durable and indexed, then the documents, then the library's row;
only then is an outcome returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from archive import Archive, StoredRecord
from harvester.assets import AssetFetcher, Gathered, Kept
from harvester.bodies import Body, body_of
from harvester.capture import Client, FailedAttempt, Visit
from harvester.document import Document, PageState
from harvester.errors import BlockedError, RefusedError
from harvester.exits import Exit, of_state
from harvester.intake import Wanted
from harvester.library import Library
from harvester.pipeline import derive
from harvester.recording import Circumstances, Recorder, in_order, name_of
from harvester.revisits import Revisits, Unchanged, unchanged
from harvester.wants import Wants

BLOCKING: Final = frozenset({"verification", "rate_limited"})
"""States of a page by which its host says no: it is left alone from then on."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one URL. `state` is a page state, or `failed`, `refused`, `blocked`.

    `unchanged` tells that the page is stored as a revisit of what was held already; `moved_to` is where a
    notice says that the page of a migrated account now stands.
    """

    url: str
    state: str
    code: int
    id: str | None = None
    title: str | None = None
    message: str | None = None
    notice: str | None = None
    moved_to: str | None = None
    images: Kept | None = None
    attachments: Kept | None = None
    requisites: Kept | None = None
    unchanged: Unchanged | None = None
    warnings: tuple[str, ...] = ()


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a URL that is no page: its body, or None and why."""

    body: Body | None
    status: int | None
    message: str | None
    blocked: bool


class Fetcher:
    """Fetches into one archive. Storage faults are raised; everything else is an outcome."""

    def __init__(
        self,
        archive: Archive,
        library: Library,
        client: Client,
        circumstances: Circumstances,
        *,
        wants: Wants | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._revisits = Revisits(archive, library)
        self._recorder = Recorder(archive, circumstances, self._revisits)
        self._assets = AssetFetcher(archive, self._recorder, self._revisits, library, client, progress)
        self._library = library
        self._client = client
        self.wants = wants or Wants()
        self.latest: Document | PageState | None = None
        """What the page captured last was read as, before anything could alter its files."""
        self._progress = progress

    def fetch(self, wanted: Wanted) -> Outcome:
        """Capture one URL and return what became of it."""
        self._progress(f"page {wanted.url}")
        visit = self._client.get(wanted.url, conditions=self._revisits.conditions)
        found, response = self._keep_page(visit, wanted.warnings)
        warnings = (*wanted.warnings, *visit.warnings)
        if found is None or visit.blocked or visit.error is not None:
            return _without_page(wanted.url, found, visit, warnings)
        if found.state in BLOCKING and response:
            self._client.trip(response.target_uri or wanted.url, found.state)
        gathered = self._assets.gather(found, response, self.wants)
        outcome = _outcome(wanted.url, found, gathered, warnings)
        return msgspec.structs.replace(outcome, unchanged=unchanged(response))

    def found_via(self, how: str | None) -> None:
        """Say how the URLs that follow were found: recorded with their captures."""
        told = msgspec.structs.replace(self._recorder.circumstances, discovered_via=how)
        self._recorder.circumstances = told

    def fetch_resource(self, url: str, role: str) -> Resource:
        """Capture what is no page (a feed, a sitemap, robots.txt), at the pace of pages."""
        self._progress(f"{role} {url}")
        visit = self._client.get(url, conditions=self._revisits.conditions)
        body, status, name = None, None, name_of(visit)
        for attempt in in_order(visit):
            if isinstance(attempt, FailedAttempt):
                self._recorder.keep_failure(attempt, "asset", None, name)
                continue
            confirmed = self._revisits.confirmed(attempt) is not None
            status = HTTPStatus.OK if confirmed else attempt.status
            why = None if status == HTTPStatus.OK and attempt.end == "complete" else f"http-{status}"
            chain = attempt.redirected_from
            note = self._recorder.note(
                attempt, role="asset", asset_role=role, chain=chain, visit=name, failure=why
            )
            response, _ = self._recorder.keep(attempt, note)
            self._library.add_asset(response, note)
            body = body_of(response) if why is None else None
        message = str(visit.error) if visit.error else None
        if body is None and message is None:
            message = f"the server answered with status {status}"
        return Resource(body=body, status=status, message=message, blocked=bool(visit.blocked))

    def _keep_page(
        self, visit: Visit, warnings: Sequence[str]
    ) -> tuple[Document | PageState | None, StoredRecord | None]:
        found, response, name = None, None, name_of(visit)
        for attempt in in_order(visit):
            if isinstance(attempt, FailedAttempt):
                self._library.add_failure(*self._recorder.keep_failure(attempt, "page", None, name))
                continue
            chain = attempt.redirected_from
            via = chain[-1] if chain else None
            note = self._recorder.note(
                attempt, role="page", via=via, chain=chain, visit=name, warnings=warnings
            )
            response, metadata = self._recorder.keep(attempt, note)
            found = self.latest = derive(response, metadata)
            self._library.add_page(found, response, chain[0] if chain else attempt.url, name)
        return found, response


def _without_page(
    url: str, found: Document | PageState | None, visit: Visit, warnings: tuple[str, ...]
) -> Outcome:
    """Return the outcome of a visit that ended without a page, though something may have been recorded."""
    error = visit.error
    if visit.blocked or isinstance(error, BlockedError):
        state, code = "blocked", Exit.BLOCKED
    elif isinstance(error, RefusedError):
        # Nothing was asked: the call is to be corrected. A redirect into what is refused is an answer.
        asked = visit.exchanges or visit.failures
        state, code = "refused", Exit.NEGATIVE if asked else Exit.USAGE
    else:
        state, code = "failed", Exit.NEGATIVE
    return Outcome(
        url=url,
        state=state,
        code=code,
        id=found.id if found else None,
        message=_without_page_words(visit),
        warnings=warnings,
    )


def _without_page_words(visit: Visit) -> str:
    if visit.error is None:
        return f"the publisher answered with {visit.blocked}"
    if isinstance(visit.error, RefusedError) and visit.exchanges:
        return f"the page redirects to what is not fetched: {visit.error}"
    return str(visit.error)


def _outcome(url: str, found: Document | PageState, gathered: Gathered, warnings: tuple[str, ...]) -> Outcome:
    message: str | None = None
    moved_to: str | None = None
    warnings = (*warnings, *found.provenance.warnings)
    if isinstance(found, Document):
        code, title, notice = of_state("ok"), found.title, None
    else:
        code, title, notice = of_state(found.state), None, found.notice
        moved_to = found.details.get("target_url") if found.state == "migrated" else None
        if notice is None or found.state == "unknown":  # of what is not known, the page's words tell little
            message = next(iter(found.evidence), None)
    return Outcome(
        url=url,
        state=found.state,
        code=code,
        id=found.id,
        title=title,
        message=message,
        notice=notice,
        moved_to=moved_to,
        **msgspec.structs.asdict(gathered),
        warnings=tuple(dict.fromkeys(warnings)),
    )
