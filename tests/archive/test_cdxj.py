"""CDXJ: the lines of cdxj-indexer, from our files and from those of other tools; sorted in bounded memory."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Block, Record, new_record_id, read_warc
from archive.cdxj import cdxj_line, entry_line, write_cdxj
from archive.entries import entry_of
from archive.errors import HarvesterError
from archive.foreign import read_any
from archive.record import Location
from archive.runs import SortedLines

CORPUS = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[3] / "shared/corpus")) / "warc"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
RESPONSE = "application/http;msgtype=response"
ARC_LENGTH = re.compile(rb'"length": "[0-9]+"(?=.*\.arc"})')
PEER_CODE = """
import sys
from cdxj_indexer.main import main
for path in sys.argv[1:]:
    try:
        main([path])
        end = "whole"
    except Exception:
        end = "cut"
    print("= " + end)
"""


def peers_lines(*paths: Path) -> list[tuple[list[bytes], bool]]:
    """Return what the real cdxj-indexer prints for each file, sorted, and whether it came to its end."""
    if find_spec("cdxj_indexer") is None:
        pytest.skip("NO PACKAGE cdxj-indexer: our lines are not compared with its")
    command = [sys.executable, "-W", "ignore", "-c", PEER_CODE, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    found, lines = [], []
    for line in done.stdout.splitlines(keepends=True):
        if line.startswith(b"= "):
            found.append((sorted(lines), line == b"= whole\n"))
            lines = []
        else:
            lines.append(line)
    return found


def our_lines(*paths: Path) -> list[bytes]:
    out = io.BytesIO()
    write_cdxj(paths, out)
    return out.getvalue().splitlines(keepends=True)


def records() -> list[Record]:
    """Return one of everything that a CDXJ lists or leaves out, with awkward URLs and heads."""

    def made(kind: str, url: str | None, block: bytes, media: str | None, *fields: tuple[str, str]) -> Record:
        return Record(kind, new_record_id(), MOMENT, Block.of(block), media, url, fields)

    heads = (
        b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML;charset=utf-8\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Type: image/png x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nContent-Type:\r\nContent-Length: 0\r\nLocation: /\r\n\r\n",
    )
    urls = (
        "http://example.org/%20a?b=%E6%96%87&a",
        "https://www.example.org:443/",
        "http://example.org:99999/",
    )
    found = [made("response", url, head, RESPONSE) for url in urls for head in heads]
    digest = ("WARC-Payload-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")
    found += [
        made("revisit", urls[0], heads[0][:-2], RESPONSE, ("WARC-Profile", IDENTICAL), digest),
        made("revisit", urls[0], b"", None, ("WARC-Profile", IDENTICAL), digest),
        made("resource", "urn:x-thing:1", b"text", "text/plain; charset=utf-8"),
        made("resource", "urn:x-thing:2", b"a: b\r\n", "application/warc-fields"),
        made("metadata", urls[1], b"{}", "application/json"),
        made("metadata", urls[1], b"a: b\r\n", "application/warc-fields"),
        made("request", urls[1], b"GET / HTTP/1.1\r\n\r\n", "application/http;msgtype=request"),
        made("conversion", urls[1], b"text", "text/plain"),
    ]
    return found


@pytest.fixture
def warc(open_archive: Callable[..., Archive], warc_folder: Path) -> Path:
    with open_archive() as archive:
        archive.append(records())
    return next(warc_folder.glob("*.warc.gz"))


def test_lines_are_those_of_cdxj_indexer(warc: Path) -> None:
    """Each line of our own files is the line that cdxj-indexer writes, byte for byte, and no other."""
    ((theirs, whole),) = peers_lines(warc)
    assert whole
    assert len(theirs) == 16
    assert our_lines(warc) == theirs


def test_computed_digests_are_those_of_cdxj_indexer(warc: Path, tmp_path: Path) -> None:
    """Records without payload digests get warcio's sha1; in a plain file, too."""
    bare = tmp_path / "bare.warc"
    with bare.open("wb") as file:
        for record in read_warc(warc):
            fields = [f for f in record.fields if f[0] != "WARC-Payload-Digest"]
            head = "".join(f"{name}: {value}\r\n" for name, value in fields)
            file.write(b"WARC/1.1\r\n" + head.encode() + b"\r\n" + record.block + b"\r\n\r\n")
    ((theirs, whole),) = peers_lines(bare)
    assert whole
    assert our_lines(bare) == theirs


