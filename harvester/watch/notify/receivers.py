"""Those who are told: each `[[notify]]` of a configuration, with what it needs to be reached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harvester._version import __version__
from harvester.config import Loaded
from harvester.watch.notify import webhook
from harvester.watch.notify.config import Notify, address_fault
from harvester.watch.notify.notice import TEST_KIND, Notice, to_bytes
from harvester.watch.notify.program import run_program
from harvester.watch.notify.webhook import Answer

_KEY_CHARS: Final = 16
_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One of those who are told. `folder` is the configuration's, `environment` where secrets are.

    `key` is the same as long as it is told at the same place: what waits for it then waits across changes of
    the rest. `shown` is its name in messages, and holds no secret.
    """

    settings: Notify
    folder: Path
    environment: Mapping[str, str]
    user_agent: str

    @property
    def key(self) -> str:
        """What deliveries are kept by. A feed that is to show others is another: it is filled anew."""
        one = self.settings
        what = (*one.place, one.events, one.tags) if self.is_feed else one.place
        return hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:_KEY_CHARS]

    @property
    def shown(self) -> str:
        """What it is called in messages."""
        one = self.settings
        if one.name:
            return one.name
        if one.feed:
            return f"feed {one.feed}"
        if one.webhook:
            return f"webhook {urlsplit(one.webhook).hostname}"
        return f"webhook ${one.webhook_env}" if one.webhook_env else f"command {Path(one.command[0]).name}"

    @property
    def is_feed(self) -> bool:
        """Whether events are shown in a file, not sent."""
        return self.settings.feed is not None

    @property
    def path(self) -> Path:
        """Where a feed lies."""
        return self.folder / Path(self.settings.feed or "").expanduser()

    def chooses(self, notice: Notice) -> bool:
        """Tell whether this event is to be told here."""
        return self.settings.chooses(notice.kind, notice.tags)

    def fault(self) -> str | None:
        """Return what is wrong with the environment that it needs, None if nothing is."""
        if not self.settings.is_webhook:
            return None
        try:
            self._address()
            self._keys()
        except ValueError as error:
            return str(error)
        return None

    def send(self, notice: Notice, now: datetime) -> Answer:
        """Tell of an event, once, within the time allowed. No error is raised, and none holds a secret."""
        if notice.kind == TEST_KIND and self.is_feed:
            return Answer()
        if self.settings.command:
            answer = run_program(
                self.settings.command,
                to_bytes(notice) + b"\n",
                folder=self.folder,
                timeout_s=self.settings.timeout_s,
            )
        else:
            answer = self._post(notice, now)
        return Answer(
            error=self.redacted(answer.error) if answer.error else None,
            alone=answer.alone,
            after_s=answer.after_s,
        )

    def redacted(self, text: str) -> str:
        """Return a message without the values of the variables that hold secrets."""
        for name in (self.settings.secret_env, self.settings.webhook_env):
            for value in self.environment.get(name or "", "").split():
                text = text.replace(value, _HIDDEN)
        return text

    def _post(self, notice: Notice, now: datetime) -> Answer:
        try:
            address, keys = self._address(), self._keys()
        except ValueError as error:
            return Answer(error=str(error))
        body = webhook.body_of(notice)
        headers = {
            "content-type": "application/json",
            "user-agent": self.user_agent,
            **webhook.signed_headers(notice.id, int(now.timestamp()), body, keys),
        }
        ca_file = self.settings.ca_file
        return webhook.post(
            address,
            body,
            headers,
            timeout_s=self.settings.timeout_s,
            ca_file=self.folder / Path(ca_file).expanduser() if ca_file else None,
            now=now,
        )

    def _address(self) -> str:
        name = self.settings.webhook_env
        if name is None:
            return self.settings.webhook or ""
        address = self._variable(name).strip()
        fault = address_fault(address)
        if fault:
            raise ValueError(f"the address in the environment variable {name} {fault}")
        return address

    def _keys(self) -> tuple[bytes, ...]:
        name = self.settings.secret_env or ""
        value = self._variable(name)
        try:
            return webhook.secrets_of(value)
        except ValueError as error:
            raise ValueError(f"the environment variable {name} {error}") from None

    def _variable(self, name: str) -> str:
        value = self.environment.get(name)
        if not value:
            raise ValueError(
                f"the environment variable {name} is not set: put it where this program is started"
            )
        return value


def receivers_of(loaded: Loaded, environment: Mapping[str, str]) -> tuple[Receiver, ...]:
    """Return those whom a configuration names, in its order."""
    folder = loaded.path.parent if loaded.path else Path()
    contact = loaded.config.operator.contact
    name = f"Harvester/{__version__}" + (f" (+{contact})" if contact else "")
    return tuple(
        Receiver(settings=one, folder=folder, environment=environment, user_agent=name)
        for one in loaded.config.notify
    )
