"""Memory stays flat whatever the file's size. Each case is a process that measures itself."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="a process cannot measure itself here")

MEASURE = """
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""
CHECK = f"""
import sys
from pathlib import Path
from archive.check import Check, Report
report = Report()
with Check(report) as check:
    check.path(Path(sys.argv[1]))
print(report.records, *report.counts)
{MEASURE}"""
READ = f"""
import sys
from pathlib import Path
from archive import read_warc
print(sum(len(record.block) for record in read_warc(Path(sys.argv[1]))))
{MEASURE}"""
MIB = 1 << 20


def run(program: str, path: Path) -> tuple[str, int]:
    """Return what a program prints of a file, and the most memory it held, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    said, peak_kb = done.stdout.splitlines()
    return said, int(peak_kb) // 1000


def header(size: int) -> bytes:
    """A response of `size` zeros, its two digests right."""
    http = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    payload, block = hashlib.sha256(), hashlib.sha256(http)
    for _ in range(size // MIB):
        payload.update(bytes(MIB))
        block.update(bytes(MIB))
    lines = (
        "WARC/1.1",
        "WARC-Type: response",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        "WARC-Date: 2026-01-02T03:04:05Z",
        "WARC-Target-URI: https://example.org/",
        f"WARC-Block-Digest: sha256:{block.hexdigest()}",
        f"WARC-Payload-Digest: sha256:{payload.hexdigest()}",
        "Content-Type: application/http;msgtype=response",
        f"Content-Length: {len(http) + size}",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + http


def write_plain(path: Path, size: int) -> None:
    head = header(size)
    with path.open("wb") as file:
        file.write(head)
        file.seek(size, 1)  # zeros that need no room on the disk
        file.write(b"\r\n\r\n")


def write_gzip(path: Path, size: int) -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        file.write(packer.compress(header(size)))
        for _ in range(size // MIB):
            file.write(packer.compress(bytes(MIB)))
        file.write(packer.compress(b"\r\n\r\n") + packer.flush())


def test_a_plain_file_of_600_mib_is_checked_in_little(tmp_path) -> None:
    """`harvester check` holds no block: one record of 600 MiB passes through."""
    path = tmp_path / "large.warc"
    write_plain(path, 600 * MIB)
    said, peak_mb = run(CHECK, path)
    assert said == "1"
    assert 10 < peak_mb < 100


def test_a_member_of_250_mib_is_checked_in_little(tmp_path) -> None:
    """R3: neither is a member held, packed or not."""
    path = tmp_path / "large.warc.gz"
    write_gzip(path, 250 * MIB)
    said, peak_mb = run(CHECK, path)
    assert said == "1"
    assert 10 < peak_mb < 100


def test_the_strict_reader_holds_a_block_once(tmp_path) -> None:
    """A block that is handed out whole is in memory once, not twice while it is gathered."""
    path = tmp_path / "large.warc.gz"
    write_gzip(path, 120 * MIB)
    said, peak_mb = run(READ, path)
    assert int(said) > 120 * MIB
    assert 120 < peak_mb < 200
