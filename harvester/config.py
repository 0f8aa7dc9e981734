"""`harvester.toml`: the operator, the archive, how to fetch, what to watch. All of it is optional.

The nearest file upwards from the working directory counts. Options that a command line can also give
are given there last and win. Every option, with its unit, is a field below: the file's keys, the
documentation (docs/configuration.md) and the checks all come from these classes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from archive.digests import PayloadForm
from archive.writer import DEFAULT_PREFIX, WriterOptions, warcinfo_block
from harvester.capture.options import CaptureOptions, ConnectTo, stands_in_header
from harvester.config_places import located, worded
from harvester.errors import UsageError
from harvester.inputs import read_file
from harvester.log_options import Log
from harvester.wants import Wants
from harvester.watch.config import Watch, checked
from harvester.watch.notify.config import Notify
from harvester.watch.schedule import interval

FILE_NAME: Final = "harvester.toml"
_MAX_FILE_BYTES: Final = 4 << 20
_MAX_SETTLE_S: Final = 60.0


class Operator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who captures, from where and why: recorded with every capture; `contact` goes into the User-Agent."""

    name: str | None = None
    contact: str | None = None
    place: str | None = None
    purpose: str | None = None

    def __post_init__(self) -> None:
        if self.contact and (not self.contact.strip() or not stands_in_header(self.contact)):
            raise ValueError(
                f"contact: {self.contact!r} cannot stand in a request header: give an address or a web page"
            )

    def vantage(self) -> dict[str, str] | None:
        """Return what is said of place and purpose, None where nothing is."""
        said = {"operator": self.name, "place": self.place, "purpose": self.purpose}
        return {key: value for key, value in said.items() if value} or None


class Fetch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to fetch: seconds, bytes. What is left out is as in `harvester.capture.CaptureOptions`.

    `images` says whether the pages' images are captured, `requisites` whether the styles, scripts and fonts
    are that a page needs to be shown again; those whose name does not tell their content are asked for again
    when the copy held is older than `requisite_age`. `ca_file` is relative to the file's folder;
    `conditional = false` asks for whole pages always, and tells a server nothing of earlier visits.
    """

    images: bool = True
    requisites: bool = True
    requisite_age: str = "30d"
    ca_file: str | None = None
    allow_hosts: tuple[str, ...] | None = None
    connect_to: tuple[str, ...] | None = None
    accept_encoding: str | None = None
    max_response_bytes: int | None = None
    total_timeout_s: float | None = None
    connect_timeout_s: float | None = None
    read_timeout_s: float | None = None
    attempts: int | None = None
    daily_pages: int | None = None
    retry_first_wait_s: float | None = None
    page_interval_s: float | None = None
    asset_interval_s: float | None = None
    conditional: bool | None = None

    def __post_init__(self) -> None:
        checked("requisite_age", lambda: interval(self.requisite_age))

    def wants(self, *, images: bool = True, requisites: bool = True) -> Wants:
        """Return what is captured with a page: what the file and the arguments both want."""
        return Wants(
            images=images and self.images,
            requisites=requisites and self.requisites,
            requisite_age=interval(self.requisite_age),
        )

    def options(self) -> dict[str, Any]:
        """Return the arguments for `CaptureOptions` that the file gives, mappings read."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        for name in ("images", "requisites", "requisite_age", "ca_file"):
            given.pop(name, None)
        if self.connect_to:
            given["connect_to"] = tuple(ConnectTo.parse(text) for text in self.connect_to)
        return given