def compared(path: Path, theirs: list[bytes], whole: bool) -> int:
    """Compare the lines of one file; return how many there are."""
    ours: list[bytes] = []
    try:
        ours.extend(line + b"\n" for r in read_any(path) if (line := cdxj_line(r, path.name)) is not None)
    except HarvesterError:
        whole = False
    if ".arc" in path.name:
        ours, theirs = (
            [ARC_LENGTH.sub(b"", line) for line in lines if not line.startswith(b"dns:")]
            for lines in (ours, theirs)
        )
    if whole:
        assert sorted(ours) == theirs, path.name
    else:
        assert set(ours) <= set(theirs) or set(theirs) <= set(ours), path.name
    return len(ours)


@pytest.mark.corpus
def test_lines_of_other_tools_files() -> None:
    """Of files of the corpus that both read to their ends, the lines are equal; of others, as far as both go.

    Left out: of ARC files, records without HTTP, and in plain ones lengths (which blank lines belong to a
    record is not said anywhere); and a file whose first field is folded (WARC 1.0 §4), of which warcio keeps
    the fold's blank in the value.
    """
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of WARC files at {CORPUS} (set HARVESTER_CORPUS)")
    folded = re.compile(rb"WARC/[0-9.]+\r\nWARC-Type: \r\n[ \t]")
    paths = [path for path in sorted(CORPUS.iterdir()) if not folded.match(path.read_bytes())]
    found = zip(paths, peers_lines(*paths), strict=True)
    assert sum(compared(path, *theirs) for path, theirs in found) > 400


@given(url=st.text(min_size=1), media=st.text(), name=st.text(min_size=1))
def test_nothing_in_a_record_breaks_a_line(url: str, media: str, name: str) -> None:
    """Any URL, media type or file name: one ASCII line of key, time and an object that says the same."""
    fields = (("WARC-Type", "resource"), ("WARC-Target-URI", url), ("WARC-Date", "2026-01-02T03:04:05Z"))
    stated = ("WARC-Payload-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")
    entry = entry_of((*fields, ("Content-Type", media), stated), Block.of(b""), Location(name, 7, 9))
    line = entry_line(entry, pytest.fail)
    if line is None:
        assert media == "application/warc-fields"
        return
    assert not set(line) & {10, 13}
    key, stamp, stated = line.decode("ascii").split(" ", 2)
    assert key
    assert stamp == "20260102030405"
    facts = json.loads(stated)
    assert facts["filename"] == name
    assert facts["url"] == (entry.target_uri or "").replace(" ", "%20")


def test_a_record_without_a_url_has_no_line(warc: Path) -> None:
    """A line whose key is nobody's URL would serve nobody."""
    record = next(r for r in read_warc(warc) if r.type == "resource")
    fields = tuple(f for f in record.fields if f[0] != "WARC-Target-URI")
    assert cdxj_line(replace(record, fields=fields), "x.warc.gz") is None


@given(st.lists(st.binary(max_size=8).filter(lambda data: b"\n" not in data)))
def test_sorting_is_the_same_in_runs(contents: list[bytes]) -> None:
    """However many runs it takes, and however often they are merged: bytes' order, each line once."""
    lines = [content + b"\n" for content in contents]
    for memory_bytes in (1, 200, 1 << 20):
        with SortedLines(memory_bytes) as sorting:
            for line in lines:
                sorting.add(line)
            assert list(sorting) == sorted(set(lines))


def test_a_hundred_runs_leave_few_files_open() -> None:
    """Runs are merged into one before there are more of them than a process may hold open."""
    with SortedLines(1) as sorting:
        for number in range(500):
            sorting.add(b"%d\n" % (number * 7919 % 500))
            assert len(sorting._runs) <= 65
        assert list(sorting) == sorted(b"%d\n" % number for number in range(500))
