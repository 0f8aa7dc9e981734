"""Web archives of other tools' making: what they hold is read, and every record of theirs has its outcome."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.warcwriter import WARCWriter

from archive.cdxj import write_cdxj

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("HARVESTER_CORPUS", ROOT.parent / "shared/corpus")) / "warc"
SCRIPT = Path(__file__).with_name("browsertrix.mjs")
Rebuild = Callable[..., Any]


@pytest.mark.corpus
@pytest.mark.parametrize("max_bytes", [100_000, pytest.param(1 << 40, marks=pytest.mark.slow)])
def test_the_corpus(max_bytes: int, rebuild: Rebuild, capfd: pytest.CaptureFixture[str]) -> None:
    """Files of other projects' suites, sound or broken: no traceback, nothing vanishes, damage is told."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of WARC files at {CORPUS} (set HARVESTER_CORPUS)")
    files = [path for path in sorted(CORPUS.iterdir()) if path.stat().st_size < max_bytes]
    found = rebuild(*files)
    assert found.code == 1
    assert found.report["files"] == len(files) > 40
    assert not found.report["unreadable"]
    rows: dict[str, Counter[str]] = {path.name: Counter() for path in files}
    for row in found.rows:
        rows[row["file"]][row["outcome"]] += 1
    damaged = {path.name for path in files for line in found.report["damaged"] if path.name in line}
    with capfd.disabled():
        for name, outcomes in rows.items():
            print(f"{'damaged' if name in damaged else 'whole':8} {name[-70:]:70} {dict(outcomes)}")
    assert {name for name in rows if "invalid" in name and "lonely" in name} <= damaged
    assert found.report["outcomes"]["ok"] >= 10


@pytest.mark.parametrize("options", [[], ["--no-warc-compression"], ["--warc-cdx", "--warc-max-size=200k"]])
def test_wget(
    options: list[str],
    proxy: str,
    texts: dict[str, str],
    pages: dict[str, bytes],
    rebuild: Rebuild,
    tmp_path: Path,
) -> None:
    """What GNU Wget archived of our pages: every article's text, whatever form its WARC files have."""
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not installed: apt-get install wget")
    folder = tmp_path / "wget"
    folder.mkdir()
    (folder / "urls.txt").write_text("\n".join([*pages, "http://nowhere.example/"]) + "\n", encoding="utf-8")
    command = [wget, "-q", "-i", "urls.txt", "--warc-file=x", "-O", "all.html", "-t", "1", *options]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "http_proxy": proxy}, timeout=60, check=False
    )
    assert done.returncode == 8  # one page was not there
    found = rebuild(folder)
    assert found.code == 0
    assert found.texts == Counter(texts.values())
    assert found.report["outcomes"]["http_error"] >= 1
    # Wget adds its log and its arguments as records.
    assert Counter(row["type"] for row in found.rows)["response"] == len(pages) + 1


@pytest.mark.parametrize("packed", [True, False])
def test_warcio(
    packed: bool, proxy: str, texts: dict[str, str], pages: dict[str, bytes], rebuild: Rebuild, tmp_path: Path
) -> None:
    """What warcio's `capture_http` recorded, compressed or not, and repacked by `warcio recompress`."""
    path = tmp_path / ("w.warc.gz" if packed else "w.warc")
    program = (
        "import sys\n"
        "from warcio.capture_http import capture_http\n"
        "import requests\n"
        "from warcio.warcwriter import WARCWriter\n"
        f"with open({str(path)!r}, 'wb') as out, capture_http(WARCWriter(out, gzip={packed})):\n"
        "    for line in sys.stdin:\n"
        "        requests.get(line.strip())\n"
    )
    urls = "".join(f"{url}\n" for url in pages)
    program_with = [sys.executable, "-W", "ignore", "-c", program]
    environment = {**os.environ, "http_proxy": proxy}
    subprocess.run(program_with, input=urls, text=True, check=True, timeout=60, env=environment)
    found = rebuild(path)
    assert found.code == 0
    assert found.report["responses"] == len(pages)
    assert found.texts == Counter(texts.values())
    again = tmp_path / "again.warc.gz"
    subprocess.run(
        [sys.executable, "-m", "warcio.cli", "recompress", str(path), str(again)],
        check=True,
        capture_output=True,
    )
    assert rebuild(again).texts == found.texts


