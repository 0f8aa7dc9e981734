"""Helpers of the checks' tests: a closed file of ours, and a report of any path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive, Block, Record, new_record_id
from archive.check import Check, Report

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


class Clock:
    """A clock that moves one second each time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


def _response(body: bytes) -> Record:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    kind = "application/http;msgtype=response"
    return Record("response", new_record_id(), START, Block.of(head + body), kind, "https://e.example/a")


def _checked(*paths: Path) -> Report:
    report = Report()
    with Check(report) as check:
        for path in paths:
            check.path(path)
    return report


@pytest.fixture
def checked() -> Callable[..., Report]:
    return _checked


@pytest.fixture
def response() -> Callable[[bytes], Record]:
    return _response


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """An archive directory of ours with one closed file of three records."""
    root = tmp_path / "archive"
    with Archive.open(root, create=True, write=True, software="test/1", now=Clock()) as archive:
        archive.append([_response(b"one " * 9), _response(bytes(range(200)))])
    return root


@pytest.fixture
def warc(ours: Path) -> Path:
    """The file in it."""
    (path,) = (ours / "warc").glob("*.warc.gz")
    return path
