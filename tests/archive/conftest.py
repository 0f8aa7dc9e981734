"""Helpers of the archive's tests: records to write, and a disk that fails on demand."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive, Block, Record, new_record_id
from archive.disk import SystemDisk

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HTTP = "application/http;msgtype=response"


class Clock:
    """A clock that moves one second each time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


class FaultyDisk(SystemDisk):
    """The real disk until its `fail_at`-th change, which raises; `short` first takes half of a write.

    With `for_good` every later change fails too, as on a full or read-only disk; closing always works,
    as it does there.
    """

    def __init__(
        self,
        fail_at: int | None = None,
        code: int = errno.ENOSPC,
        *,
        for_good: bool = False,
        short: bool = False,
    ) -> None:
        self.fail_at = fail_at
        self.code = code
        self.for_good = for_good
        self.short = short
        self.count = 0
        self.names: list[str] = []

    def _step(self, name: str) -> bool:
        self.count += 1
        self.names.append(name)
        if self.fail_at is None:
            return False
        return self.count == self.fail_at or (self.for_good and self.count > self.fail_at)

    def _may_fail(self, name: str) -> None:
        if self._step(name):
            raise OSError(self.code, "injected")

    def create(self, path: Path) -> int:
        self._may_fail("create")
        return super().create(path)

    def open(self, path: Path, *, create: bool = False) -> int:
        self._may_fail("open")
        return super().open(path, create=create)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        if self._step("write"):
            if self.short and len(data) > 1:
                super().write(descriptor, data[: len(data) // 2])
            raise OSError(self.code, "injected")
        return super().write(descriptor, data[: max(1, len(data) // 2)] if self.short else data)

    def truncate(self, descriptor: int, size: int) -> None:
        self._may_fail("truncate")
        super().truncate(descriptor, size)

    def fsync(self, descriptor: int) -> None:
        self._may_fail("fsync")
        super().fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self._may_fail("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._may_fail("unlink")
        super().unlink(path)

    def fsync_dir(self, path: Path) -> None:
        self._may_fail("fsync_dir")
        super().fsync_dir(path)

    def mkdir(self, path: Path) -> None:
        self._may_fail("mkdir")
        super().mkdir(path)


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
