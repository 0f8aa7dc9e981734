"""The rows of the two tables: nothing lost, the same bytes for the same row, every column explained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import harvester
from archive import Location, StoredRecord
from harvester.document import STATES, Document, PageState
from harvester.tables import CaptureRow, DocumentRow, to_line
from harvester.tables.rows import OUTCOMES, columns

GOLDEN = Path(__file__).parents[2] / "fixtures/golden"
Values = Callable[[type], st.SearchStrategy[Any]]
PAGES = sorted(GOLDEN.glob("*/*/page.html"))


@settings(deadline=None)
@given(data=st.data())
def test_a_row_holds_the_whole_document(values: Values, data: st.DataObject) -> None:
    """Any document comes back from its row, and from the row's line, equal to the last field."""
    document = data.draw(values(Document))
    row = DocumentRow.from_document(document)
    assert row.to_document() == document
    line = to_line(row)
    assert line.count(b"\n") == 1
    assert msgspec.json.decode(line, type=DocumentRow) == row
    assert to_line(msgspec.json.decode(line, type=DocumentRow)) == line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_pages_have_rows(page: Path) -> None:
    """What `extract` gives for a page becomes a row: of an article both, of another page the capture's."""
    found = harvester.extract(page.read_bytes())
    row = CaptureRow.of(record(), found=found)
    assert (row.outcome, row.id, row.site) == (found.state, found.id, found.site)
    if isinstance(found, PageState):
        assert (row.detail, row.rule, row.kind) == (found.notice, found.rule, None)
    else:
        whole = DocumentRow.from_document(found)
        assert whole.to_document() == found
        assert (whole.characters, row.kind) == (len(found.text), found.kind)


def record() -> StoredRecord:
    when = datetime(2026, 5, 8, 1, 2, 3, 4, UTC)
    where = Location("a.wacz!b.warc.gz", 5, 6)
    return StoredRecord(
        "response", "<urn:uuid:1>", when, "https://a.cn/", None, (), b"", "sha256:1", None, where
    )


def test_a_record_that_failed_has_its_row() -> None:
    """Without a page the row says what became of the record, and where it lies."""
    row = CaptureRow.of(record(), "failed", detail="its note cannot be read")
    assert msgspec.json.decode(to_line(row)) == {
        "record_id": "<urn:uuid:1>",
        "file": "a.wacz!b.warc.gz",
        "offset": 5,
        "length": 6,
        "row": None,
        "type": "response",
        "url": "https://a.cn/",
        "fetch_date": "2026-05-08T01:02:03.000004Z",
        "outcome": "failed",
        "detail": "its note cannot be read",
        "rule": None,
        "id": None,
        "site": None,
        "kind": None,
        "block_digest": "sha256:1",
        "payload_digest": None,
        "payload_record_id": None,
    }


def test_every_column_is_explained() -> None:
    """Each column of both tables has a type, words, and the name of the struct's field, in its order."""
    for table in (CaptureRow, DocumentRow):
        found = columns(table)
        assert [name for name, *_ in found] == list(table.__struct_fields__)
        assert all(kind and words for _, kind, _, words in found)


def test_outcomes_are_no_states() -> None:
    """An outcome of a record without a page cannot be mistaken for a page's state."""
    assert not set(OUTCOMES) & set(STATES)
