"""The images of a page, captured with it: each fetched once an archive, each failure said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from archive import StoredRecord
from archive.http1 import parse_response
from harvester.capture import Client, Exchange, FailedAttempt
from harvester.capture.sniff import media_type_of
from harvester.document import Document, Image, PageState
from harvester.intake import asset_url
from harvester.library import Library
from harvester.recording import Recorder, in_order
from harvester.sites import site_for_url
from harvester.sites.base import Site

_OK: Final = range(200, 300)
_MAX_IMAGES: Final = 300


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a page's images: fetched now, held already, failed (URL and why)."""

    fetched: int = 0
    held: int = 0
    failed: tuple[tuple[str, str], ...] = ()


class AssetFetcher:
    """Fetches what belongs to pages, one after the other."""

    def __init__(
        self, recorder: Recorder, library: Library, client: Client, progress: Callable[[str], None]
    ) -> None:
        self._recorder = recorder
        self._library = library
        self._client = client
        self._progress = progress

    def fetch_images(self, found: Document | PageState, response: StoredRecord | None) -> Images | None:
        """Capture the images of an article that are not held yet; None for what is no article."""
        if not isinstance(found, Document) or response is None:
            return None
        fetched, held, failed = 0, 0, []
        page_url = response.target_uri or ""
        for url in _image_urls(found.images):
            if self._library.asset(asset_url(url)):
                held += 1
                continue
            why = self._fetch_image(url, page_url)
            fetched += why is None
            if why is not None:
                failed.append((url, why))
        return Images(fetched=fetched, held=held, failed=tuple(failed))

    def _fetch_image(self, url: str, page_url: str) -> str | None:
        """Capture one image; return None, or why it does not serve."""
        site = site_for_url(page_url)
        self._progress(f"image {url}")
        visit = self._client.get(url, referer=site.asset_referer(url, page_url), role="asset")
        state: str | None = "failed"
        for attempt in in_order(visit):
            if isinstance(attempt, FailedAttempt):
                self._recorder.keep_failure(attempt, "asset", page_url)
            else:
                state = self._keep_image(attempt, site, page_url)
        return str(visit.error) if visit.error else state

    def _keep_image(self, exchange: Exchange, site: Site, page_url: str) -> str | None:
        failure = _image_failure(exchange, site)
        chain = exchange.redirected_from
        note = self._recorder.note(exchange, role="asset", via=page_url, chain=chain, failure=failure)
        response, _ = self._recorder.keep(exchange, note)
        self._library.add_asset(response, note)
        return failure


def _image_urls(images: Sequence[Image]) -> list[str]:
    urls = (image.url for image in images if image.url.startswith(("http://", "https://")))
    return list(dict.fromkeys(urls))[:_MAX_IMAGES]


def _image_failure(exchange: Exchange, site: Site) -> str | None:
    """Say why an image response does not serve, or None."""
    if exchange.end != "complete":
        return f"cut ({exchange.end})"
    if exchange.status not in _OK:
        return f"http-{exchange.status}"
    message = parse_response(exchange.response.read())
    if not message.payload:
        return "empty"
    if site.is_placeholder_asset(exchange.url, message.payload):
        return "placeholder"
    kind = media_type_of(exchange.response)
    return "not-an-image" if kind in {"text/html", "application/pdf", "application/zip"} else None
