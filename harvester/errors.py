"""Errors of fetching and understanding pages. The whole tree is drawn in `archive.errors`."""

from __future__ import annotations

from archive.errors import (
    CodingError,
    DefectError,
    GiveUpError,
    HarvesterError,
    HttpMessageError,
    IntegrityError,
    LockedError,
    NewerFormatError,
    NotAnArchiveError,
    RetryError,
    StorageError,
    UnresolvedRevisitError,
    UsageError,
    WarcError,
)

__all__ = [
    "BlockedError",
    "CodingError",
    "DefectError",
    "FetchError",
    "GiveUpError",
    "HarvesterError",
    "HostileInputError",
    "HttpMessageError",
    "IntegrityError",
    "LockedError",
    "NewerFormatError",
    "NotAnArchiveError",
    "RefusedError",
    "RetryError",
    "StorageError",
    "TooSlowError",
    "UnresolvedRevisitError",
    "UsageError",
    "WarcError",
]


class FetchError(RetryError):
    """The exchange did not come about or was cut: name not found, refused, time-out, TLS failure.

    `url` is the request's target; `reason` a short stable code (`dns`, `refused`, `timeout`, `tls`,
    `disconnect`, `protocol`).
    """

    def __init__(self, message: str, *, url: str, reason: str) -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason


class RefusedError(GiveUpError):
    """Our own guard forbids the request: a host that is not allowed, a private peer address.

    `reason` is a short stable code: `host`, `peer`, `scheme`, `redirects`.
    """

    def __init__(self, message: str, *, url: str, reason: str) -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason


class HostileInputError(GiveUpError):
    """A page that cannot be read within the limits of size, depth, memory or time."""


class TooSlowError(HostileInputError):
    """A page whose trial did not end in time: the machine's load may have a part in it, so it may be read
    by another run.
    """


class BlockedError(HarvesterError):
    """The publisher demanded verification or throttled; the host is left alone until `until`."""

    exit_code = 3

    def __init__(self, message: str, *, host: str, until: float | None = None) -> None:
        super().__init__(message)
        self.host = host
        self.until = until
