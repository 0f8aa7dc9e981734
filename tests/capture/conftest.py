"""A scripted TLS server on loopback: it writes exactly the bytes a test gives it, and keeps what it read."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from harvester.capture.options import CaptureOptions, ConnectTo

HOST = "pages.example.com"


@dataclass(frozen=True)
class Authority:
    """A throw-away certificate authority and a certificate it issued for the test hosts."""

    ca_file: Path
    chain_file: Path
    key_file: Path


def _issue(folder: Path, hosts: Sequence[str]) -> Authority:
    now = dt.datetime.now(dt.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(name: str, issuer: str, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
            )
        )

    usage = {
        "digital_signature": True, "key_cert_sign": True, "crl_sign": True, "content_commitment": False,
        "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
        "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    ca = (
        builder("Test CA", "Test CA", ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names = [x509.DNSName(host) for host in hosts] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = (
        builder(hosts[0], "Test CA", key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority = Authority(folder / "ca.pem", folder / "chain.pem", folder / "key.pem")
    authority.ca_file.write_bytes(ca.public_bytes(pem))
    authority.chain_file.write_bytes(leaf.public_bytes(pem) + ca.public_bytes(pem))
    authority.key_file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return authority


@pytest.fixture(scope="session")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Authority]:
    return lambda name: _issue(
        tmp_path_factory.mktemp(name), (HOST, "other.example.com", "elsewhere.example.org")
    )


@pytest.fixture(scope="session")
def authority(issue: Callable[[str], Authority]) -> Authority:
    return issue("authority")


@dataclass
class Answer:
    """What the server does with one request: the bytes it writes (or pieces, one write each).

    `after`: "keep" waits for another request, "close" ends the stream, "reset" breaks it.
    """

    data: bytes
    after: str = "keep"
    pieces: tuple[bytes, ...] = ()


@dataclass
class Origin:
    """The running server. `requests` is what it read, one entry a request, over all connections."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    answers: list[Answer] = field(default_factory=list)

    def say(self, *answers: Answer | bytes) -> None:
        self.answers.extend(one if isinstance(one, Answer) else Answer(one) for one in answers)


def _read_request(sock: socket.socket) -> bytes:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        try:
            piece = sock.recv(65536)
        except OSError:
            return b""
        if not piece:
            return b""
        request += piece
    return request


def _answer(sock: socket.socket, answer: Answer) -> bool:
    """Write one answer; tell whether the connection goes on."""
    try:
        for piece in answer.pieces or (answer.data,):
            sock.sendall(piece)
    except OSError:
        return False
    if answer.after == "reset":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    return answer.after == "keep"


def _serve_connection(origin: Origin, raw: socket.socket, context: ssl.SSLContext | None) -> None:
    raw.settimeout(10)
    try:
        sock: socket.socket = context.wrap_socket(raw, server_side=True) if context else raw
    except OSError:
        raw.close()
        return
    with sock:
        while origin.answers and (request := _read_request(sock)):
            origin.requests.append(request)
            if not _answer(sock, origin.answers.pop(0)):
                return
        # Nothing more to say: hold the connection until the client lets go of it.
        with contextlib.suppress(OSError):
            while sock.recv(65536):
                pass


def _run(authority: Authority | None) -> Iterator[Origin]:
    context = None
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.chain_file, authority.key_file)
    listener = socket.create_server(("127.0.0.1", 0))
    origin = Origin(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            if origin.port == 0:
                raw.close()
                return
            origin.connections += 1
            thread = threading.Thread(target=_serve_connection, args=(origin, raw, context), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    port = origin.port
    yield origin
    origin.port = 0
    socket.create_connection(("127.0.0.1", port)).close()
    accepting.join(10)
    listener.close()
    for thread in threads:
        thread.join(12)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def origin(authority: Authority) -> Iterator[Origin]:
    """A TLS server with a certificate for the test hosts."""
    yield from _run(authority)


@pytest.fixture
def plain_origin() -> Iterator[Origin]:
    """The same without TLS."""
    yield from _run(None)


@pytest.fixture
def say() -> type[Answer]:
    return Answer


class FakeClock:
    """Wall and monotonic time that only move by `sleep` and `advance`."""

    def __init__(self) -> None:
        self.wall = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
        self.monotonic = 1000.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self.wall

    def monotonic_s(self) -> float:
        return self.monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.wall += dt.timedelta(seconds=seconds)
        self.monotonic += max(0.0, seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def host() -> str:
    return HOST


@pytest.fixture
def mapped(authority: Authority) -> Callable[..., CaptureOptions]:
    """Options that lead every host to a test server, trusting its authority."""

    def make(origin: Origin, **changes: object) -> CaptureOptions:
        values: dict[str, object] = {
            "connect_to": (ConnectTo.parse(f"::127.0.0.1:{origin.port}"),),
            "ca_file": authority.ca_file,
            "read_timeout_s": 5.0,
            "connect_timeout_s": 5.0,
            "total_timeout_s": 20.0,
        }
        return CaptureOptions(**(values | changes))  # type: ignore[arg-type]

    return make