def test_browsertrix(
    texts: dict[str, str], pages: dict[str, bytes], rebuild: Rebuild, tmp_path: Path
) -> None:
    """A WACZ as Browsertrix Crawler makes it (by npm's warcio): page infos and text records are no pages."""
    modules = ROOT / ".peers/node/node_modules/warcio"
    if shutil.which("node") is None or not modules.is_dir():
        pytest.skip("npm's warcio is not installed in .peers: run `make peers`")
    listed = []
    for number, (url, body) in enumerate(pages.items()):
        file = tmp_path / f"{number}.html"
        file.write_bytes(body)
        listed.append([url, str(file)])
    again = [[f"{url}?again=1", file] for url, file in listed[:3]]
    (tmp_path / "list.json").write_text(json.dumps([*listed, *again]), encoding="utf-8")
    warc = tmp_path / "rec-1.warc.gz"
    subprocess.run(["node", SCRIPT, warc, tmp_path / "list.json", modules], check=True, timeout=60)
    wacz = packaged(tmp_path / "crawl.wacz", warc)
    made = [warc, wacz]
    program = ROOT / ".peers/bin/wacz"  # what Browsertrix itself packages with
    if program.is_file():
        made.append(tmp_path / "py.wacz")
        command = [program, "create", "-f", warc, "-o", made[-1], "--detect-pages"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    for path in made:
        found = rebuild(path)
        assert found.code == 0, found.report
        assert found.report["records"]["revisit"] >= 3
        assert set(found.texts) == set(texts.values())
        of_pages = [row for row in found.rows if row["type"] != "resource"]
        assert len(of_pages) == len(listed) + len(again)


def packaged(path: Path, warc: Path) -> Path:
    """Put a WARC into a WACZ as the specification has it."""
    index = io.BytesIO()
    write_cdxj([warc], index)
    with zipfile.ZipFile(path, "w") as package:
        package.write(warc, f"archive/{warc.name}")
        package.writestr("indexes/index.cdxj", index.getvalue())
        package.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0", "id": "pages", "title": "All"}\n')
        package.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": []}))
    return path


def test_common_crawl(
    texts: dict[str, str], pages: dict[str, bytes], rebuild: Rebuild, tmp_path: Path
) -> None:
    """Files in Common Crawl's form: the same documents with WET and WAT files beside them, or without."""
    folder = tmp_path / "cc"
    folder.mkdir()
    with (
        (folder / "CC-MAIN-20260508010203-00000.warc.gz").open("wb") as pages_out,
        (folder / "CC-MAIN-20260508010203-00000.warc.wet.gz").open("wb") as texts_out,
        (folder / "CC-MAIN-20260508010203-00000.warc.wat.gz").open("wb") as facts_out,
    ):
        outs = [
            WARCWriter(stream, gzip=True, warc_version="1.0") for stream in (pages_out, texts_out, facts_out)
        ]
        for out in outs:
            out.write_record(
                out.create_warcinfo_record("x", {"isPartOf": "CC-MAIN-2026-19", "publisher": "CC"})
            )
        for url, body in pages.items():
            common_crawl_page(outs, url, body)
    alone = rebuild(folder / "CC-MAIN-20260508010203-00000.warc.gz")
    assert alone.code == 0
    assert alone.texts == Counter(texts.values())
    beside = rebuild(*sorted(folder.iterdir()))
    assert beside.code == 0
    assert beside.documents == alone.documents
    assert beside.report["records"]["conversion"] == len(pages)
    assert beside.report["outcomes"] == alone.report["outcomes"]


def common_crawl_page(outs: list[WARCWriter], url: str, body: bytes) -> None:
    """Write a page's records: request, response and facts; its text; its facts as JSON."""
    pages_out, texts_out, facts_out = outs
    # As their crawler does it: what was packed on the wire is unpacked, the headers are renamed.
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Crawl-Content-Encoding: gzip\r\n"
        f"X-Crawl-Content-Length: 5\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    response = record(
        pages_out, url, "response", head + body, None, {"WARC-Identified-Payload-Type": "text/html"}
    )
    refers = {"WARC-Concurrent-To": response}
    record(pages_out, url, "request", b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", None, refers)
    fields = b"fetchTimeMs: 200\r\ncharset-detected: UTF-8\r\nlanguages-cld2: {}\r\n\r\n"
    record(pages_out, url, "metadata", fields, "application/warc-fields", refers)
    record(texts_out, url, "conversion", b"words", "text/plain", {"WARC-Refers-To": response})
    record(facts_out, url, "metadata", b"{}", "application/json", {"WARC-Refers-To": response})


def record(
    out: WARCWriter, url: str, kind: str, data: bytes, content_type: str | None, headers: dict[str, str]
) -> str:
    made = out.create_warc_record(
        url,
        kind,
        payload=io.BytesIO(data),
        length=len(data),
        warc_content_type=content_type or "",
        warc_headers_dict={**headers, "WARC-Date": "2026-05-08T01:02:03Z"},
    )
    out.write_record(made)
    return str(made.rec_headers["WARC-Record-ID"])
