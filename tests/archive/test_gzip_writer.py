"""One record, one gzip member, whichever way it is compressed."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from archive.gzip_writer import ONE_SHOT_BYTES, MemberWriter


def member(parts: list[bytes], expected_bytes: int = 0) -> bytes:
    out = bytearray()
    writer = MemberWriter(out.extend, expected_bytes)
    for part in parts:
        writer.write(part)
    writer.finish()
    return bytes(out)


TEXT = b"".join(b"line %d of some text\r\n" % n for n in range(50_000))
NOISE = os.urandom(200_000)
CASES = {
    "nothing": [],
    "an empty piece": [b""],
    "one octet": [b"a"],
    "pieces": [b"WARC/1.1\r\n", TEXT, b"\r\n\r\n"],
    "what does not shrink": [NOISE],
    "noise, then text": [NOISE, TEXT],
    "just one call": [bytes(ONE_SHOT_BYTES)],
    "just too large": [bytes(ONE_SHOT_BYTES), b"x"],
    "too large from the first piece": [bytes(ONE_SHOT_BYTES + 1), TEXT],
}


@pytest.mark.parametrize("expected_bytes", [0, ONE_SHOT_BYTES + 1])
@pytest.mark.parametrize("parts", CASES.values(), ids=CASES.keys())
def test_a_member_is_whole_and_one(parts, expected_bytes) -> None:
    """RFC 1952: one member, its checksum and length right, no time, no name; nothing behind it."""
    data = member(parts, expected_bytes)
    inflate = zlib.decompressobj(31)
    assert inflate.decompress(data) == b"".join(parts)
    assert inflate.eof
    assert not inflate.unused_data
    assert data[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
    assert gzip.decompress(data) == b"".join(parts)


def test_what_shrinks_is_compressed_and_what_does_not_is_stored() -> None:
    """Noise costs a few bytes more than itself; text behind noise is still found."""
    assert len(member([TEXT])) < len(TEXT) // 5
    assert len(NOISE) < len(member([NOISE])) < len(NOISE) + 100
    assert len(member([NOISE, TEXT])) < len(NOISE) + len(TEXT) // 5


def test_a_failing_disk_is_heard() -> None:
    """What `put` raises reaches the writer of the record, at the end or in its middle."""

    def full(data: object) -> None:
        raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        MemberWriter(full).finish()
    with pytest.raises(OSError, match="full"):
        MemberWriter(full, ONE_SHOT_BYTES + 1).write(os.urandom(4_000_000))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the process cannot measure itself here")
def test_memory_stays_flat_however_large_the_record(tmp_path) -> None:
    """A spooled record of 240 MiB is written by a process that never holds 200 MB; it measures itself."""
    program = """
import sys, tempfile
from pathlib import Path
from archive import Archive, Block, Record, new_record_id
from archive.fields import parse_date
size = 240 << 20
folder = Path(sys.argv[1]) / "a"
with tempfile.TemporaryFile() as file, Archive.open(folder, create=True, write=True) as archive:
    file.truncate(size)
    block = Block.from_file(file, size)
    archive.append([Record("resource", new_record_id(), parse_date("2026"), block, "a/b", "urn:x:y")])
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, check=True, text=True
    )
    assert 10_000 < int(run.stdout) < 200_000
