"""Blocks: in memory or spooled, read any number of times, and honest about a spool that fails."""

from __future__ import annotations

import io
import tempfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Block, Record, new_record_id
from archive.errors import StorageError
from archive.fields import parse_date


@given(
    data=st.binary(max_size=300),
    size=st.integers(0, 300),
    chunk=st.integers(1, 50),
    start=st.integers(0, 320),
)
def test_a_spooled_block_reads_as_one_in_memory(data, size, chunk, start) -> None:
    """chunks, slice and read agree for both kinds; two readings at once do not disturb each other."""
    size = min(size, len(data))
    spooled, held = Block.from_file(io.BytesIO(data), size), Block.of(data[:size])
    assert spooled.read() == held.read() == data[:size]
    assert b"".join(spooled.chunks(chunk)) == b"".join(held.chunks(chunk)) == data[:size]
    assert spooled.slice(start, chunk) == held.slice(start, chunk) == data[:size][start : start + chunk]
    pairs = zip(spooled.chunks(chunk), spooled.chunks(chunk), strict=True)
    assert all(one == other for one, other in pairs)


def test_a_spool_that_is_shorter_or_closed_is_a_storage_error() -> None:
    """A record is never written from a spool that does not hold what was promised."""
    with pytest.raises(StorageError, match="ends early: 2 of 5"):
        Block.from_file(io.BytesIO(b"abc"), 5).read()
    file = io.BytesIO(b"abc")
    file.close()
    with pytest.raises(StorageError, match="cannot be read back"):
        Block.from_file(file, 3).read()


def test_a_short_spool_leaves_the_archive_as_it_was(open_archive, response) -> None:
    """All or nothing also when the fault is in the caller's own spool."""
    bad = Record(
        "resource",
        new_record_id(),
        parse_date("2026"),
        Block.from_file(io.BytesIO(b"a"), 9),
        "a/b",
        "urn:x:y",
    )
    good = response()
    with open_archive() as archive:
        archive.append([good])
        with pytest.raises(StorageError):
            archive.append([response(), bad])
        assert len(list(archive.entries(type="response"))) == 1
        archive.append([response()])


def test_a_large_spooled_block_is_streamed(tmp_path) -> None:
    """Writing a spooled resource of 48 MB takes a few MB of memory."""
    size = 48_000_000
    with tempfile.TemporaryFile() as file, Archive.open(tmp_path / "a", create=True, write=True) as archive:
        file.truncate(size)
        record = Record(
            "resource", new_record_id(), parse_date("2026"), Block.from_file(file, size), "a/b", "urn:x:y"
        )
        tracemalloc.start()
        try:
            archive.append([record])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 8_000_000
        assert archive.find("urn:x:y")[0].payload_digest is not None
