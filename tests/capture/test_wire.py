"""Byte-exactness: what the server wrote up to the message's end is what is kept, for every odd framing."""

from __future__ import annotations

import gzip
import random
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest
import zstandard

from archive.codings import decode_body
from archive.http1 import parse_response
from harvester.capture.exchange import Exchange, FailedAttempt
from harvester.capture.options import CaptureOptions
from harvester.capture.wire import Wire
from harvester.clock import SystemClock
from harvester.errors import StorageError, UsageError

BODY = "正文 text\n".encode() * 40


@pytest.fixture
def wire(origin: Any, mapped: Callable[..., CaptureOptions]) -> Iterator[Wire]:
    made = Wire(mapped(origin), SystemClock())
    yield made
    made.close()


def chunked(*chunks: bytes, ext: bytes = b"", trailers: bytes = b"") -> bytes:
    lines = b"".join(b"%X%s\r\n%s\r\n" % (len(chunk), ext, chunk) for chunk in chunks)
    return lines + b"0" + ext + b"\r\n" + trailers + b"\r\n"


def message(body: bytes, *fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join((status, *fields, b"", b"")) + body


def sized(body: bytes, *fields: bytes) -> bytes:
    return message(body, *fields, b"Content-Length: %d" % len(body))


DELIMITED = {
    "plain": (sized(BODY), BODY),
    "empty body": (sized(b""), b""),
    "chunked": (message(chunked(BODY, b"x"), b"Transfer-Encoding: chunked"), BODY + b"x"),
    "chunked, upper case": (message(chunked(BODY), b"TRANSFER-ENCODING: CHUNKED"), BODY),
    "chunked, mixed case": (message(chunked(BODY), b"transfer-Encoding: ChunKed"), BODY),
    "lower-case chunk sizes": (
        message(b"a\r\n0123456789\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"),
        b"0123456789",
    ),
    "zero-padded chunk size": (
        message(b"0005\r\nhello\r\n000\r\n\r\n", b"Transfer-Encoding: chunked"),
        b"hello",
    ),
    "chunk extensions": (message(chunked(BODY, ext=b';a="b c";d'), b"Transfer-Encoding: chunked"), BODY),
    "trailers": (
        message(
            chunked(BODY, trailers=b"X-Sum: 1\r\nX-More: 2\r\n"),
            b"Trailer: X-Sum",
            b"Transfer-Encoding: chunked",
        ),
        BODY,
    ),
    "length and chunked": (message(chunked(BODY), b"Content-Length: 3", b"Transfer-Encoding: chunked"), BODY),
    "equal lengths twice": (sized(BODY, b"Content-Length: %d" % len(BODY)), BODY),
    "obs-fold": (sized(BODY, b"X-Long: one", b"  two", b"\tthree"), BODY),
    "odd case and order": (sized(BODY, b"sErVeR: x", b"DATE: Mon, 02 Mar 2026 08:00:00 GMT", b"aaa:b"), BODY),
    "duplicate headers": (sized(BODY, b"Set-Cookie: a=1", b"X: 1", b"Set-Cookie: b=2"), BODY),
    "latin-1 in a value": (sized(BODY, b"X-Name: caf\xe9 \xa7"), BODY),
    "utf-8 in a value": (sized(BODY, "X-Name: 标题".encode()), BODY),
    "blanks around values": (sized(BODY, b"X-A:   b  ", b"X-B:\tc\t", b"X-C:"), BODY),
    "gzip declared": (sized(gzip.compress(BODY), b"Content-Encoding: GZip"), BODY),
    "deflate declared": (sized(zlib.compress(BODY), b"Content-Encoding: deflate"), BODY),
    "br declared": (sized(brotli.compress(BODY), b"Content-Encoding: br"), BODY),
    "zstd declared": (
        message(chunked(zstandard.compress(BODY)), b"Content-Encoding: zstd", b"Transfer-Encoding: chunked"),
        BODY,
    ),
    "no reason phrase": (message(BODY, b"Content-Length: %d" % len(BODY), status=b"HTTP/1.1 200 "), BODY),
    "no blank after the status": (
        message(BODY, b"Content-Length: %d" % len(BODY), status=b"HTTP/1.1 200"),
        BODY,
    ),
    "204": (message(b"", b"X: y", status=b"HTTP/1.1 204 No Content"), b""),
    "204 with a length": (message(b"", b"Content-Length: 9", status=b"HTTP/1.1 204 No Content"), b""),
    "304": (message(b"", b"Content-Length: 9", status=b"HTTP/1.1 304 Not Modified"), b""),
    "404": (message(BODY, b"Content-Length: %d" % len(BODY), status=b"HTTP/1.1 404 Not Found"), BODY),
    "100 before 200": (b"HTTP/1.1 100 Continue\r\n\r\n" + sized(BODY), BODY),
    "103 with fields before 200": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + sized(BODY), BODY),
    "bare line feeds": (sized(BODY, b"X: y").replace(b"\r\n", b"\n", 3), BODY),
    "control in a value": (sized(BODY, b"X-Odd: a\x01b"), BODY),
    "HTTP/1.0 with length": (
        message(BODY, b"Content-Length: %d" % len(BODY), status=b"HTTP/1.0 200 OK"),
        BODY,
    ),
    "chunked under 1.0": (
        message(chunked(BODY), b"Transfer-Encoding: chunked", status=b"HTTP/1.0 200 OK"),
        BODY,
    ),
    "head of 20 kB": (sized(BODY, b"X-Big: " + b"v" * 20_000), BODY),
    # h11 rejects this one; our framer can delimit it.
    "a coding besides chunked": (message(chunked(BODY), b"Transfer-Encoding: foo, chunked"), BODY),
}


