"""The network, and the only module that imports httpx and httpcore.

A network backend beneath `httpx.HTTPTransport` resolves the name, checks the address, connects to
that very address, and records every byte after TLS. The transport is called directly, without
`httpx.Client`: so there is no cookie jar, no authentication, no redirect, no environment proxy to turn
off. httpx and h11 write the request and pull the bytes; what the response *is* our own framer decides,
so a response that h11 rejects is still kept to its end.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

import httpcore
import httpx

from harvester.capture.exchange import Exchange, FailedAttempt, Tls
from harvester.capture.guard import permitted_addresses
from harvester.capture.options import CaptureOptions
from harvester.capture.recorder import CutError, Recorder
from harvester.capture.tls import context_trusting, tls_of
from harvester.clock import Clock
from harvester.errors import RefusedError, StorageError
from harvester.urls import normal_host

Resolver = Callable[[str, int], Sequence[str]]
"""Name and port in, IP addresses out, best first; raises `OSError` (as `socket.gaierror`)."""


class Connector(Protocol):
    """Opens TCP connections to addresses; `httpcore.SyncBackend` is one."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an IP address; raises `OSError` or httpcore's `ConnectError`, `ConnectTimeout`."""
        ...


_Headers = tuple[tuple[str, str], ...]
_READ_BYTES: Final = 64 * 1024
_MAX_ADDRESSES: Final = 4
_KEEP_ALIVE_S: Final = 30.0
_AFTER_FAULT_S: Final = 5.0  # how long the rest of a message is awaited whose end cannot be known

# At DEBUG level httpcore logs response heads, and a Location may carry a session's secrets.
logging.getLogger("httpcore").setLevel(logging.WARNING)


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Ask the system's resolver; addresses in its order, each once."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


