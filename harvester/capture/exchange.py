"""What a capture leaves: exchanges, failed attempts, and the visit that holds them. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.http1 import Framing, Head
from archive.record import Block
from harvester.errors import HarvesterError

End = Literal["complete", "length", "time", "disconnect", "protocol"]
"""Why reading ended: the message's own end; our cap on bytes; our cap on time; the peer closed or broke
off; the message breaks HTTP so that its end cannot be known."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The secured connection. `chain` holds DER certificates as presented, the peer's own first; only
    that one before Python 3.13, which is the first to give the rest.
    """

    version: str
    cipher: str
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the response it got, byte for byte as they crossed the connection after TLS.

    `response` starts at the status line (or the first 1xx) and ends at the message's end, or where
    reading ended. `head` is the final head, None if it cannot be read; `problems` the codes of
    `archive.http1.Framer`. `surplus_bytes` counts bytes received after the message's end, which are not
    kept. Times are ours, UTC. `redirected_from` holds the earlier URLs of the chain, first first.
    `mapped` says that `--connect-to` chose the address.
    """

    url: str
    method: str
    request: bytes
    response: Block
    head: Head | None
    framing: Framing
    end: End
    problems: tuple[str, ...]
    surplus_bytes: int
    peer_ip: str | None
    peer_port: int | None
    tls: Tls | None
    started: datetime
    ended: datetime
    redirected_from: tuple[str, ...] = ()
    mapped: bool = False

    @property
    def status(self) -> int | None:
        return self.head.status if self.head else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedAttempt:
    """An attempt that brought no byte of a response.

    `reason` is the code of the `FetchError` or `RefusedError`: `dns`, `refused`, `unreachable`,
    `timeout`, `tls`, `disconnect`, `protocol`, `peer`. `request` holds what was sent, None if nothing.
    `retryable` says whether another attempt might do better.
    """

    url: str
    request: bytes | None
    reason: str
    message: str
    started: datetime
    ended: datetime
    peer_ip: str | None
    retryable: bool = False
    redirected_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """All that happened for one URL, in order of time.

    `exchanges` holds the redirect chain and, between, answers that were tried again (5xx, 429, cut
    off); the last one is the answer. `error` says why there is no page, None if there is one.
    `blocked` is `verification` or `rate_limited` (names of page states) if the publisher stopped us.
    `warnings` are sentences for the user.
    """

    url: str
    exchanges: tuple[Exchange, ...] = ()
    failures: tuple[FailedAttempt, ...] = ()
    error: HarvesterError | None = None
    blocked: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def final(self) -> Exchange | None:
        """The exchange that answered last, None if there was no answer."""
        return self.exchanges[-1] if self.exchanges else None
