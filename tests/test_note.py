"""The note beside every response: what is written is read back, by us and only by us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.capture.note import CaptureNote, Tls, note_from_bytes, note_to_bytes
from harvester.errors import IntegrityError

LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=20)


@given(
    message=LINE,
    chain=st.lists(LINE, max_size=3),
    vantage=st.none() | st.dictionaries(LINE, LINE, min_size=1, max_size=2),
    surplus=st.integers(0, 10**9),
)
def test_a_note_is_read_back_as_written(
    message: str, chain: list[str], vantage: dict[str, str] | None, surplus: int
) -> None:
    """Every field survives the record."""
    note = CaptureNote(
        software="harvester/1",
        message=message,
        chain=tuple(chain),
        vantage=vantage,
        surplus_bytes=surplus,
        problems=("bare-lf", "repeated-length"),
        tls=Tls(version="TLSv1.3", cipher="X", certificates_sha256=("ab",)),
    )
    assert note_from_bytes(note_to_bytes(note)) == note


@given(text=st.text(max_size=60))
def test_no_value_starts_a_new_field(text: str) -> None:
    """A message with line ends stays one line: nothing can be smuggled into the record."""
    plain = note_to_bytes(CaptureNote(software="harvester/1", message="x"))
    odd = note_to_bytes(
        CaptureNote(software="harvester/1", message=f"a{text.encode('utf-8', 'ignore').decode()}")
    )
    assert odd.count(b"\n") == plain.count(b"\n")
    assert odd.count(b"\r") == plain.count(b"\r")


@given(block=st.binary(max_size=300))
def test_any_bytes_are_a_note_or_not(block: bytes) -> None:
    """Foreign metadata is None, ours is a note, a damaged one is an error of the tree."""
    try:
        note = note_from_bytes(block)
    except IntegrityError:
        return
    assert note is None or isinstance(note, CaptureNote)


def test_a_foreign_note_is_none() -> None:
    """Metadata of another tool says nothing to us."""
    assert note_from_bytes(b"software: Heritrix/3.4\r\nfetchTimeMs: 12\r\n") is None


def test_a_damaged_note_is_an_integrity_error() -> None:
    """A note of ours whose values are not of their types is reported."""
    with pytest.raises(IntegrityError):
        note_from_bytes(b"software: harvester/1\r\nharvester-chain: 5\r\n")