@pytest.mark.parametrize("after", ["keep", "close"])
@pytest.mark.parametrize("case", DELIMITED)
def test_a_delimited_response_is_kept_byte_for_byte(
    case: str, after: str, origin: Any, wire: Wire, say: Any, host: str
) -> None:
    """Response block = bytes written; request block = bytes read; whether or not the peer then closes."""
    written, payload = DELIMITED[case]
    origin.say(say(written, after=after))

    exchange = wire.exchange(f"https://{host}/a?b=c")

    assert isinstance(exchange, Exchange)
    assert exchange.response.read() == written
    assert exchange.request == origin.requests[0]
    assert (exchange.end, exchange.surplus_bytes) == ("complete", 0)
    read = parse_response(exchange.response.read())
    assert read.complete
    decoded = decode_body(read.payload, read.head.get("Content-Encoding"), max_bytes=10**6)
    assert decoded == payload
    assert exchange.head == read.head
    assert (exchange.peer_ip, exchange.peer_port) == ("127.0.0.1", origin.port)
    assert exchange.tls is not None
    assert exchange.tls.version in {"TLSv1.2", "TLSv1.3"}
    assert exchange.tls.chain[0].startswith(b"\x30")
    assert exchange.mapped


@pytest.mark.parametrize("piece_bytes", [1, 7])
@pytest.mark.parametrize("case", ["plain", "trailers", "100 before 200", "bare line feeds"])
def test_small_pieces_change_nothing(
    case: str, piece_bytes: int, origin: Any, wire: Wire, say: Any, host: str
) -> None:
    """Bytes that arrive one by one give the same exchange."""
    written, _ = DELIMITED[case]
    pieces = tuple(written[at : at + piece_bytes] for at in range(0, len(written), piece_bytes))
    origin.say(say(b"", pieces=pieces))
    exchange = wire.exchange(f"https://{host}/")
    assert isinstance(exchange, Exchange)
    assert exchange.response.read() == written
    assert exchange.end == "complete"


def test_without_tls(plain_origin: Any, mapped: Callable[..., CaptureOptions], host: str) -> None:
    """http is recorded the same way, with no TLS facts."""
    wire = Wire(mapped(plain_origin), SystemClock())
    plain_origin.say(sized(BODY))
    exchange = wire.exchange(f"http://{host}/")
    wire.close()
    assert isinstance(exchange, Exchange)
    assert exchange.response.read() == sized(BODY)
    assert exchange.tls is None