class Warc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What WARC files are called and say of themselves.

    `operator` (else that of `[operator]`) and `is_part_of` stand in each file's warcinfo record; `prefix`
    begins its name. `payload_digest` is `sha256` or `sha1-base32`, which older indexes join by; block digests
    are sha256 always. `immutable = true` forbids what replaces or deletes closed WARC files.
    """

    operator: str | None = None
    is_part_of: str | None = None
    prefix: str = DEFAULT_PREFIX
    payload_digest: PayloadForm = "sha256"
    immutable: bool = False


class Inbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder that people drop files into (docs/inbox.md): `harvester run` looks into it at every round.

    `dir` is relative to the file's folder. Taken files are moved to `taken` below it, or to `done`; with
    `keep = true` they stay. A file that changed within the last `settle_s` seconds may be in writing.
    """

    dir: str | None = None
    done: str | None = None
    keep: bool = False
    settle_s: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.settle_s <= _MAX_SETTLE_S:
            raise ValueError(f"settle_s: must be 0 to {_MAX_SETTLE_S:.0f} seconds")
        if self.keep and self.done:
            raise ValueError("done: with keep = true nothing is moved; leave out one of the two")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `archive` is relative to the file's folder; to the URL `mirror`, what is closed is sent
    at the end of `fetch`, `run` and `import` (docs/storage.md).
    """

    archive: str | None = None
    mirror: str | None = None
    operator: Operator = Operator()
    fetch: Fetch = Fetch()
    warc: Warc = Warc()
    inbox: Inbox = Inbox()
    watch: tuple[Watch, ...] = ()
    notify: tuple[Notify, ...] = ()
    log: Log = Log()

    def __post_init__(self) -> None:
        again = _second([watch.name for watch in self.watch])
        if again is not None:
            raise ValueError(f"watch[{again}]: two of them have the name {self.watch[again].name!r}")
        again = _second([one.place for one in self.notify])
        if again is not None:
            raise ValueError(
                f"notify[{again}]: two of them tell at the same place: "
                "give each a name, or a file, of its own"
            )


def _second(values: Sequence[object]) -> int | None:
    """Return where a value stands again, None where all differ; that it is unknown is no value."""
    return next((at for at, one in enumerate(values) if one is not None and one in values[:at]), None)


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration and the file it came from; `path` is None where there is none."""

    config: Config
    path: Path | None

    def writer_options(self, payload_digest: str | None = None) -> WriterOptions:
        """Return how WARC files are written; a form of payload digests given here wins."""
        warc = self.config.warc
        form: Any = payload_digest or warc.payload_digest
        return WriterOptions(prefix=warc.prefix, payload_digest=form)

    def warcinfo(self, **facts: str) -> dict[str, str]:
        """Return the facts of a run's warcinfo records: who, part of what, `facts`; none that is empty."""
        warc, who = self.config.warc, self.config.operator
        operator = warc.operator or " ".join(filter(None, (who.name, who.contact)))
        info = {"operator": operator, "isPartOf": warc.is_part_of or "", **facts}
        return {name: value for name, value in info.items() if value}

    def archive_path(self) -> Path | None:
        """Return the archive directory that the file names, or None."""
        if self.path is None or self.config.archive is None:
            return None
        return (self.path.parent / Path(self.config.archive).expanduser()).resolve()


def find(start: Path) -> Path | None:
    """Return the nearest `harvester.toml` in `start` or above it, or None."""
    folders = (start, *start.parents)
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def load(path: Path | None) -> Loaded:
    """Read a configuration; defaults for None. Raises `UsageError` naming the file and the key."""
    if path is None:
        return Loaded(config=Config(), path=None)
    try:
        text = read_file(path, _MAX_FILE_BYTES, "a configuration").decode("utf-8-sig")
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    where = "fetch"
    try:
        config = msgspec.convert(values, Config)
        CaptureOptions(**config.fetch.options())
        where = "warc"
        Loaded(config=config, path=path).writer_options()
        warcinfo_block("config", Loaded(config=config, path=path).warcinfo())
    except msgspec.ValidationError as error:
        raise UsageError(worded(str(error), path, text, Config)) from error
    except UsageError as error:
        raise UsageError(located(str(error), path, text, where)) from error
    return Loaded(config=config, path=path.resolve())
