"""The door itself: a small HTTP server on 127.0.0.1 that adds what is sent to it, and serves one page."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from harvester._version import __version__
from harvester.errors import HarvesterError
from harvester.listening import requests
from harvester.listening.page import HEADERS, page_html
from harvester.listening.requests import RefusedError
from harvester.watch.adding import Added
from harvester.watch.sources import Link

ADDRESS: Final = "127.0.0.1"
PATH: Final = "/add"
_TIMEOUT_S: Final = 10.0
_MOST_AT_ONCE: Final = 32

Add = Callable[[Sequence[Link]], Added]


class Door(http.server.ThreadingHTTPServer):
    """Listens on loopback. `add` is called by one thread at a time; `names` are further names of this place.

    Raises `OSError` where the port cannot be had. `close` lets the requests in hand end.
    """

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, port: int, token: str, add: Add, names: Sequence[str] = ()) -> None:
        self.token = token
        self.names = frozenset(name.lower() for name in names)
        self._add = add
        self._one = threading.Lock()
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__((ADDRESS, port), _Handler)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def add(self, links: Sequence[Link]) -> Added:
        """Add links; on return they are durable."""
        with self._one:
            return self._add(links)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a request in a thread of its own; beyond so many at once it is turned away."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one request, and make its place free."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is no fault."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Door
    server_version = f"Harvester/{__version__}"
    sys_version = ""
    timeout = _TIMEOUT_S

    def do_GET(self) -> None:
        """Serve the page. Nothing is added by it, whatever the address says."""
        try:
            requests.check_host(self.headers, self.server.names)
            if self._place == PATH:
                self._refuse_method()
                return
            requests.check_path(self.path, "/")
        except RefusedError as error:
            self._answer(error.status, {"error": error.why})
            return
        self._send(HTTPStatus.OK, page_html(), "text/html; charset=utf-8", HEADERS)

    def do_POST(self) -> None:
        """Add what is sent."""
        try:
            requests.check_host(self.headers, self.server.names)
            requests.check_origin(self.headers, self.server.names)
            requests.check_path(self.path, PATH)
            requests.check_token(self.headers, self.server.token)
            length = requests.body_length(self.headers)
            body = requests.whole(self.rfile.read(length), length)
            links = requests.links_of(body, self.headers.get("Content-Type", ""))
            status, results = _results(self.server.add(links))
        except RefusedError as error:
            self._answer(error.status, {"error": error.why})
        except HarvesterError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})
        except OSError:
            raise  # the client went away, or is too slow
        except Exception as error:  # noqa: BLE001 - the last net: a fault of ours is an answer, too
            words = f"a fault of this program: {type(error).__name__}; nothing acknowledged is lost"
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": words})
        else:
            self._answer(status, {"results": results})

    def do_HEAD(self) -> None:
        """Answer as GET would, without the body."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the library could not read, or has no method for, in the form of all answers here."""
        status = HTTPStatus(code)
        words = message or explain or status.phrase
        if status == HTTPStatus.NOT_IMPLEMENTED:
            self._refuse_method()
            return
        self.close_connection = True  # a body, if there is one, was not read
        self._answer(status, {"error": words})

    @property
    def _place(self) -> str:
        return self.path.partition("?")[0]

    def _refuse_method(self) -> None:
        self.close_connection = True
        words = f"{self.command} is not for here: POST to {PATH}, or open / in a browser"
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": words})

    def _answer(self, status: HTTPStatus, value: object) -> None:
        headers = {}
        if status == HTTPStatus.UNAUTHORIZED:
            headers = {"WWW-Authenticate": "Bearer"}
        elif status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"Allow": "POST" if self._place == PATH else "GET, HEAD"}
        self._send(status, msgspec.json.encode(value), "application/json", headers)

    def _send(self, status: HTTPStatus, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        common = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        for name, value in {**common, "X-Content-Type-Options": "nosniff", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: what is added is told by who adds it, and nothing of the request's head ever is."""


def _results(added: Added) -> tuple[HTTPStatus, list[dict[str, str | None]]]:
    found: list[dict[str, str | None]] = [
        {"state": "queued", "url": find.url, "title": find.title} for find in added.new
    ]
    found += [{"state": "known", "url": one.url, "title": one.find.title} for one in added.known]
    found += [{"state": "refused", "url": one.text, "why": one.why} for one in added.refused]
    good = added.new or added.known
    return HTTPStatus.OK if good else HTTPStatus.UNPROCESSABLE_ENTITY, found


def serve(door: Door, stop: threading.Event) -> None:
    """Serve until `stop` is set; then the requests in hand end, and the port is given back."""

    def end() -> None:
        stop.wait()
        door.shutdown()

    threading.Thread(target=end, daemon=True).start()
    try:
        door.serve_forever(poll_interval=0.2)
    finally:
        door.server_close()