CHUNKED = b"Transfer-Encoding: chunked"
ENDED_BY_CLOSE = {
    # case: (bytes written, end, framing)
    "close-delimited": (message(BODY), "complete", "close"),
    "close-delimited, 1.0": (message(BODY, status=b"HTTP/1.0 200 OK"), "complete", "close"),
    "101 that nobody asked for": (message(b"rest", status=b"HTTP/1.1 101 Switching"), "complete", "close"),
    "short of its length": (message(BODY, b"Content-Length: 100000"), "disconnect", "length"),
    "cut in a chunk": (message(b"100\r\nabc", CHUNKED), "disconnect", "chunked"),
    "without its last chunk": (message(b"3\r\nabc\r\n", CHUNKED), "disconnect", "chunked"),
    "cut in the head": (b"HTTP/1.1 200 OK\r\nServ", "disconnect", "none"),
    "two lengths": (message(BODY, b"Content-Length: 3", b"Content-Length: 4"), "protocol", "close"),
    "a length that is no number": (message(BODY, b"Content-Length: +5"), "protocol", "close"),
    "a chunk size that is none": (message(b"xyz\r\nabc", CHUNKED), "protocol", "chunked"),
    "a chunk beyond its size": (message(b"2\r\nabc\r\n0\r\n\r\n", CHUNKED), "protocol", "chunked"),
    "garbage status line": (b"SMTP ready\r\nhello\r\n\r\n" + BODY, "protocol", "none"),
    "a page without a head": (b"<html>\n" + BODY, "protocol", "none"),
    "a header line without a colon": (message(BODY, b"nonsense", b"Content-Length: 5"), "protocol", "none"),
}


@pytest.mark.parametrize("case", ENDED_BY_CLOSE)
def test_a_response_that_ends_with_the_stream_is_kept_whole(
    case: str, origin: Any, wire: Wire, say: Any, host: str
) -> None:
    """Where no end is declared, or it never comes, everything received is kept, and why it ended."""
    written, end, framing = ENDED_BY_CLOSE[case]
    origin.say(say(written, after="close"))
    exchange = wire.exchange(f"https://{host}/")
    assert isinstance(exchange, Exchange)
    assert exchange.response.read() == written
    assert (exchange.end, exchange.framing) == (end, framing)
    assert exchange.request == origin.requests[0]


def test_huge_head(origin: Any, wire: Wire, say: Any, host: str) -> None:
    """A head beyond 64 KiB cannot be read as one; its bytes are kept."""
    written = sized(BODY, b"X-Huge: " + b"v" * 200_000)
    origin.say(say(written, after="close"))
    exchange = wire.exchange(f"https://{host}/")
    assert isinstance(exchange, Exchange)
    assert exchange.response.read() == written
    assert (exchange.end, exchange.head, exchange.problems) == ("protocol", None, ("head-too-large",))


def test_a_reset_in_the_middle_keeps_what_came(
    plain_origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str
) -> None:
    """A connection that breaks off leaves a truncated exchange, never nothing."""
    wire = Wire(mapped(plain_origin), SystemClock())
    written = message(b"abc", b"Content-Length: 10")
    plain_origin.say(say(written, after="reset"))
    exchange = wire.exchange(f"http://{host}/")
    wire.close()
    # A reset may overtake data that the client's system has not delivered yet.
    if isinstance(exchange, Exchange):
        assert exchange.end == "disconnect"
        assert written.startswith(exchange.response.read())
    else:
        assert exchange.reason == "disconnect"


def _mangled(written: bytes, choose: random.Random) -> bytes:
    data = bytearray(written)
    for _ in range(choose.randrange(1, 4)):
        at = choose.randrange(len(data))
        data[at : at + choose.choice([0, 1, 1, 5])] = choose.choice(
            [b"", b"\0", b"\r\n", b"\xff", b": ", b"9" * 20]
        )
        data = data or bytearray(b"\n")
    return bytes(data)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_a_server_writes_is_kept_or_counted(
    seed: int, origin: Any, wire: Wire, say: Any, host: str
) -> None:
    """Damaged messages of every kind: no exception, and no byte that is neither kept nor counted."""
    choose = random.Random(seed)
    written = _mangled(choose.choice([data for data, _ in DELIMITED.values()]), choose)
    origin.say(say(written, after="close"))
    exchange = wire.exchange(f"https://{host}/")
    assert isinstance(exchange, Exchange)
    kept = exchange.response.read()
    assert written.startswith(kept)
    assert len(written) - len(kept) >= exchange.surplus_bytes
    if exchange.end != "complete":
        assert kept == written
    else:
        assert parse_response(kept).complete