class _FailureError(Exception):
    """No exchange came about. `reason` is a code of `FailedAttempt`."""

    def __init__(self, reason: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.retryable = retryable


class _Peer(NamedTuple):
    ip: str
    port: int
    mapped: bool


class Wire:
    """Sends one GET at a time and records it. Thread-safe: callers wait for each other."""

    def __init__(
        self,
        options: CaptureOptions,
        clock: Clock,
        *,
        resolver: Resolver = system_resolver,
        connector: Connector | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._backend = _Backend(options, resolver, connector or httpcore.SyncBackend())
        context = _context(options.ca_file)
        self._transport = httpx.HTTPTransport(verify=context, trust_env=False, http1=True, http2=False)
        # httpx has no public way to hand its transport a network backend; the version is pinned.
        self._transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 -- see above
            ssl_context=context,
            max_connections=8,
            max_keepalive_connections=4,
            keepalive_expiry=_KEEP_ALIVE_S,
            network_backend=self._backend,
        )

    def exchange(
        self,
        url: str,
        *,
        referer: str | None = None,
        redirected_from: tuple[str, ...] = (),
        conditions: _Headers = (),
    ) -> Exchange | FailedAttempt:
        """Send one GET for a URL in the form of `harvester.urls.for_request`, under these conditions if any.

        Whatever the network does comes back as a value; raises only `StorageError` (no room to spool).
        """
        with self._lock:
            started = self._clock.now()
            recorder = Recorder(
                clock=self._clock,
                method="GET",
                max_bytes=self._options.max_response_bytes,
                memory_bytes=self._options.spool_memory_bytes,
                total_timeout_s=self._options.total_timeout_s,
            )
            further = (*((("Referer", referer),) if referer else ()), *conditions)
            try:
                failure = self._run(url, further, recorder)
            except StorageError:
                recorder.discard()
                raise
            if recorder.received_bytes:
                return self._exchange(url, recorder, redirected_from, started)
            recorder.discard()
            failure = failure or _nothing_received(recorder, url)
            return FailedAttempt(
                url=url,
                request=bytes(recorder.request) or None,
                reason=failure.reason,
                message=str(failure),
                started=started,
                ended=self._clock.now(),
                peer_ip=recorder.peer[0] if recorder.peer else None,
                retryable=failure.retryable,
                redirected_from=redirected_from,
            )

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _exchange(self, url: str, recorder: Recorder, chain: tuple[str, ...], started: datetime) -> Exchange:
        framer = recorder.framer
        ip, port = recorder.peer or (None, None)
        return Exchange(
            url=url,
            method="GET",
            request=bytes(recorder.request),
            response=recorder.block(),
            head=framer.head,
            framing=framer.framing,
            end=recorder.end,
            problems=framer.problems,
            surplus_bytes=recorder.surplus_bytes,
            peer_ip=ip,
            peer_port=port,
            tls=recorder.tls,
            started=started,
            ended=self._clock.now(),
            redirected_from=chain,
            mapped=recorder.mapped,
        )

    def _run(self, url: str, further: _Headers, recorder: Recorder) -> _FailureError | None:
        self._backend.begin(recorder)
        keep = False
        try:
            failure = self._failure_of_pull(url, further, recorder)
            self._backend.read_to_end()
            keep = True
        finally:
            self._backend.finish(keep=keep)
        return failure

    def _failure_of_pull(self, url: str, further: _Headers, recorder: Recorder) -> _FailureError | None:
        """Pull the exchange through httpx; return why it failed, None where the recorder knows all."""
        try:
            self._pull(url, further)
        except _FailureError as error:
            return error
        except RefusedError as error:
            return _FailureError("peer", str(error), retryable=False)
        except CutError:
            return None
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 -- the bytes count, whatever a library thinks of them
            # Where the stream has ended, that is the reason, and the error only follows from it.
            if not recorder.finished:
                return _FailureError("protocol", f"{urlsplit(url).hostname}: {error}", retryable=False)
        return None

    def _pull(self, url: str, further: _Headers) -> None:
        options, parts = self._options, urlsplit(url)
        headers = [
            ("Host", parts.netloc),
            ("User-Agent", options.user_agent),
            *options.extra_headers,
            ("Accept-Encoding", options.accept_encoding),
            *further,
        ]
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        timeouts = {
            "connect": options.connect_timeout_s,
            "read": options.read_timeout_s,
            "write": options.read_timeout_s,
            "pool": options.total_timeout_s,
        }
        # The target goes as it stands: httpx would quote it once more by its own rules.
        extensions = {"timeout": timeouts, "target": target.encode("ascii")}
        request = httpx.Request("GET", url, headers=headers, extensions=extensions)
        response = self._transport.handle_request(request)
        try:
            for _ in response.iter_raw():
                pass
        finally:
            response.close()


class _Backend(httpcore.NetworkBackend):
    """Resolves, checks, connects, and hands httpcore streams that record into the current exchange."""

    def __init__(self, options: CaptureOptions, resolver: Resolver, connector: Connector) -> None:
        self._options = options
        self._resolver = resolver
        self._connector = connector
        self.recorder: Recorder | None = None
        self.stream: _Stream | None = None

    def begin(self, recorder: Recorder) -> None:
        self.recorder, self.stream = recorder, None

    def current(self) -> Recorder:
        if self.recorder is None:
            raise RuntimeError("bytes moved outside an exchange")
        return self.recorder

    def read_to_end(self) -> None:
        """Read what httpx left unread, up to the message's end, a cap or the end of the stream."""
        recorder, stream = self.current(), self.stream
        if stream is None or not recorder.received_bytes:
            return
        if recorder.framer.problem is not None:
            recorder.shorten(_AFTER_FAULT_S)
        with contextlib.suppress(CutError):
            while not recorder.finished:
                stream.read(_READ_BYTES, self._options.read_timeout_s)

    def finish(self, *, keep: bool) -> None:
        """End the exchange; keep the connection only if nothing is left on it."""
        stream, recorder = self.stream, self.recorder
        self.recorder = self.stream = None
        if stream is None or recorder is None:
            return
        recorder.surplus_bytes += stream.leftover()
        clean = recorder.framer.complete and recorder.framer.framing != "close" and not recorder.surplus_bytes
        stream.release(keep=keep and clean)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        recorder = self.current()
        name = normal_host(host)
        mapping = self._options.mapping(name, port)
        target = (mapping.address if mapping else None) or name
        target_port = (mapping.target_port if mapping else None) or port
        addresses = self._resolve(target, target_port)
        if mapping is None or mapping.address is None:
            addresses = permitted_addresses(addresses, host=name, url=f"//{name}:{port}")
        last: Exception | None = None
        for address in addresses[:_MAX_ADDRESSES]:
            recorder.peer = (address, target_port)
            try:
                inner = self._connector.connect_tcp(
                    address, target_port, recorder.time_left_s(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
                last = error
                continue
            peer = _Peer(address, target_port, mapped=mapping is not None)
            return _Stream(inner, self, peer, None)
        if isinstance(last, httpcore.ConnectTimeout):
            raise _FailureError("timeout", f"{name}: connecting took too long", retryable=True)
        raise _FailureError("refused", f"{name}: the connection failed: {last}", retryable=True)

    def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        try:
            addresses = tuple(self._resolver(host, port))
        except (OSError, UnicodeError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise _FailureError(
                "dns", f"{host}: the name cannot be resolved: {error}", retryable=passing
            ) from error
        if not addresses:
            raise _FailureError("dns", f"{host}: the name has no address", retryable=False)
        return addresses


class _Stream(httpcore.NetworkStream):
    """A connection that records. httpcore's wish to close waits until the exchange is finished."""

    def __init__(
        self, inner: httpcore.NetworkStream, backend: _Backend, peer: _Peer, tls: Tls | None
    ) -> None:
        self._inner = inner
        self._backend = backend
        self._peer = peer
        self._tls = tls
        self._close_wanted = False
        self._closed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        recorder = self._backend.current()
        if recorder.finished:
            return b""
        try:
            data = self._inner.read(max_bytes, recorder.time_left_s(timeout))
        except httpcore.ReadTimeout as error:
            raise recorder.timed_out() from error
        except httpcore.ReadError as error:
            raise recorder.disconnected() from error
        if not data:
            recorder.eof()
            return b""
        return recorder.take(data)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        recorder = self._backend.current()
        self._backend.stream = self
        recorder.peer, recorder.tls, recorder.mapped = (
            (self._peer.ip, self._peer.port),
            self._tls,
            self._peer.mapped,
        )
        try:
            self._inner.write(buffer, recorder.time_left_s(timeout))
        except httpcore.WriteTimeout as error:
            raise recorder.timed_out() from error
        recorder.request += buffer

    def close(self) -> None:
        if self._backend.stream is self:
            self._close_wanted = True
        else:
            self._close_now()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        recorder = self._backend.current()
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, recorder.time_left_s(timeout))
        except CutError:
            self._close_now()
            raise
        except httpcore.ConnectTimeout as error:
            raise _FailureError(
                "timeout", f"{server_hostname}: the TLS handshake took too long", retryable=True
            ) from error
        except httpcore.ConnectError as error:
            verdict = isinstance(error.__cause__, ssl.SSLError)
            message = f"{server_hostname}: no secure connection: {error}"
            raise _FailureError("tls", message, retryable=not verdict) from error
        return _Stream(inner, self._backend, self._peer, tls_of(inner.get_extra_info("socket")))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._closed or self._readable()
        return self._inner.get_extra_info(info)

    def leftover(self) -> int:
        """Count what has already arrived beyond the message's end; such a connection is not kept."""
        if self._closed or not self._readable():
            return 0
        self._close_wanted = True
        try:
            return len(self._inner.read(_READ_BYTES, 0.0))
        except (httpcore.ReadError, httpcore.ReadTimeout):
            return 0

    def release(self, *, keep: bool) -> None:
        if self._close_wanted or not keep:
            self._close_now()

    def _readable(self) -> bool:
        sock = self._inner.get_extra_info("socket")
        waiting = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        return waiting or bool(self._inner.get_extra_info("is_readable"))

    def _close_now(self) -> None:
        if not self._closed:
            self._closed = True
            self._inner.close()


def _nothing_received(recorder: Recorder, url: str) -> _FailureError:
    host = urlsplit(url).hostname
    if recorder.cut == "time":
        return _FailureError("timeout", f"{host}: no answer in time", retryable=True)
    return _FailureError("disconnect", f"{host}: the connection was closed without an answer", retryable=True)


def _context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a verifying context: the CA file alone if one is given (as curl does), else httpx's roots."""
    if ca_file is not None:
        return context_trusting(ca_file)
    return httpx.create_ssl_context(verify=True, trust_env=False)
