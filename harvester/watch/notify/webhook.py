"""Events posted to an address, signed as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com).

The standard library's client serves: what is posted is no evidence, so it must not go through the recording
client (`harvester.capture`), whose guard would also refuse the operator's own network.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from archive.words import counted
from harvester.watch.notify.notice import Notice

if TYPE_CHECKING:
    import ssl

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = range(24, 65)
_ALONE: Final = frozenset({400, 413, 414, 422})
"""Statuses that speak of the one request: what else waits for the receiver need not wait for it."""
_GOOD: Final = range(200, 300)
_MOVED: Final = range(300, 400)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a delivery: `error` is None where it was made, else a sentence's end.

    `alone` tells that only this event is refused; `after_s` for how long the receiver asks to be left alone.
    """

    error: str | None = None
    alone: bool = False
    after_s: float | None = None


def secrets_of(text: str) -> tuple[bytes, ...]:
    """Return the keys in a variable's value: each `whsec_` and base64, or base64 alone, separated by blanks.

    Raises `ValueError`, in words that repeat nothing of it.
    """
    keys = []
    for part in text.split():
        try:
            key = base64.b64decode(part.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("holds no base64; `openssl rand -base64 32` makes a secret") from None
        if len(key) not in _SECRET_BYTES:
            raise ValueError(f"holds a secret of {counted(len(key), 'byte')}; 24 to 64 are right")
        keys.append(key)
    if not keys:
        raise ValueError("holds no secret; `openssl rand -base64 32` makes one")
    return tuple(keys)


def body_of(notice: Notice) -> bytes:
    """Return what is posted: type, time and the event."""
    value = {"type": f"article.{notice.kind.replace('-', '_')}", "timestamp": notice.at, "data": notice}
    return msgspec.json.encode(value)


def signed_headers(notice_id: str, at_s: int, body: bytes, keys: tuple[bytes, ...]) -> dict[str, str]:
    """Return the headers that prove who sends this body, and when."""
    content = f"{notice_id}.{at_s}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def post(
    url: str, body: bytes, headers: dict[str, str], *, timeout_s: float, ca_file: Path | None, now: datetime
) -> Answer:
    """Post once; success is a status of 2xx within the time. No redirect is followed."""
    return _within(timeout_s, lambda: _posted(url, body, headers, timeout_s, ca_file, now))


def _posted(
    url: str, body: bytes, headers: dict[str, str], timeout_s: float, ca_file: Path | None, now: datetime
) -> Answer:
    import http.client  # noqa: PLC0415 - only where there is something to post
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    from harvester.capture.retry import seconds_asked  # noqa: PLC0415 - brings the recording client

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        handlers = (NoRedirects, urllib.request.HTTPSHandler(context=_context(ca_file)))
        opener = urllib.request.build_opener(*handlers)
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310
        with opener.open(request, timeout=timeout_s) as response:
            status, after = response.status, None
    except urllib.error.HTTPError as error:
        status, after = error.code, error.headers.get("Retry-After")
        error.close()
    except urllib.error.URLError as error:
        return Answer(error=f"no answer: {error.reason}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(error=f"no answer: {type(error).__name__}: {error}")
    if status in _GOOD:
        return Answer()
    words = "a redirect, which is not followed: correct the address" if status in _MOVED else "refused"
    return Answer(
        error=f"status {status} ({words})", alone=status in _ALONE, after_s=seconds_asked(after, now)
    )


def _context(ca_file: Path | None) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - only where there is something to post

    from harvester.capture.tls import context_trusting  # noqa: PLC0415 - brings the recording client

    return context_trusting(ca_file) if ca_file else ssl.create_default_context()


def _within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """Return what `work` returns, or, after so many seconds, that it took too long.

    A time-out of sockets is for each of their steps: one that drips, or a name server that is silent, would
    hold us for long. A thread that is left behind ends with its own socket or with the process.
    """
    answers: list[Answer] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:  # noqa: BLE001 - nothing of a receiver may stop a run
            answers.append(Answer(error=f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=run, name="webhook", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else Answer(error=f"no answer within {seconds:g} s")
