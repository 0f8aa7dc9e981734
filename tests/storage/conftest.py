"""A real S3 server on loopback, and between it and us a proxy that misbehaves as networks and stores do."""

from __future__ import annotations

import logging
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from archive.storage import RemotePath

moto_server = pytest.importorskip("moto.server", reason="SKIPPED: moto's S3 server is not installed")
fsspec = pytest.importorskip("fsspec", reason="SKIPPED: fsspec is not installed")

Fault = Callable[[bytes], str | None]
"""Told of a request's first bytes; `503`, `403`, `reset` (in the answer's middle), `truncate`, or None."""

SLOW_DOWN = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
)
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
ANSWERS = {"503": (BUSY, SLOW_DOWN), "403": (REFUSED, DENIED)}


class Proxy:
    """Passes connections on to the S3 server; `fault` decides what happens to each request."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.fault: Fault = lambda _: None
        self.requests: list[bytes] = []
        self.faults = 0
        self.sent_bytes = 0
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            start = client.recv(65536)
            if not start:
                return
            self.requests.append(start)
            fault = self.fault(start)
            self.faults += fault is not None
            if fault in ANSWERS:
                head, body = ANSWERS[fault]
                client.sendall(
                    head + b"%d\r\n\r\n" % len(body) + (b"" if start.startswith(b"HEAD") else body)
                )
                return
            with socket.create_connection(self._upstream) as server:
                server.sendall(_closing(start))
                if start.startswith((b"PUT", b"POST")):
                    threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                sent = _answer(server, client, fault)
                self.sent_bytes += sent
                if fault != "reset":
                    client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


def _closing(request: bytes) -> bytes:
    """Ask for one answer a connection, so that each request passes the proxy's judgement."""
    head, _, rest = request.partition(b"\r\n")
    return head + b"\r\nConnection: close\r\n" + rest


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)


def _answer(server: socket.socket, client: socket.socket, fault: str | None) -> int:
    """Pass the answer on, or half of its body; return how many bytes that was."""
    whole, sent = b"", 0
    while data := server.recv(65536):
        if fault is None:
            client.sendall(data)
            sent += len(data)
        else:
            whole += data
    if fault is None:
        return sent
    head, _, body = whole.partition(b"\r\n\r\n")
    client.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])
    if fault == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return len(head) + 4 + len(body) // 2


@pytest.fixture(scope="session")
def s3() -> Iterator[tuple[str, int]]:
    """Return the address of a running S3 server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture(scope="session")
def _one_proxy(s3: tuple[str, int]) -> Iterator[Proxy]:
    """Point the client at a proxy by its own environment variables; its set-up is slow, so once for all."""
    made = Proxy(s3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")  # its client's waits are long; s3fs and we try again, too
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{made.port}")
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield made
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    made.close()


@pytest.fixture
def proxy(_one_proxy: Proxy) -> Iterator[Proxy]:
    """Return a proxy before the S3 server, well-behaved at first."""
    _one_proxy.faults = 0
    yield _one_proxy
    _one_proxy.fault = lambda _: None


@pytest.fixture
def folder() -> RemotePath:
    """Return a new, empty folder in this process's memory, for what no network can change."""
    return RemotePath.of(f"memory://test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def bucket(proxy: Proxy) -> RemotePath:
    """Return a new, empty bucket."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    fsspec.filesystem("s3").mkdir(name)
    proxy.requests.clear()
    return RemotePath.of(f"s3://{name}")
