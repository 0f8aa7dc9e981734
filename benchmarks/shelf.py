"""An archive's library filled with made-up documents, without pages: for what works on documents alone."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from archive import Archive
from harvester.document import SCHEMA, Capture, Clocks, Document, Identity, OriginalAccount, Provenance
from harvester.library import Library

from benchmarks.verify import STOCK, SYLLABLES  # isort: skip

OPENINGS = ("外交部发言人就{a}答记者问", "{a}关于{b}的声明", "关于{a}与{b}的联合公报", "{a}在{b}会议上的讲话")


def document(  # noqa: PLR0913 - named fields, each with its default
    text: str,
    *,
    title: str | None = None,
    site: str = "mfa",
    key: str | None = None,
    url: str | None = None,
    date: str | None = "2031-05-20",
    fetch_date: str = "2031-06-01T08:00:00Z",
    original_source: str | None = None,
    source_url: str | None = None,
    original_account: OriginalAccount | None = None,
    source: str | None = None,
    markdown: str | None = None,
) -> Document:
    """Return a document of that text; what is not told is unknown."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    key = key or f"url:{digest}"
    named = hashlib.sha256(f"{key} {fetch_date} {digest}".encode()).hexdigest()
    when = "".join(char for char in fetch_date if char.isdigit())
    return Document(
        title=title,
        url=url,
        source=source,
        date=date,
        fetch_date=fetch_date,
        schema=SCHEMA,
        id=f"{site}-{named[:12]}-{when}-{named[12:20]}",
        site=site,
        kind="article",
        state="ok",
        published_at=None,
        modified_at=None,
        event_date=None,
        author=None,
        account=None,
        original_source=original_source,
        original_account=original_account,
        source_url=source_url,
        section=None,
        subtitle=None,
        language="zh",
        text=text,
        note=None,
        markdown=markdown if markdown is not None else text,
        images=(),
        attachments=(),
        declared=None,
        edits=None,
        albums=(),
        frame=(),
        questions=(),
        hidden=(),
        preview=False,
        identity=Identity(key=key),
        text_sha256=digest,
        capture=Capture(method="live", vantage=None, discovered_via=None, rehearsal=None),
        provenance=Provenance(
            record_id=f"<urn:uuid:{named[:32]}>",
            metadata_id=None,
            block_digest=None,
            payload_digest=None,
            body_sha256=digest,
            clocks=Clocks(harvester=fetch_date, server=None, page=None),
            truncated=None,
            redirected_from=(),
            software={},
            rules={},
            options={},
            fields={},
        ),
    )


class Shelf:
    """An archive with a library and no pages."""

    def __init__(self, archive: Archive, library: Library) -> None:
        self.archive, self.library = archive, library

    def put(self, *documents: Document) -> None:
        """Write documents and their rows, as a capture does."""
        for found in documents:
            date = datetime.fromisoformat(found.fetch_date or "").astimezone(UTC)
            record: Any = SimpleNamespace(record_id=found.provenance.record_id, date=date)
            self.library.add_page(found, record, found.url)

    def put_many(self, documents: Iterator[Document]) -> None:
        """Write many at once, not one by one durably: for benchmarks."""
        from harvester.document import to_bytes
        from harvester.library import document_path
        from harvester.library.making import page_row

        rows = self.library._rows  # noqa: SLF001 - the long way would sync the disk for each
        with rows.transaction():
            for found in documents:
                path = Path(self.archive.path) / f"{document_path(found)}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(to_bytes(found))
                date = datetime.fromisoformat(found.fetch_date or "")
                record: Any = SimpleNamespace(record_id=found.provenance.record_id, date=date)
                rows.put(page_row(found, record, found.url, None))


@contextmanager
def shelf(path: Path) -> Iterator[Shelf]:
    """Open an archive for such documents, new where there is none."""
    with (
        Archive.open(path, create=True, write=True, software="shelf") as archive,
        Library(archive, write=True) as library,
    ):
        yield Shelf(archive, library)


def _sentence(chance: random.Random) -> str:
    words = [
        chance.choice(STOCK) if chance.random() < 0.5 else chance.choice(SYLLABLES) + chance.choice(SYLLABLES)
        for _ in range(chance.randint(6, 16))
    ]
    words.insert(len(words) // 2, "，")
    return "".join(words) + "。"


FORMULAS = tuple(_sentence(random.Random(number)) for number in range(200))
"""Sentences that stand in thousands of documents, as the formulas of diplomacy do."""


def prose(chance: random.Random, characters: int) -> str:
    """Return a made-up text: stock words of diplomacy among others, every fifth sentence a formula."""
    pieces: list[str] = []
    size = 0
    while size < characters:
        sentence = chance.choice(FORMULAS) if chance.random() < 0.2 else _sentence(chance)
        pieces.append(sentence + ("\n\n" if chance.random() < 0.25 else ""))
        size += len(pieces[-1])
    return "".join(pieces).strip()


def originals(count: int, seed: int = 5) -> Iterator[Document]:
    """Yield made-up ministry documents of 200 to 5 000 characters (median near 700, as saved pages have)."""
    chance = random.Random(seed)
    for number in range(count):
        length = min(5000, max(200, int(chance.lognormvariate(6.6, 0.6))))
        names = [
            "".join(chance.choice(SYLLABLES) for _ in range(3)) + chance.choice(STOCK[:12]) for _ in range(2)
        ]
        day = f"20{10 + number % 20}-{1 + number % 12:02}-{1 + number % 28:02}"
        yield document(
            prose(chance, length),
            title=chance.choice(OPENINGS).format(a=names[0], b=names[1]),
            key=f"mfa:t{10_000_000 + number}",
            url=f"https://www.mfa.gov.cn/web/zyxw/t{10_000_000 + number}.shtml",
            date=day,
            fetch_date=f"2031-{1 + number % 12:02}-01T08:00:00Z",
        )
