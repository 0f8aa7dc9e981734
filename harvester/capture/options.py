"""What a capture may do and cost: frozen, validated, with units in the names."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harvester._version import __version__
from harvester.errors import UsageError
from harvester.urls import normal_host

_PORT: Final = re.compile(r"[0-9]{1,5}")
_MAX_PORT: Final = 65535
_READABLE_CODINGS: Final = frozenset({"identity", "gzip", "deflate", "br", "zstd"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9-]+")
_VISIBLE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def stands_in_header(text: str) -> bool:
    """Tell whether a text is what a request header may hold: visible ASCII, and blanks within it."""
    return _VISIBLE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """One `--connect-to`: connections meant for host:port go to address:target_port instead.

    As with curl, None (an empty part) in `host` or `port` matches any, and in `address` or
    `target_port` keeps the request's own. TLS still verifies the name in the URL.
    """

    host: str | None
    port: int | None
    address: str | None
    target_port: int | None

    @staticmethod
    def parse(text: str) -> ConnectTo:
        """Read `HOST:PORT:ADDR:PORT`; IPv6 addresses stand in brackets. Raises `UsageError`."""
        parts = _split_outside_brackets(text)
        if len(parts) != 4:  # noqa: PLR2004 -- the four parts of the form
            raise UsageError(f"--connect-to {text!r} is not of the form HOST:PORT:ADDR:PORT")
        host, port, address, target_port = parts
        return ConnectTo(
            normal_host(host) if host else None,
            _port(port, text),
            normal_host(address) if address else None,
            _port(target_port, text),
        )

    def matches(self, host: str, port: int) -> bool:
        return self.host in {None, host} and self.port in {None, port}

    @property
    def is_loopback(self) -> bool:
        """Whether the mapping leads to this machine, judged by the address as written."""
        if self.address == "localhost":
            return True
        try:
            return self.address is not None and ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        parts = (self.host, self.port, self.address, self.target_port)
        shown = ("" if part is None else str(part) for part in parts)
        return ":".join(f"[{part}]" if ":" in part else part for part in shown)


def _split_outside_brackets(text: str) -> list[str]:
    parts = re.findall(r"(\[[^\]]*\]|[^:\[\]]*)(:|$)", text)
    joined = "".join(value + colon for value, colon in parts)
    # findall also reports the empty match at the end of the text, unless a colon ends it.
    values = [value for value, _ in parts]
    if len(values) > 1 and parts[-1] == ("", "") and parts[-2][1] == "":
        values.pop()
    return values if joined == text else []


def _port(text: str, whole: str) -> int | None:
    if not text:
        return None
    if not _PORT.fullmatch(text) or not 1 <= int(text) <= _MAX_PORT:
        raise UsageError(f"--connect-to {whole!r}: {text!r} is not a port (1 to {_MAX_PORT})")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """Limits and manners of a capture.

    `max_response_bytes` caps one response block (head and body as received); `total_timeout_s` one
    exchange from connecting to the last byte; `connect_timeout_s` the TCP connection and, again, the
    TLS handshake; `read_timeout_s` each wait for bytes. `attempts` counts the first one too.
    `retry_after_cap_s` is the longest `Retry-After` that is waited for; a longer one ends the attempts.
    The breaker's cool-down starts at `cool_down_s` and doubles with each new trip up to
    `cool_down_cap_s`. `contact` (an address or URL; None: nobody
    is named) goes into the User-Agent. `conditional` sends the validators of a good earlier capture with
    the request (`If-None-Match`, `If-Modified-Since`), so that what has not changed is not sent again.
    """

    allow_hosts: tuple[str, ...] = ()
    connect_to: tuple[ConnectTo, ...] = ()
    ca_file: Path | None = None
    contact: str | None = None
    accept_encoding: str = "identity"
    max_response_bytes: int = 64 * 1024 * 1024
    spool_memory_bytes: int = 4 * 1024 * 1024
    total_timeout_s: float = 120.0
    connect_timeout_s: float = 15.0
    read_timeout_s: float = 30.0
    max_redirects: int = 10
    attempts: int = 3
    retry_first_wait_s: float = 2.0
    retry_wait_cap_s: float = 60.0
    retry_after_cap_s: float = 120.0
    page_interval_s: float = 5.0
    asset_interval_s: float = 0.5
    daily_pages: int = 5000
    conditional: bool = True
    jitter_fraction: float = 0.5
    cool_down_s: float = 2 * 3600.0
    cool_down_cap_s: float = 48 * 3600.0
    extra_headers: tuple[tuple[str, str], ...] = field(
        default=(
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.5"),
        )
    )

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} must be more than 0")
        for name in _NOT_NEGATIVE:
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name} must not be negative")
        if self.page_interval_s < MIN_PAGE_INTERVAL_S:
            raise UsageError(f"page_interval_s must be at least {MIN_PAGE_INTERVAL_S} seconds")
        self._check_headers()
        # Hosts are kept in the one normal form that the guard compares.
        object.__setattr__(self, "allow_hosts", tuple(normal_host(host) for host in self.allow_hosts))

    def _check_headers(self) -> None:
        for value in (
            "none" if self.contact is None else self.contact,
            self.accept_encoding,
            *(text for pair in self.extra_headers for text in pair),
        ):
            if not stands_in_header(value):
                raise UsageError(f"{value!r} cannot stand in a request header")
        unread = {
            part.split(";")[0].strip().lower() for part in self.accept_encoding.split(",")
        } - _READABLE_CODINGS
        if unread:
            raise UsageError(f"accept_encoding names a coding that is not read: {', '.join(sorted(unread))}")
        for name, _ in self.extra_headers:
            if name.lower() in _FORBIDDEN_HEADERS or not _TOKEN.fullmatch(name):
                raise UsageError(f"the request header {name} is never sent")

    @property
    def user_agent(self) -> str:
        contact = f"; +{self.contact}" if self.contact else ""
        return f"Mozilla/5.0 (compatible; Harvester/{__version__}{contact})"

    def mapping(self, host: str, port: int) -> ConnectTo | None:
        """Return the first `--connect-to` that applies to host:port, as curl does; None if none does."""
        return next((entry for entry in self.connect_to if entry.matches(host, port)), None)


MIN_PAGE_INTERVAL_S: Final = 5.0
"""The floor promised to publishers; only a host mapped to this machine is exempt from it."""
_POSITIVE: Final = (
    "max_response_bytes", "spool_memory_bytes", "total_timeout_s", "connect_timeout_s", "read_timeout_s",
    "attempts", "daily_pages", "retry_first_wait_s", "cool_down_s", "cool_down_cap_s",
)  # fmt: skip
_NOT_NEGATIVE: Final = (
    "max_redirects", "retry_wait_cap_s", "retry_after_cap_s", "asset_interval_s", "jitter_fraction",
)  # fmt: skip
_FORBIDDEN_HEADERS: Final = frozenset(
    {"cookie", "authorization", "proxy-authorization", "host", "connection", "user-agent", "accept-encoding",
     "referer", "content-length", "transfer-encoding", "expect", "upgrade", "if-none-match", "if-match",
     "if-modified-since", "if-unmodified-since", "if-range", "range"}
)  # fmt: skip
