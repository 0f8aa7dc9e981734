"""Web archives made by the archive's own writer: pages, assets, revisits, tombstones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Block, Record, new_record_id
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

START = datetime(2025, 3, 30, 23, 30, tzinfo=UTC)
URL = "https://mp.weixin.qq.com/s/RebuildFixture%07d"


def page(number: int) -> bytes:
    """A small article of its own."""
    return article_page(lighthouse_article(), Recent(nonce=str(number), script_bytes=2000))


def response(
    number: int, *, body: bytes | None = None, url: str | None = None, kind: str = "text/html"
) -> Record:
    body = page(number) if body is None else body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Record(
        "response",
        new_record_id(),
        START + timedelta(minutes=number),
        Block.of(head + body),
        "application/http;msgtype=response",
        url or URL % number,
    )


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative name, but what tells of a run and not of its result."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith("progress")
    }


def digest(root: Path) -> str:
    """One digest of all files of an output."""
    whole = hashlib.sha256()
    for name, data in contents(root).items():
        whole.update(f"{name}\0{len(data)}\0".encode() + data)
    return whole.hexdigest()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., list[Path]]:
    """Make WARC files of our own writing, one for each list of records."""

    def made(*files: list[Record], folder: str = "in") -> list[Path]:
        archive_path = tmp_path / f"{folder}-archive"
        for records in files:
            with Archive.open(archive_path, create=True, write=True) as archive:
                for record in records:
                    archive.append([record])
        return sorted((archive_path / "warc").glob("*.warc.gz"))

    return made


@pytest.fixture
def options() -> Any:
    from harvester.rebuild import Options

    return Options


@pytest.fixture
def world(make: Callable[..., list[Path]], tmp_path: Path) -> Path:
    """An archive of four files: pages, an asset, a revisit before what it refers to, and a tombstone behind.

    Returns the folder of its WARC files.
    """
    from archive import read_warc
    from archive.revisit import as_revisit
    from harvester.withdrawal import Withdrawal, tombstone

    [first] = make(
        [response(n) for n in range(6)]
        + [response(90, body=b"\x89PNG", url="https://a.example/x", kind="image/png")]
    )
    stored = {record.target_uri: record for record in read_warc(first)}
    again = as_revisit(response(40, body=page(3), url=URL % 3), stored[URL % 3])
    hidden = Withdrawal(
        action="withdrawn", document="x", record=stored[URL % 2].record_id, reason="r", when="w"
    )
    lost = as_revisit(response(41, body=page(7), url=URL % 7), _elsewhere(response(7), tmp_path))
    assert again
    assert lost
    make(
        [response(10), again],
        [response(20, body=b"<p>nothing to see"), lost],
        [response(30), tombstone(hidden, START, "test")],
    )
    return first.parent


def _elsewhere(record: Record, tmp_path: Path) -> Any:
    from archive import read_warc

    with Archive.open(tmp_path / "elsewhere", create=True, write=True) as archive:
        archive.append([record])
    [path] = (tmp_path / "elsewhere" / "warc").glob("*.warc.gz")
    return next(one for one in read_warc(path) if one.type == "response")
