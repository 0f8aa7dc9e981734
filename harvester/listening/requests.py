"""What a request to the door means: whether it may come in, and which links it brings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from harvester.errors import UsageError
from harvester.listening.token import is_token
from harvester.watch.sources import Link

MAX_BODY_BYTES: Final = 64 << 10
MAX_LINKS: Final = 100
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SAME: Final = frozenset({"same-origin", "none"})
_BEARER: Final = "Bearer "
_MAX_FIELDS: Final = 20
Headers = Message


class RefusedError(Exception):
    """A request that is not answered as it wishes: with which status, and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Sent(msgspec.Struct, frozen=True):
    """A link that was sent, and its title where it has one."""

    url: str
    title: str | None = None


def check_path(path: str, served: str) -> None:
    """Raise `RefusedError` for another path than the one that is served."""
    if path != served:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"nothing is here; there is {served}")


def check_host(headers: Headers, names: frozenset[str]) -> None:
    """Raise `RefusedError` for a request that was meant for another name: DNS rebinding sends such."""
    host = _hostname(f"//{headers.get('Host', '')}")
    if host not in LOOPBACK | names:
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            "this name is not served here: give it with --name if it is a tunnel of yours",
        )


def check_origin(headers: Headers, names: frozenset[str]) -> None:
    """Raise `RefusedError` for what another site's page sends."""
    origin = headers.get("Origin")
    if origin is not None and (origin == "null" or _hostname(origin) not in LOOPBACK | names):
        raise RefusedError(HTTPStatus.FORBIDDEN, "pages of other sites may not send anything here")
    if headers.get("Sec-Fetch-Site", "none") not in _SAME:
        raise RefusedError(HTTPStatus.FORBIDDEN, "pages of other sites may not send anything here")


def check_token(headers: Headers, token: str) -> None:
    """Raise `RefusedError` for a request without the token."""
    given = headers.get("Authorization", "")
    if not given.startswith(_BEARER) or not is_token(given.removeprefix(_BEARER).strip(), token):
        raise RefusedError(HTTPStatus.UNAUTHORIZED, "the token is missing or wrong")


def body_length(headers: Headers) -> int:
    """Return how long the body is. Raises `RefusedError` for one of unknown or too great length."""
    length = headers.get("Content-Length")
    if "Transfer-Encoding" in headers or length is None:
        raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "say how long the body is (Content-Length)")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Content-Length is no number")
    if len(length) > len(str(MAX_BODY_BYTES)) or int(length) > MAX_BODY_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_BODY_BYTES >> 10} KiB")
    return int(length)


def whole(body: bytes, length: int) -> bytes:
    """Return a body that came whole. Raises `RefusedError` for one that was cut."""
    if len(body) != length:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body was cut")
    return body


def links_of(body: bytes, content_type: str) -> Sequence[Link]:
    """Return the links of a body: JSON or a form with `url` and `title`, or any text with links in it.

    Raises `RefusedError`.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            sent = msgspec.json.decode(body, type=Sent)
        except (msgspec.DecodeError, ValueError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, 'send {"url": "https://…"} as JSON') from error
        return [Link(sent.url, sent.title)]
    if kind == "application/x-www-form-urlencoded":
        try:
            fields = parse_qs(body.decode(), max_num_fields=_MAX_FIELDS)
        except (UnicodeDecodeError, ValueError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "send url=… as a form") from error
        if not fields.get("url"):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "the form has no url")
        return [Link(fields["url"][0], next(iter(fields.get("title", ())), None))]
    if kind == "text/plain":
        return _links_in_text(body)
    raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON, a form, or text/plain with links in it")


def _links_in_text(body: bytes) -> Sequence[Link]:
    from harvester.links import links_in  # noqa: PLC0415 - readers of files of links, when they are needed

    try:
        found = links_in(body, "text.txt").named
    except UsageError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
    if not found:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "there is no link in the text")
    if len(found) > MAX_LINKS:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_LINKS} links at once")
    return [Link(one.url, one.title) for one in found]


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
