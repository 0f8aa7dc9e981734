"""Everything we write is accepted by the field's own tools; what they are known to have wrong is listed."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, StoredRecord, read_warc
from archive.http1 import parse_response
from fixtures import Origin
from fixtures.behaviours import chunked, coded, plain
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

RAW = {"parse_http": False}
EXPECTED_OF_CHUNKED = "payload digest failed"
"""What warcio says of payload digests of chunked records: it takes them over the chunk framing (W6)."""


@pytest.fixture
def written(harvester: Any, world: Any, serve: Callable[..., Origin], tmp_path: Path) -> Path:
    """An archive with all that is written: pages, images, requisites, revisits, chunked and coded bodies,
    failures, an imported page, a WARC that was taken in, files rolled over and closed."""
    page = article_page(lighthouse_article(), Recent(era=2026, script_bytes=20_000, nonce="1"))
    pages, origin = world
    for _ in range(2):  # the second time gives revisits
        answer = harvester("fetch", pages.article_url, pages.repost_url, "--archive", "a", *origin.options)
        assert answer.code == 0, answer.err
    host = "https://mp.weixin.qq.com/s/"
    odd = {
        f"{host}PeersFixtureChunked000": chunked(page),
        f"{host}PeersFixtureGzipped000": coded(page, "gzip"),
        f"{host}PeersFixtureOnce000000": plain(page),
        f"{host}PeersFixtureAgain00000": plain(page),
        f"{host}PeersFixtureDeleted000": plain(deleted_page()),
        f"{host}PeersFixtureNotHere000": plain(b"<html><title>404</title></html>", status=404),
    }
    other = serve(odd)
    harvester("fetch", *odd, "--archive", "a", "--no-images", "--no-requisites", *other.options)
    (tmp_path / "saved.html").write_bytes(page)
    harvester("import", tmp_path / "saved.html", "--archive", "a")
    return tmp_path / "a"


def test_peers_read_every_record_and_every_digest(written: Path) -> None:
    """warcio and FastWARC: as many records, in order, with the ids and block digests; payload digests too,
    but for chunked responses."""
    kinds = set()
    for path in sorted((written / "warc").glob("*.warc.gz")):
        ours = list(read_warc(path))
        kinds |= {record.type for record in ours}
        with path.open("rb") as file:
            ids = []
            for peer in ArchiveIterator(file, check_digests=True):
                peer.raw_stream.read()
                ids.append(peer.rec_headers.get_header("WARC-Record-ID"))
                assert peer.digest_checker.passed is not False or _is_chunked(ours[len(ids) - 1])
        assert ids == [record.record_id for record in ours]
        with path.open("rb") as file:
            fast = [(item.record_id, item.verify_block_digest()) for item in FastIterator(file, **RAW)]
        assert fast == [(record.record_id, True) for record in ours]
    assert kinds >= {"warcinfo", "request", "response", "revisit", "metadata", "resource"}


def _is_chunked(record: StoredRecord) -> bool:
    return record.type == "response" and parse_response(record.block).framing == "chunked"


def test_warcio_check_complains_of_nothing_else(written: Path) -> None:
    """`warcio check`: silent, but for the payload digests of chunked responses, which are all named here."""
    expected = set()
    for path in (written / "warc").glob("*.warc.gz"):
        expected |= {record.record_id for record in read_warc(path) if _is_chunked(record)}
    files = sorted((written / "warc").glob("*.warc.gz"))
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", *files]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    complaints = [line for line in done.stdout.splitlines() if "failed" in line]
    assert len(complaints) == len(expected)
    assert all(EXPECTED_OF_CHUNKED in line for line in complaints), complaints
    assert done.returncode == bool(expected)
    assert expected


def test_cdxj_indexer_finds_our_records_where_our_index_has_them(written: Path) -> None:
    """cdxj-indexer: a line for every capture, with our offset, length, status and URL."""
    if importlib.util.find_spec("cdxj_indexer") is None:
        pytest.skip("NOT COMPARED: cdxj-indexer is not installed")
    from cdxj_indexer.main import CDXJIndexer

    with Archive.open(written) as archive:
        ours = {
            (entry.location.file, entry.location.offset): (entry.location.length, entry.target_uri)
            for kind in ("response", "revisit")
            for entry in archive.entries(type=kind)
        }
    theirs = {}
    for path in sorted((written / "warc").glob("*.warc.gz")):
        out = io.StringIO()
        CDXJIndexer(output=out, inputs=[str(path)]).process_all()
        for line in out.getvalue().splitlines():
            said = json.loads(line.split(" ", 2)[2])
            theirs[path.name, int(said["offset"])] = (int(said["length"]), said["url"])
    assert {place: theirs.get(place) for place in ours} == ours


def test_pywb_indexes_what_we_write(written: Path, tmp_path: Path) -> None:
    """pywb's own indexer: every capture is in its index with our offset."""
    if importlib.util.find_spec("pywb") is None:
        pytest.skip("NOT COMPARED: pywb is not installed")
    from pywb.indexer.cdxindexer import write_cdx_index

    with Archive.open(written) as archive:
        for path in sorted((written / "warc").glob("*.warc.gz")):
            out = io.BytesIO()
            with path.open("rb") as file:
                write_cdx_index(out, file, path.name, cdxj=True)
            lines = out.getvalue().decode().splitlines()
            offsets = {int(json.loads(line.split(" ", 2)[2])["offset"]) for line in lines}
            entries = archive.entries_of(path.name)
            ours = {entry.location.offset for entry in entries if entry.type in {"response", "revisit"}}
            assert ours <= offsets
