"""What need not come, or be stored, again: conditional requests, and responses that are held already.

Which record may be referred to is judged by `archive.revisit`; here is decided which are asked about, and
which earlier capture is good enough to ask the server whether it still holds.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

import msgspec

from archive import Archive, Block, Record, StoredRecord
from archive.digests import http_head
from archive.http1 import Head, parse_head
from archive.layout import is_own_name
from archive.revisit import as_not_modified, as_revisit, confirms
from harvester.capture import Exchange
from harvester.capture.note import note_from_bytes
from harvester.errors import HttpMessageError, IntegrityError, StorageError
from harvester.library import Library
from harvester.library.store import note_of
from harvester.times import http_date_text, utc_text

Headers = tuple[tuple[str, str], ...]

_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,500}"')  # RFC 9110 §8.8.3, its ASCII part
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_CAPTURES: Final = ("response", "revisit")
_MAX_READ: Final = 3
"""Records of the same payload that are read back, at most, to find one that is whole."""


class Unchanged(msgspec.Struct, frozen=True, kw_only=True):
    """That a capture is stored as a revisit: of the record `refers_to`, captured at `since` under `url`.

    `profile` is `identical-payload-digest` or `server-not-modified`.
    """

    profile: str
    refers_to: str
    since: str
    url: str | None


def unchanged(response: StoredRecord | None) -> Unchanged | None:
    """Return how a capture is stored as a revisit, None where it is stored whole."""
    found = response.revisit if response else None
    if found is None:
        return None
    return Unchanged(
        profile=found.profile.rpartition("/")[2],
        refers_to=found.record_id,
        since=utc_text(found.date),
        url=found.target_uri,
    )


class Revisits:
    """The earlier captures of one archive, asked before a request and before a response is stored."""

    def __init__(self, archive: Archive, library: Library) -> None:
        self._archive = archive
        self._library = library
        self._asked: dict[str, str] = {}  # URL as sent: the record whose validators went with it

    def conditions(self, url: str) -> Headers:
        """Return the conditional headers for a URL, none unless its newest capture is good and reads back.

        The validators are those of the record that a 304 would be resolved with. If the newest capture is a
        revisit of another head, they may have changed since: then the whole response is asked for.
        """
        self._asked.pop(url, None)
        original = self._last_good(url)
        headers = _stated(original) if original else ()
        if original is not None and headers:
            self._asked[url] = original.record_id
        return headers

    def confirmed(self, exchange: Exchange) -> StoredRecord | None:
        """Return the stored response that a 304 says still holds.

        None if we did not ask, if it is gone, or if the answer contradicts it.
        """
        record_id = self._asked.get(exchange.url)
        if exchange.status != HTTPStatus.NOT_MODIFIED or record_id is None or not _asks(exchange.request):
            return None
        try:
            original = self._archive.get(record_id)
        except (IntegrityError, StorageError):
            return None
        return original if original and confirms(exchange.response, original) else None

    def stored(self, response: Record, exchange: Exchange) -> Record:
        """Return the record to store: the response as it is, or the revisit that stands for it."""
        original = self.confirmed(exchange)
        if original is not None:
            return as_not_modified(response, original) or response
        if exchange.status != HTTPStatus.OK or exchange.end != "complete":
            return response
        for number, entry in enumerate(self._archive.with_payload_of(response)):
            if number == _MAX_READ:
                break
            try:
                revisit = as_revisit(response, self._archive.read(entry.location))
            except (IntegrityError, StorageError):
                continue  # damaged or missing: nothing may refer to it
            if revisit is not None:
                return revisit
        return response

    def _last_good(self, url: str) -> StoredRecord | None:
        last = self._archive.last(url, _CAPTURES)
        if last is None or self._library.state_of(last.record_id) != "ok":
            return None
        try:
            record = self._archive.read(last.location)
            if _is_bare(record):
                return None  # nothing to ask with, so what else it may be is not looked up
            newest = self._archive.resolved(record)
            original = self._archive.get(newest.revisit.record_id) if newest.revisit else newest
            if original is None or not self._is_ours(original):
                return None
        except (IntegrityError, StorageError):
            return None
        return original if _same_validators(newest, original) else None

    def _is_ours(self, original: StoredRecord) -> bool:
        """Tell our own capture of the live page from what was taken in.

        A body that somebody else says he received must not become our capture because its ETag is right.
        """
        metadata = note_of(self._archive, original.record_id)
        note = note_from_bytes(metadata.block) if metadata else None
        return note is not None and note.method == "live" and is_own_name(original.location.file)


def _same_validators(newest: StoredRecord, original: StoredRecord) -> bool:
    return newest.target_uri == original.target_uri and _stated(newest) == _stated(original)


def _is_bare(record: StoredRecord) -> bool:
    """Tell whether a capture, as it lies, is an answer of 200 that gives nothing to ask with."""
    head = http_head(Block.of(record.block))
    return head is not None and head.status == HTTPStatus.OK and not _conditions(head)


def _stated(record: StoredRecord) -> Headers:
    """Return the conditional headers that a stored response gives, none where its head cannot be read."""
    head = http_head(Block.of(record.block))
    return _conditions(head) if head else ()


def _conditions(head: Head) -> Headers:
    """Return the conditional headers that the validators of a response give (RFC 9110 §13.1)."""
    etag, modified = head.get("ETag"), head.get("Last-Modified")
    headers = []
    if head.status == HTTPStatus.OK and etag and _ETAG.fullmatch(etag):
        headers.append((_CONDITIONS[0], etag))
    if head.status == HTTPStatus.OK and modified and modified.isascii() and http_date_text(modified):
        headers.append((_CONDITIONS[1], modified))
    return tuple(headers)


def _asks(request: bytes) -> bool:
    """Tell whether a request, as it was sent, was conditional."""
    try:
        head = parse_head(request)
    except HttpMessageError:
        return False
    return any(head.get(name) for name in _CONDITIONS)
