"""What `fetch` and `run` share: archive, library and client opened together and closed in order."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from archive import Archive
from archive.disk import SYSTEM_DISK, Disk
from harvester.capture import CaptureOptions, Client, ConnectTo
from harvester.capture.client import Exchanger
from harvester.capture.pace import OpenBreaker
from harvester.clock import Clock, SystemClock
from harvester.config import Loaded
from harvester.errors import UsageError
from harvester.exits import Exit
from harvester.fetching import Fetcher, Outcome
from harvester.inputs import read_file
from harvester.intake import displayed, prepare, secret_params
from harvester.library import Library
from harvester.logs import SILENT
from harvester.recording import Circumstances
from harvester.sites import all_sites, allowed_hosts
from harvester.state import state_directory
from harvester.toolchain import software_name
from harvester.wants import Wants

_MAX_CA_BYTES: Final = 16 << 20


class Session:
    """One run's fetching into one archive."""

    def __init__(
        self,
        directory: Path,
        loaded: Loaded,
        *,
        allow_hosts: Sequence[str] = (),
        connect_to: Sequence[str] = (),
        ca_file: Path | None = None,
        wants: Wants | None = None,
        discovered_via: str | None = None,
        payload_digest: str | None = None,
        clock: Clock | None = None,
        wire: Exchanger | None = None,
        disk: Disk = SYSTEM_DISK,
        robots: str = "ignore",
    ) -> None:
        self.directory = directory
        self._loaded = loaded
        self._wants = wants or loaded.config.fetch.wants()
        self._discovered_via = discovered_via
        self._payload_digest = payload_digest
        self._clock = clock or SystemClock()
        self._wire = wire
        self._disk = disk
        self._robots = robots
        self._options = capture_options(loaded, allow_hosts, connect_to, ca_file)
        self.tell: Callable[[str], None] = lambda _: None
        self.log = SILENT
        self.notices: tuple[str, ...] = ()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with self._open:
            rehearsal = rehearsal_of(self._options)
            self._archive = self._open.enter_context(self._open_archive(rehearsal))
            self.library = self._open.enter_context(Library(self._archive, write=True))
            self.notices = self.library.catch_up()
            self._client = Client(
                self._options,
                allowed_hosts=allowed_hosts(),
                secret_params=secret_params(),
                is_challenge=_challenge,
                state_dir=state_directory(),
                clock=self._clock,
                wire=self._wire,
            )
            self._open.callback(self._client.close)
            circumstances = Circumstances(
                vantage=self._loaded.config.operator.vantage(),
                rehearsal=rehearsal,
                discovered_via=self._discovered_via,
            )
            self._fetcher = Fetcher(
                self._archive,
                self.library,
                self._client,
                circumstances,
                wants=self._wants,
                progress=lambda what: self.tell(what),  # noqa: PLW0108 - `tell` is set later
            )
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _open_archive(self, rehearsal: dict[str, Any] | None) -> Archive:
        facts = {
            "http-header-user-agent": self._options.user_agent,
            "robots": self._robots,
            "description": "a rehearsal: hosts mapped or added by the operator" if rehearsal else "",
        }
        return Archive.open(
            self.directory,
            create=True,
            write=True,
            software=software_name(),
            warcinfo=self._loaded.warcinfo(**facts),
            now=self._clock.now,
            disk=self._disk,
            options=self._loaded.writer_options(self._payload_digest),
        )

    def now(self) -> datetime:
        """Return the run's present."""
        return self._clock.now()

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        return self._clock

    @property
    def archive(self) -> Archive:
        """The archive, open for writing."""
        return self._archive

    @property
    def client(self) -> Client:
        """What keeps pace and breakers; pages are fetched through `fetch_all`."""
        return self._client

    @property
    def fetcher(self) -> Fetcher:
        """What fetches and records one URL."""
        return self._fetcher

    def breakers(self) -> dict[str, OpenBreaker]:
        """Return the open breakers of this user and machine, by host."""
        return self._client.breakers()

    @property
    def is_rehearsal(self) -> bool:
        """Whether every request is led to this machine."""
        maps = self._options.connect_to
        return bool(maps) and all(mapping.is_loopback for mapping in maps)

    @property
    def contact(self) -> str | None:
        """Whom a publisher can ask to stop."""
        return self._options.contact

    def want(self, wants: Wants) -> None:
        """Say which belongings of the pages that follow are captured."""
        self._fetcher.wants = wants

    def fetch_all(self, texts: Sequence[str]) -> Iterator[Outcome]:
        """Fetch one after the other, yielding each outcome when it is durable.

        One bad line does not cost the rest: it is an outcome among the others.
        """
        for text in texts:
            try:
                wanted = prepare(text)
            except UsageError as error:
                yield Outcome(url=displayed(text), state="refused", code=Exit.USAGE, message=str(error))
                continue
            outcome = self._fetcher.fetch(wanted)
            if outcome.moved_to is None:
                yield outcome
            else:
                yield from self._follow(outcome, outcome.moved_to)

    def _follow(self, outcome: Outcome, moved_to: str) -> Iterator[Outcome]:
        """Go once where the notice of a migrated account leads; the page there answers for the first one."""
        try:
            there = prepare(moved_to)
        except UsageError as error:
            yield msgspec.structs.replace(outcome, warnings=(*outcome.warnings, f"not followed: {error}"))
            return
        why = f"reached from {outcome.url}, whose account has moved here"
        followed = self._fetcher.fetch(dataclasses.replace(there, warnings=(*there.warnings, why)))
        # What a page names and we do not fetch is a negative answer, not a fault of the call.
        code = Exit.NEGATIVE if followed.code == Exit.USAGE else followed.code
        yield msgspec.structs.replace(outcome, code=code)
        yield msgspec.structs.replace(followed, code=code)


def capture_options(
    loaded: Loaded, allow_hosts: Sequence[str], connect_to: Sequence[str], ca_file: Path | None
) -> CaptureOptions:
    """Return the options of a run: the command line's on top of the configuration's."""
    settings = loaded.config.fetch
    base = loaded.path.parent if loaded.path else Path()
    trusted = ca_file or (base / settings.ca_file if settings.ca_file else None)
    given = settings.options()
    if loaded.config.operator.contact:
        given["contact"] = loaded.config.operator.contact
    mapped = tuple(ConnectTo.parse(text) for text in connect_to)
    given["connect_to"] = (*given.get("connect_to", ()), *mapped)
    given["allow_hosts"] = (*given.get("allow_hosts", ()), *allow_hosts)
    return CaptureOptions(ca_file=trusted, **given)


def rehearsal_of(options: CaptureOptions) -> dict[str, Any] | None:
    """Return how a capture departs from plain fetching, None where it does not."""
    facts = {
        "connect_to": [str(mapping) for mapping in options.connect_to],
        "allow_hosts": list(options.allow_hosts),
        "ca_file_sha256": _digest(options.ca_file) if options.ca_file else None,
    }
    return {name: value for name, value in facts.items() if value} or None


def _digest(path: Path) -> str:
    return hashlib.sha256(read_file(path, _MAX_CA_BYTES, "a file of certificate authorities")).hexdigest()


def _challenge(url: str) -> str | None:
    return next((found for found in (site.challenge(url) for site in all_sites()) if found is not None), None)
