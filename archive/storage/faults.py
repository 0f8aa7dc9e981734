"""What goes wrong at a distance: which faults pass, how often they are waited out, and the words for all.

The clients below fsspec raise errors of their own families (botocore's, aiohttp's); here each becomes
an `OSError` with words, as a local disk's fault is one, so that readers need to know nothing of stores.
"""

from __future__ import annotations

import asyncio
import errno
import functools
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

import tenacity

from archive.errors import HarvesterError

ATTEMPTS: Final = 5
FIRST_WAIT_S: Final = 0.2
MAX_WAIT_S: Final = 20.0

_LASTING: Final = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EINVAL, errno.EISDIR, errno.ENOTDIR, errno.EROFS}
)
NO_RANGES: Final = "its server does not say how large it is, or takes no ranged requests: download it first"
_CREDENTIALS: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"})
_REFUSED: Final = frozenset({401, 403})
"""HTTP statuses, as a web server's client has them on its errors."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Named(Protocol):
    """What is asked for, for messages."""

    @property
    def url(self) -> str: ...


_N = TypeVar("_N", bound=Named)


class StoreError(OSError):
    """A fault of a store, with its words; `lasting` if another attempt will not help."""

    def __init__(self, number: int, words: str, *, lasting: bool) -> None:
        super().__init__(number, words)
        self.words = words
        self.lasting = lasting


class MissingError(StoreError, FileNotFoundError):
    """What is asked for is not there, said as a disk would say it."""


class DeniedError(StoreError, PermissionError):
    """A store refuses what is asked. S3 does so, too, for what is not there where it may not be listed."""


def store_error(error: Exception) -> StoreError:
    """Return any client's error as one of ours, in words with the cure."""
    if isinstance(error, StoreError):
        return error
    if type(error).__name__ in _CREDENTIALS:
        words = "no credentials for this store: set them in the environment or in its client's configuration"
        return DeniedError(errno.EACCES, words, lasting=True)
    if isinstance(error, PermissionError) or getattr(error, "status", None) in _REFUSED:
        words = f"the store refuses it ({_said(error)}): see that the credentials may do this there"
        return DeniedError(errno.EACCES, words, lasting=True)
    if isinstance(error, FileNotFoundError):
        return MissingError(errno.ENOENT, _missing(error), lasting=True)
    return _other_error(error)


def _other_error(error: Exception) -> StoreError:
    if isinstance(error, ValueError) and "range" in str(error):  # as the web's client says it
        return StoreError(errno.ESPIPE, NO_RANGES, lasting=True)
    if isinstance(error, NotImplementedError):
        return StoreError(errno.EROFS, "this kind of store can only be read from here", lasting=True)
    if isinstance(error, OSError) and error.errno in _LASTING:
        return StoreError(error.errno or errno.EIO, _said(error), lasting=True)
    return StoreError(errno.EIO, f"the store does not answer as it should ({_said(error)})", lasting=False)


def _missing(error: FileNotFoundError) -> str:
    if "bucket" in str(error).lower():
        return "there is no such bucket: check its name, or make it first"
    return "it is not there"


def _said(error: Exception) -> str:
    """Return what the client said, in one line of bounded length."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = " ".join(text.split())[:300]
    return words or type(error).__name__


def _passing(error: BaseException) -> bool:
    return isinstance(error, StoreError) and not error.lasting


def patient(
    call: Callable[Concatenate[_N, _P], _T],
) -> Callable[Concatenate[_N, _P], _T]:
    """Make a method try again while its fault is a passing one, with back-off and jitter."""

    @functools.wraps(call)
    def tried(self: _N, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passing),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential_jitter(
                max=MAX_WAIT_S, jitter=FIRST_WAIT_S, multiplier=FIRST_WAIT_S
            ),
            reraise=True,
        )
        result: _T = retrying(_once, call, self, *args, **kwargs)
        return result

    return tried


def _once(call: Callable[..., _T], asked: Named, *args: object, **kwargs: object) -> _T:
    try:
        return call(asked, *args, **kwargs)
    except (HarvesterError, asyncio.CancelledError):
        raise
    except Exception as error:
        told = store_error(error)
        told.filename = told.filename or asked.url
        raise told from error
