"""Helpers of the archive's tests: records to write, and a disk that fails on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive, Block, Record, new_record_id
from benchmarks.faults.disks import FaultyDisk

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HTTP = "application/http;msgtype=response"


class Clock:
    """A clock that moves one second each time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


def _response(
    body: bytes = b"hello", url: str = "https://example.org/a", head: bytes | None = None
) -> Record:
    if head is None:
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
            % len(body)
        )
    return Record("response", new_record_id(), START, Block.of(head + body), HTTP, url)


def _metadata(of: Record, body: bytes = b"note: x\r\n") -> Record:
    fields = (("WARC-Concurrent-To", of.record_id),)
    kind = "application/warc-fields"
    return Record("metadata", new_record_id(), START, Block.of(body), kind, of.target_uri, fields)


@pytest.fixture
def response() -> Callable[..., Record]:
    return _response


@pytest.fixture
def metadata() -> Callable[..., Record]:
    return _metadata


@pytest.fixture
def faulty() -> type[FaultyDisk]:
    return FaultyDisk


@pytest.fixture
def open_archive(tmp_path: Path) -> Callable[..., Archive]:
    """Open (making it if need be) the archive of this test for writing."""

    def opener(**options: object) -> Archive:
        settings: dict[str, object] = {"create": True, "write": True, "software": "test/1", "now": Clock()}
        return Archive.open(tmp_path / "archive", **(settings | options))  # type: ignore[arg-type]  # a test's options

    return opener


@pytest.fixture
def warc_folder(tmp_path: Path) -> Path:
    return tmp_path / "archive" / "warc"
