"""A receiver on loopback that answers as it is told to, and checks signatures by its own reading of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SECRET = b"0123456789abcdef0123456789abcdef"
VARIABLE = "whsec_" + base64.b64encode(SECRET).decode()


@dataclass
class Hook:
    """Keeps what is posted; `script` holds a status, or seconds of silence, for each request, then 204."""

    url: str = ""
    script: list[int | float | dict[str, Any]] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.posts]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body)["data"] for _, body in self.posts]

    def signed_with(self, secret: bytes) -> bool:
        """Tell whether every post is signed, as the specification's text has it."""
        return bool(self.posts) and all(
            any(
                hmac.compare_digest(base64.b64decode(one.removeprefix("v1,")), _mac(secret, headers, body))
                for one in headers["webhook-signature"].split(" ")
            )
            and abs(int(headers["webhook-timestamp"]) - time.time()) < 300
            for headers, body in self.posts
        )


def _mac(secret: bytes, headers: dict[str, str], body: bytes) -> bytes:
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    for part in (headers["webhook-id"].encode(), b".", headers["webhook-timestamp"].encode(), b".", body):
        mac.update(part)
    return mac.digest()


@pytest.fixture
def hooks() -> Iterator[Callable[..., Hook]]:
    """Start a receiver with a script; it stops with the test."""
    running: list[ThreadingHTTPServer] = []

    def start(*script: float | dict[str, Any], tls: ssl.SSLContext | None = None) -> Hook:
        hook = Hook(script=list(script))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.posts.append(({key.lower(): value for key, value in self.headers.items()}, body))
                step = hook.script.pop(0) if hook.script else 204
                if isinstance(step, float):
                    time.sleep(step)
                    step = 204
                more: dict[str, str] = {}
                if isinstance(step, dict):
                    more, step = step["headers"], step["status"]
                self.send_response(step)
                for key, value in more.items():
                    self.send_header(key, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        host = "localhost" if tls else "127.0.0.1"
        hook.url = f"{'https' if tls else 'http'}://{host}:{server.server_port}/hook"
        return hook

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
