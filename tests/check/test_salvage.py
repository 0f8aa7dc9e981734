"""`--salvage`: what is whole of damaged inputs, octet for octet, in a new file that is clean."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import read_warc
from archive.check import Check, Report, Salvage
from archive.errors import HarvesterError, StorageError, UsageError
from fixtures.conformance import cases


def _salvage(out: Path, *paths: Path) -> Salvage:
    with (
        Salvage(out, software="test/1", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as saved,
        Check(Report(), salvage=saved) as check,
    ):
        for path in paths:
            check.path(path)
    return saved


def test_each_record_of_a_whole_file_comes_through_unchanged(warc, tmp_path) -> None:
    """The copy holds its own warcinfo, then every record as it was, fields and block."""
    out = tmp_path / "saved.warc.gz"
    saved = _salvage(out, warc, warc)
    first, *rest = read_warc(out)
    assert first.type == "warcinfo"
    assert b"salvaged" in first.block
    before = list(read_warc(warc))
    assert [(record.fields, record.block) for record in rest] == [
        (record.fields, record.block) for record in before
    ]
    assert saved.copied == len(before)  # the second time adds nothing
    assert out.with_name(out.name + ".sha256").exists()


def test_only_the_damaged_record_is_lost(warc, tmp_path, checked) -> None:
    """For damage in any member, the others are saved, and the new file is clean."""
    data = warc.read_bytes()
    records = list(read_warc(warc))
    for number, lost in enumerate(records[1:], 1):
        damaged = bytearray(data)
        damaged[lost.location.offset + lost.location.length // 2] ^= 0xFF
        path = tmp_path / f"damaged-{number}.warc.gz"
        path.write_bytes(damaged)
        out = tmp_path / f"saved-{number}.warc.gz"
        _salvage(out, path)
        left = [record.record_id for record in read_warc(out)][1:]
        assert left == [each.record_id for each in records if each is not lost]
        assert not checked(out).damaged


@pytest.mark.parametrize("name", [name for name in cases() if ".arc" not in name])
def test_what_is_salvaged_can_be_read_strictly(tmp_path, name) -> None:
    """From any conformance case comes a file that the strict reader takes (drafts of the standard aside)."""
    path = tmp_path / name.partition("/")[2]
    path.write_bytes(cases()[name])
    out = tmp_path / "saved.warc.gz"
    _salvage(out, path)
    if "W010" not in name:
        list(read_warc(out))


def test_a_record_inside_a_captured_body_is_not_taken_for_one_of_the_file(tmp_path, checked) -> None:
    """Behind damage in a plain file only records count that name the file's own warcinfo."""
    from fixtures.conformance.parts import INFO_ID, PAGE_ID, http, info, response

    planted = response(("WARC-Target-Note", "planted"), record_id="<urn:x:planted>")
    mine = ("WARC-Warcinfo-ID", INFO_ID)
    carrier = response(mine, block=http(b"before\r\n\r\n" + planted + b"after")).replace(
        b"Content-Length: ", b"Content-Length: 9", 1
    )
    last = response(mine, record_id="<urn:x:last>")
    path = tmp_path / "laid-open.warc"
    path.write_bytes(info() + carrier + last)
    assert checked(path).damaged
    out = tmp_path / "saved.warc.gz"
    _salvage(out, path)
    assert [record.record_id for record in read_warc(out)][1:] == [INFO_ID, "<urn:x:last>"]
    assert PAGE_ID not in out.read_bytes().decode("latin-1")


def test_records_of_tools_that_name_no_warcinfo_are_saved_too(tmp_path) -> None:
    """In a compressed file whose records never name a warcinfo, those behind damage count as its own."""
    from fixtures.conformance.parts import gz, info, response

    middle = gz(response(record_id="<urn:x:middle>"))
    damaged = middle[:60] + bytes([middle[60] ^ 0xFF]) + middle[61:]
    path = tmp_path / "foreign.warc.gz"
    first, last = gz(info(), response(record_id="<urn:x:first>")), gz(response(record_id="<urn:x:last>"))
    path.write_bytes(first + damaged + last)
    out = tmp_path / "saved.warc.gz"
    _salvage(out, path)
    saved = [record.record_id for record in read_warc(out)][2:]
    assert saved == ["<urn:x:first>", "<urn:x:last>"]


def test_an_existing_file_is_never_replaced(warc, tmp_path) -> None:
    """The output is a new file with a WARC's name; after an error nothing is left of it."""
    out = tmp_path / "saved.warc.gz"
    out.write_bytes(b"precious")
    with pytest.raises(StorageError, match="exists"):
        _salvage(out, warc)
    assert out.read_bytes() == b"precious"
    with pytest.raises(UsageError, match="ends in"):
        _salvage(tmp_path / "saved.txt", warc)
    with pytest.raises(HarvesterError):
        _salvage(tmp_path / "other.warc.gz", tmp_path / "absent")
    assert not list(tmp_path.glob("other*"))