class TestSurplus:
    """Bytes after the message's end are counted, never kept, and the connection is not used again."""

    def test_surplus_is_counted_and_the_connection_dropped(
        self, origin: Any, wire: Wire, say: Any, host: str
    ) -> None:
        origin.say(say(sized(BODY) + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), sized(b"second"))
        first, second = (wire.exchange(f"https://{host}/{name}") for name in "ab")
        assert isinstance(first, Exchange)
        assert isinstance(second, Exchange)
        assert first.response.read() == sized(BODY)
        assert first.surplus_bytes == len(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        assert second.response.read() == sized(b"second")
        assert origin.connections == 2

    def test_body_after_204(self, origin: Any, wire: Wire, say: Any, host: str) -> None:
        head = message(b"", status=b"HTTP/1.1 204 No Content")
        origin.say(say(head + b"not here"))
        exchange = wire.exchange(f"https://{host}/")
        assert isinstance(exchange, Exchange)
        assert exchange.response.read() == head
        assert exchange.surplus_bytes == 8

    def test_a_clean_connection_is_used_again(self, origin: Any, wire: Wire, host: str) -> None:
        origin.say(sized(b"one"), message(chunked(b"two"), b"Transfer-Encoding: chunked"), sized(b"three"))
        got = [wire.exchange(f"https://{host}/{index}") for index in range(3)]
        assert origin.connections == 1
        payloads = [parse_response(one.response.read()).payload for one in got if isinstance(one, Exchange)]
        assert payloads == [b"one", b"two", b"three"]
        assert [one.request for one in got] == origin.requests
        assert all(isinstance(one, Exchange) and one.tls and one.peer_ip == "127.0.0.1" for one in got)

    def test_a_message_after_a_rejected_one_uses_a_new_connection(
        self, origin: Any, wire: Wire, host: str
    ) -> None:
        """h11 does not read codings besides chunked; our framer does, and the bytes are kept."""
        origin.say(DELIMITED["a coding besides chunked"][0], sized(b"next"))
        wire.exchange(f"https://{host}/1")
        exchange = wire.exchange(f"https://{host}/2")
        assert isinstance(exchange, Exchange)
        assert exchange.response.read() == sized(b"next")
        assert origin.connections == 2


class TestCaps:
    """Bytes and time are capped; what came before is kept and the reason is named."""

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_length(
        self, framing: str, origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str
    ) -> None:
        body = bytes(range(256)) * 4096
        written = {
            "length": sized(body),
            "chunked": message(chunked(body), b"Transfer-Encoding: chunked"),
            "close": message(body),
        }[framing]
        wire = Wire(mapped(origin, max_response_bytes=100_000, spool_memory_bytes=1000), SystemClock())
        origin.say(say(written, after="close"))
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert exchange.end == "length"
        assert exchange.response.read() == written[:100_000]

    def test_a_response_exactly_at_the_cap_is_complete(
        self, origin: Any, mapped: Callable[..., CaptureOptions], host: str
    ) -> None:
        written = sized(BODY)
        wire = Wire(mapped(origin, max_response_bytes=len(written)), SystemClock())
        origin.say(written)
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert (exchange.end, exchange.response.read()) == ("complete", written)

    def test_a_large_body_is_spooled(
        self, origin: Any, mapped: Callable[..., CaptureOptions], host: str
    ) -> None:
        written = sized(bytes(range(256)) * 8192)
        wire = Wire(mapped(origin, spool_memory_bytes=1000), SystemClock())
        origin.say(written)
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert exchange.response.read() == written

    def test_total_time_ends_a_slow_drip(
        self, origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str, clock: Any
    ) -> None:
        """Each byte comes within the read time-out; the total ends it. The clock moves with each piece."""
        written = sized(BODY)
        wire = Wire(mapped(origin, total_timeout_s=20.0), _Ticking(clock, 3.0))
        origin.say(say(b"", pieces=tuple(written[at : at + 1] for at in range(len(written)))))
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert exchange.end == "time"
        kept = exchange.response.read()
        assert kept
        assert kept != written
        assert written.startswith(kept)

    def test_read_timeout(
        self, origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str
    ) -> None:
        """A server that falls silent in the middle leaves what it sent."""
        wire = Wire(mapped(origin, read_timeout_s=0.2), SystemClock())
        written = message(b"abc", b"Content-Length: 10")
        origin.say(say(written))
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert (exchange.end, exchange.response.read()) == ("time", written)

    def test_garbage_without_an_end(
        self, origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str
    ) -> None:
        """What is no HTTP, on a connection that stays open, is not waited for long; the fault is named."""
        wire = Wire(mapped(origin, read_timeout_s=0.2), SystemClock())
        origin.say(say(b"SMTP ready\r\n"))
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert (exchange.end, exchange.response.read()) == ("protocol", b"SMTP ready\r\n")

    def test_no_room_to_spool(
        self,
        origin: Any,
        mapped: Callable[..., CaptureOptions],
        host: str,
        tmp_path: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A temporary directory that cannot take the body is a storage fault; the wire goes on."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
        wire = Wire(mapped(origin, spool_memory_bytes=100), SystemClock())
        origin.say(sized(BODY), sized(b""))
        with pytest.raises(StorageError, match="TMPDIR"):
            wire.exchange(f"https://{host}/")
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert exchange.end == "complete"

    def test_silence(self, origin: Any, mapped: Callable[..., CaptureOptions], say: Any, host: str) -> None:
        """A server that never answers is a failed attempt, with the request that was sent."""
        wire = Wire(mapped(origin, read_timeout_s=0.2), SystemClock())
        origin.say(say(b""))
        failure = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.retryable) == ("timeout", True)
        assert failure.request == origin.requests[0]


class _Ticking:
    """A clock on which every look at it takes time."""

    def __init__(self, inner: Any, step_s: float) -> None:
        self._inner, self._step_s = inner, step_s

    def now(self) -> Any:
        return self._inner.now()

    def monotonic_s(self) -> float:
        self._inner.advance(self._step_s)
        return float(self._inner.monotonic_s())

    def sleep(self, seconds: float) -> None:
        raise AssertionError("the wire never sleeps")


class TestRefusals:
    """No name leads to a private address; one resolution decides; an unknown CA gets nothing."""

    @pytest.mark.parametrize(
        "address",
        ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1",
         "64:ff9b::7f00:1", "2002:7f00:1::", "198.18.0.5", "100.64.0.1", "0.0.0.0", "224.0.0.1",
         "fe80::1%eth0"],
    )  # fmt: skip
    def test_a_name_that_resolves_to_a_private_address(self, address: str, origin: Any) -> None:
        wire = Wire(CaptureOptions(), SystemClock(), resolver=lambda host, port: (address,))
        failure = wire.exchange(f"https://pages.example.com:{origin.port}/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.request, failure.retryable) == ("peer", None, False)
        assert origin.connections == 0

    def test_a_private_address_in_the_url_itself(self, origin: Any) -> None:
        wire = Wire(CaptureOptions(), SystemClock())
        failure = wire.exchange(f"https://127.0.0.1:{origin.port}/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert failure.reason == "peer"
        assert origin.connections == 0

    def test_rebinding_gets_no_second_resolution(self) -> None:
        """The address that was checked is the one connected to: the name is asked once."""
        asked: list[str] = []

        def rebinding(host: str, port: int) -> tuple[str, ...]:
            asked.append(host)
            # 192.88.99.1 would be refused; a public address first, loopback ever after.
            return ("127.0.0.1",) if len(asked) > 1 else ("1.2.3.4",)

        connector = _NoConnections()
        wire = Wire(
            CaptureOptions(),
            SystemClock(),
            resolver=rebinding,
            connector=connector,
        )
        failure = wire.exchange("https://pages.example.com/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert asked == ["pages.example.com"]
        assert connector.asked == [("1.2.3.4", 443)]

    def test_a_mapping_that_only_changes_the_port_does_not_open_private_addresses(
        self, origin: Any, mapped: Callable[..., CaptureOptions]
    ) -> None:
        options = mapped(origin, connect_to=(_connect_to(f"pages.example.com:443::{origin.port}"),))
        wire = Wire(options, SystemClock(), resolver=lambda host, port: ("127.0.0.1",))
        failure = wire.exchange("https://pages.example.com/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert failure.reason == "peer"

    def test_an_unknown_authority_gets_no_request(
        self, origin: Any, mapped: Callable[..., CaptureOptions], issue: Any, host: str
    ) -> None:
        wire = Wire(mapped(origin, ca_file=issue("stranger").ca_file), SystemClock())
        origin.say(sized(BODY))
        failure = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.request, failure.retryable) == ("tls", None, False)
        assert origin.requests == []

    def test_a_certificate_for_another_name_gets_no_request(self, origin: Any, wire: Wire) -> None:
        failure = wire.exchange("https://not-in-the-certificate.example.com/")
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.request) == ("tls", None)
        assert origin.requests == []

    def test_a_ca_file_that_is_none(self, tmp_path: Any) -> None:
        (tmp_path / "ca.pem").write_text("not a certificate")
        for name in ("ca.pem", "absent.pem"):
            with pytest.raises(UsageError, match="CA file"):
                Wire(CaptureOptions(ca_file=tmp_path / name), SystemClock())

    def test_a_closed_port(self, mapped: Callable[..., CaptureOptions], origin: Any, host: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = mapped(origin, connect_to=(_connect_to(f"::127.0.0.1:{port}"),))
        wire = Wire(options, SystemClock())
        failure = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.retryable, failure.request) == ("refused", True, None)

    @pytest.mark.parametrize(("errno", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
    def test_an_unknown_host(self, errno: int, retryable: bool) -> None:
        def resolver(host: str, port: int) -> tuple[str, ...]:
            raise socket.gaierror(errno, "no such name")

        wire = Wire(CaptureOptions(), SystemClock(), resolver=resolver)
        failure = wire.exchange("https://nowhere.example.com/")
        wire.close()
        assert isinstance(failure, FailedAttempt)
        assert (failure.reason, failure.retryable) == ("dns", retryable)


class _NoConnections:
    """A network that refuses every connection and keeps which were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *rest: Any) -> Any:
        self.asked.append((host, port))
        raise ConnectionRefusedError("refused")


def _connect_to(text: str) -> Any:
    from harvester.capture.options import ConnectTo

    return ConnectTo.parse(text)


class TestRequest:
    """What is sent is exactly what we mean to send."""

    def test_fields_and_target(self, origin: Any, wire: Wire, host: str) -> None:
        origin.say(sized(b""))
        wire.exchange(
            f"https://{host}/./a%7Eb~c/'(x)?q=%E4%B8%AD|&b=[1]&c", referer="https://mp.example.com/"
        )
        lines = origin.requests[0].split(b"\r\n")
        assert lines[0] == b"GET /./a%7Eb~c/'(x)?q=%E4%B8%AD|&b=[1]&c HTTP/1.1"
        assert lines[1] == b"Host: " + host.encode()
        assert b"Referer: https://mp.example.com/" in lines
        assert b"Accept-Encoding: identity" in lines
        names = [line.partition(b":")[0].lower() for line in lines[1:-2]]
        assert len(names) == len(set(names))
        assert not {b"cookie", b"authorization", b"connection"} & set(names)
        agent = next(line for line in lines if line.startswith(b"User-Agent: "))
        assert agent.startswith(b"User-Agent: Mozilla/5.0 (compatible; Harvester/")

    def test_cookies_are_never_returned(self, origin: Any, wire: Wire, host: str) -> None:
        origin.say(sized(b"", b"Set-Cookie: id=7; Path=/; Secure"), sized(b""))
        wire.exchange(f"https://{host}/")
        wire.exchange(f"https://{host}/")
        assert len(origin.requests) == 2
        assert b"cookie" not in b"".join(origin.requests).lower()

    def test_the_environment_is_not_trusted(
        self, origin: Any, mapped: Callable[..., CaptureOptions], host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        wire = Wire(mapped(origin), SystemClock())
        origin.say(sized(b"here"))
        exchange = wire.exchange(f"https://{host}/")
        wire.close()
        assert isinstance(exchange, Exchange)
        assert exchange.end == "complete"
