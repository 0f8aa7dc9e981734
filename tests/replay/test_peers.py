"""What the field's tools say of an exported package, without a browser."""

from __future__ import annotations

import gzip
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator


def unpacked(package: Any, folder: Path) -> Path:
    with zipfile.ZipFile(package.path) as file:
        file.extractall(folder)
    return folder / "archive" / "data.warc.gz"


def test_py_wacz_validates_it(package: Any, peer: Any, tmp_path: Path) -> None:
    """`wacz validate` accepts the package, and refuses it with one changed byte in a document."""
    wacz = peer("wacz")

    def verdict(path: Path) -> int:
        return subprocess.run(
            [wacz, "validate", "-f", str(path)], check=False, capture_output=True
        ).returncode

    assert verdict(package.path) == 0
    changed = tmp_path / "changed.wacz"
    with zipfile.ZipFile(package.path) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(
                info, data.replace("灯塔".encode(), "火塔".encode()) if ".json" in info.filename else data
            )
    assert verdict(changed) != 0


def test_cdxj_indexer_writes_the_same_index(package: Any, peer: Any, tmp_path: Path) -> None:
    """The index inside is, byte for byte, what cdxj-indexer makes of the WARC inside."""
    warc = unpacked(package, tmp_path)
    done = subprocess.run([peer("cdxj-indexer"), "-s", str(warc)], check=True, capture_output=True)
    ours = gzip.decompress((tmp_path / "indexes/index.cdx.gz").read_bytes())
    assert done.stdout.decode().splitlines() == ours.decode().splitlines()


def test_warcio_and_fastwarc_read_every_record(package: Any, tmp_path: Path) -> None:
    """Both see the same records; warcio's digests agree, but for chunked payloads, where it is known to be
    wrong (webrecorder/warcio issue 74).
    """
    warc = unpacked(package, tmp_path)
    with warc.open("rb") as file:
        ids, chunked = [], 0
        for record in ArchiveIterator(file, check_digests=True):
            ids.append(record.rec_headers["WARC-Record-ID"])
            heads = record.http_headers
            record.content_stream().read()
            if heads is not None and (heads.get_header("Transfer-Encoding") or "").lower() == "chunked":
                chunked += 1
            else:
                assert record.digest_checker.passed is not False, ids[-1]
    with warc.open("rb") as file:
        assert [record.record_id for record in FastIterator(file, parse_http=False)] == ids
    assert len(ids) == len(set(ids)) > 20
