"""Pages of ours for other tools to archive: a proxy on loopback that serves them, and a rebuild."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import harvester
from fixtures.golden import cases
from harvester.cli.app import run
from harvester.document import Document

Pages = dict[str, bytes]


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The golden pages by URL, with little program in them."""
    return {case.url.replace("https://", "http://").partition("#")[0]: case.small_body() for case in cases()}


@pytest.fixture(scope="session")
def texts(pages: Pages) -> dict[str, str]:
    """The text of each of them that is an article, by URL."""
    found = {url: harvester.extract(body, url=url) for url, body in pages.items()}
    return {url: item.text for url, item in found.items() if isinstance(item, Document)}


@pytest.fixture(scope="session")
def proxy(pages: Pages) -> Iterator[str]:
    """The address of an HTTP proxy that has these pages and no others."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild printed and wrote."""

    code: int
    report: dict[str, Any]
    rows: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    output: Path

    @property
    def texts(self) -> Counter[str]:
        return Counter(document["text"] for document in self.documents)


def tables(output: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of captures and the documents of an output, whatever its format."""
    found = []
    for name in ("captures", "documents"):
        parts = sorted(output.glob(f"{name}/part-*"))
        if parts and parts[0].suffix == ".parquet":
            found.append([row for part in parts for row in pq.read_table(part).to_pylist()])
        elif parts:
            found.append([json.loads(line) for part in parts for line in part.read_bytes().splitlines()])
        elif name == "captures":
            found.append([json.loads(line) for line in (output / "captures.jsonl").read_bytes().splitlines()])
        else:
            files = sorted((output / name).rglob("*.json")) if (output / name).exists() else []
            found.append([json.loads(path.read_bytes()) for path in files])
    return found[0], found[1]


@pytest.fixture
def outputs() -> Iterator[Path]:
    """A folder in memory where there is one: each unit waits until its files are durable."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def rebuild(outputs: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Rebuilt]:
    """Run `harvester rebuild` in this process; inputs must equal the sum of outcomes however counted."""

    def rebuilt(*arguments: object) -> Rebuilt:
        output = outputs / f"out-{len(list(outputs.iterdir()))}"
        capfd.readouterr()
        code = run(["rebuild", *map(str, arguments), "--output", str(output), "--workers", "1", "--json"])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        report = json.loads(out)
        assert report == json.loads((output / "report.json").read_bytes())
        rows, documents = tables(output)
        assert report["whole"] is True
        assert report["responses"] == sum(report["outcomes"].values()) + report["left_out"]
        assert Counter(row["outcome"] for row in rows) == report["outcomes"]
        assert {document["id"] for document in documents} == {
            row["id"] for row in rows if row["outcome"] == "ok"
        }
        return Rebuilt(code, report, rows, documents, output)

    return rebuilt
