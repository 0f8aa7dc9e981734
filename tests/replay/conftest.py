"""Replay for real: an exported package, the field's two replay tools, and a browser that looks at it.

What is not installed is a skip with its reason: `make peers` gets pywb, wacz, cdxj-indexer (a separate
environment: pywb needs older libraries than we do) and ReplayWeb.page; Chromium is the system's.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, demo_world
from harvester.cli.app import run

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers"
SCRIPT_BYTES = 20_000
WAIT_S = 60
WAITING = "<!DOCTYPE html><script>navigator.serviceWorker.ready.then(() => location.reload())</script>"
"""What stands where ReplayWeb.page's worker answers once it runs: its frame may be there before."""
LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")


@pytest.fixture
def peer() -> Callable[[str], str]:
    """Return a peer's program by its name, or skip."""
    return _peer


def _peer(name: str) -> str:
    path = PEERS / "bin" / name
    if not path.is_file():
        pytest.skip(f"{name} is not installed in {PEERS.name}: run `make peers`")
    return str(path)


@dataclass(frozen=True)
class Package:
    """An exported package, and the URLs of what is in it."""

    path: Path
    archive: Path
    article_url: str
    original_url: str
    pages: tuple[dict[str, Any], ...]

    def reading(self, title: str) -> str:
        """Return the address of the reading view of the article with that title."""
        return next(p["url"] for p in self.pages if "readingOf" in p and p["title"].endswith(title))


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The demonstration's world, fetched and exported."""
    folder = tmp_path_factory.mktemp("package")
    world = demo_world(script_bytes=SCRIPT_BYTES)
    (folder / "harvester.toml").write_text("[fetch]\nretry_first_wait_s = 0.01\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, Origin(world) as origin:
        patch.setenv("HARVESTER_STATE", str(folder / "state"))
        patch.chdir(folder)
        run(["fetch", *world.urls, "--archive", "a", *origin.options])
        assert run(["export", "--wacz", "x.wacz", "--archive", "a"]) == 0
    with zipfile.ZipFile(folder / "x.wacz") as file:
        lines = file.read("pages/pages.jsonl").decode().splitlines()
    pages = tuple(json.loads(line) for line in lines[1:])
    return Package(folder / "x.wacz", folder / "a", world.article_url, world.original_url, pages)


class Ranges(SimpleHTTPRequestHandler):
    """Static files with byte ranges, which ReplayWeb.page reads a package by."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        path = Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            super().do_GET()
            return
        size = path.stat().st_size
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, size - int(last))
        end = min(size - 1, int(last)) if first and last else size - 1
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(end - start + 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()


@pytest.fixture
def static(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder served on loopback, and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=str(tmp_path)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pywb(package: Package, tmp_path: Path) -> Iterator[str]:
    """pywb over the package, rewriting at the server; yields the collection's address."""
    with _pywb(package, tmp_path) as address:
        yield address


@pytest.fixture
def pywb_in_browser(package: Package, tmp_path: Path) -> Iterator[str]:
    """The same with pywb's setting to rewrite in the browser, as it must for scripts that are modules."""
    (tmp_path / "config.yaml").write_text("client_side_replay: true\n", encoding="utf-8")
    with _pywb(package, tmp_path) as address:
        yield address


@contextlib.contextmanager
def _pywb(package: Package, tmp_path: Path) -> Iterator[str]:
    """Take in the package by pywb's own command, and serve it."""
    manager, wayback = _peer("wb-manager"), _peer("wayback")
    for arguments in (["init", "t"], ["add", "--unpack-wacz", "t", str(package.path)]):
        subprocess.run([manager, *arguments], cwd=tmp_path, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = (tmp_path / "pywb.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [wayback, "-b", "127.0.0.1", "-p", str(port)], cwd=tmp_path, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}/t"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        threading.Event().wait(0.05)
    pytest.fail("pywb did not start")


@pytest.fixture
def replayweb(package: Package, static: tuple[Path, str]) -> Callable[[str, str], str]:
    """ReplayWeb.page's own bundle beside the package; gives the address of a page that embeds it."""
    folder, address = static
    bundle = PEERS / "replaywebpage"
    if not (bundle / "ui.js").is_file():
        pytest.skip(f"replaywebpage is not in {PEERS.name}: run `make peers` (it needs npm)")
    (folder / "replay").mkdir()
    shutil.copy(bundle / "ui.js", folder)
    shutil.copy(bundle / "sw.js", folder / "replay")
    (folder / "replay" / "index.html").write_text(WAITING, encoding="utf-8")
    shutil.copy(package.path, folder / "x.wacz")

    def embed(url: str, ts: str) -> str:
        (folder / "index.html").write_text(
            '<!DOCTYPE html><meta charset="utf-8"><script src="ui.js"></script>'
            '<style>html,body{height:100%;margin:0}</style><replay-web-page embed="replayonly" '
            f'source="/x.wacz" url="{html.escape(url)}" ts="{ts}"></replay-web-page>',
            encoding="utf-8",
        )
        return f"{address}/index.html"

    return embed


class Browser:
    """Chromium, driven; `look` waits until a replayed page is what it should be."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.last: dict[str, Any] = {}

    def look(self, address: str, url: str, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Open an address; return what the replayed page of `url` shows once that is `enough`."""
        from selenium.common.exceptions import TimeoutException
        from selenium.webdriver.support.ui import WebDriverWait

        def seen(driver: Any) -> bool:
            self.last = driver.execute_script(LOOK, url) or {}
            return bool(self.last) and enough(self.last)

        self.driver.get(address)
        try:
            WebDriverWait(self.driver, WAIT_S, poll_frequency=0.25).until(seen)
        except TimeoutException:
            pytest.fail(f"not seen within {WAIT_S} s; last: {self.last}")
        return self.last

    def picture(self, name: str) -> None:
        """Keep a screenshot where HARVESTER_SCREENSHOTS says, if it does."""
        folder = os.environ.get("HARVESTER_SCREENSHOTS")
        if folder:
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


@pytest.fixture(scope="session")
def browser(start_chromium: Callable[[], Any]) -> Iterator[Browser]:
    """A browser of the session."""
    started = start_chromium()
    yield Browser(started)
    started.quit()
