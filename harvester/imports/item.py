"""What a file holds, as values: pages to archive, and pages whose body it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_FILE_BYTES: Final = 64 << 20
"""Largest file taken, also after gunzip: one article, or one browsing session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page inside a file.

    `method` becomes the document's `capture.method`. `body` is the page's HTML with every transfer form
    undone, or the Markdown file's bytes; `content_type` says which, with the charset where it is known.
    `url_source`, `fetched_source`: where the file says so. `fetched` is RFC 3339, without a zone where the
    file names none. `status` is the HTTP status the file reports.
    """

    method: str
    body: bytes
    content_type: str
    url: str | None = None
    url_source: str | None = None
    fetched: str | None = None
    fetched_source: str | None = None
    status: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A page that a file mentions without its body."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file read: its pages, those whose body it lacks, and the session values its headers carry.

    `secrets` are (name, value) pairs of cookies and credentials beside the pages.
    """

    items: tuple[Item, ...]
    lacking: tuple[Lacking, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
