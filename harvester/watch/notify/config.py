"""`[[notify]]` in `harvester.toml`: whom to tell of which events, and how."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from harvester.watch.kinds import KINDS, NEWS
from harvester.watch.schedule import interval

Form = Literal["json", "atom"]
_MAX_NAME: Final = 60
_MAX_PARTS: Final = 100
_FORMS: Final[dict[str, Form]] = {".json": "json", ".atom": "atom", ".xml": "atom"}
_WAYS: Final = ("feed", "webhook", "webhook_env", "command")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOCAL: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Ends of names that are not of the public DNS (RFC 6761, 6762, 8375; `internal` by ICANN's resolution)."""
_LONGEST: Final = timedelta(minutes=5)
DEFAULT_TIMEOUT: Final = "15s"
DEFAULT_GIVE_UP: Final = "7d"


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to tell of events (docs/notify.md), by one of `feed`, `webhook`, `webhook_env`, `command`.

    `feed` is a file of the last 200 events, relative to this file: `….json` a JSON Feed, `….atom` or `….xml`
    Atom. `webhook` is an https address that each event is posted to (http only within your own network), or
    `webhook_env` the environment variable that holds it, where the address itself is a secret; `secret_env`
    is the variable with the secret that the posts are signed with (`whsec_…` or base64 of 24 to 64 bytes;
    several, separated by blanks, while one takes the place of the other); `ca_file` the authorities that are
    trusted instead. `command` is a program and its arguments, run without a shell, in this file's folder,
    with the event as JSON on its standard input.

    `events` are the kinds of event that are told (by default those that `harvester changes` lists), `tags`
    those of which an article must have one. One post, or one run of a command, may take `timeout`. What could
    not be told within `give_up` is dropped. `name` is what it is called in messages.
    """

    feed: str | None = None
    webhook: str | None = None
    webhook_env: str | None = None
    secret_env: str | None = None
    ca_file: str | None = None
    command: tuple[str, ...] = ()
    events: tuple[str, ...] = NEWS
    tags: tuple[str, ...] = ()
    timeout: str = DEFAULT_TIMEOUT
    give_up: str = DEFAULT_GIVE_UP
    name: str | None = None

    def __post_init__(self) -> None:
        given = [way for way in _WAYS if getattr(self, way)]
        if not given:
            raise ValueError(f"feed: nobody to tell; give one of {', '.join(_WAYS)}")
        if len(given) > 1:
            raise ValueError(f"{given[1]}: give either {given[0]} or {given[1]}; write a [[notify]] for each")
        if self.feed is not None and self.form is None:
            raise ValueError(f"feed: {self.feed!r} must end in {', '.join(_FORMS)}")
        if self.webhook:
            _check_address(self.webhook)
        self._check_secret()
        if "\0" in "".join(self.command) or len(self.command) > _MAX_PARTS:
            raise ValueError(f"command: must have at most {_MAX_PARTS} parts, without NUL")
        for kind in self.events:
            if kind not in KINDS:
                raise ValueError(f"events: no such kind of event: {kind}; there are {', '.join(KINDS)}")
        if not self.events:
            raise ValueError("events: none is chosen; name some, or leave the key out")
        _length("timeout", self.timeout, _LONGEST)
        _length("give_up", self.give_up, timedelta(days=365))
        if self.name is not None and not (self.name.isprintable() and 0 < len(self.name) <= _MAX_NAME):
            raise ValueError(f"name: must have 1 to {_MAX_NAME} printable characters")

    def _check_secret(self) -> None:
        for key in ("webhook_env", "secret_env"):
            value = getattr(self, key)
            if value is not None and not _VARIABLE.fullmatch(value):
                # Its value is not repeated: somebody may have put the secret itself here.
                raise ValueError(f"{key}: must be the name of an environment variable, not a value")
        if self.is_webhook and self.secret_env is None:
            raise ValueError(
                "secret_env: name the environment variable that holds the secret to sign with; "
                "`openssl rand -base64 32` makes one"
            )
        for key in ("secret_env", "ca_file"):
            if not self.is_webhook and getattr(self, key) is not None:
                raise ValueError(f"{key}: is for webhooks, and this is none")

    @property
    def place(self) -> tuple[object, ...]:
        """Where events are told, `name` included but for feeds: no two of a configuration may be equal."""
        return (self.feed,) if self.feed else (self.webhook, self.webhook_env, self.command, self.name)

    @property
    def is_webhook(self) -> bool:
        """Whether events are posted."""
        return bool(self.webhook or self.webhook_env)

    @property
    def form(self) -> Form | None:
        """The form of the feed; None where there is none."""
        return _FORMS.get(PurePath(self.feed).suffix.lower()) if self.feed else None

    @property
    def timeout_s(self) -> float:
        """Seconds that one delivery may take."""
        return interval(self.timeout).total_seconds()

    @property
    def give_up_s(self) -> float:
        """Seconds after which an event is not told any more."""
        return interval(self.give_up).total_seconds()

    def chooses(self, kind: str, tags: tuple[str, ...]) -> bool:
        """Tell whether an event of this kind, of an article with these tags, is to be told."""
        return kind in self.events and (not self.tags or not set(self.tags).isdisjoint(tags))


def address_fault(url: str) -> str | None:
    """Return what is wrong with a webhook's address, None if nothing is. The address is not repeated."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or not url.isprintable():
        return "is not a web address: give an https URL"
    if parts.username is not None or parts.password is not None:
        return "holds a name or password: name a variable that holds the address (webhook_env)"
    if parts.scheme == "http" and not _is_near(parts):
        return "is not encrypted: give an https URL (http is for your own network)"
    return None


def _check_address(url: str) -> None:
    fault = address_fault(url)
    if fault:
        raise ValueError(f"webhook: this {fault}")


def _is_near(parts: SplitResult) -> bool:
    """Tell whether a host is of this machine or of a network that is not the public one."""
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_LOCAL)


def _length(key: str, text: str, longest: timedelta) -> None:
    try:
        length = interval(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key}: {error}") from error
    if length > longest:
        raise ValueError(f"{key}: {text!r} is too long: {longest} at most")
