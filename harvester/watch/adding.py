"""URLs that a person adds or approves: made ready, told from those that are known, written down durably."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec

from harvester.capture.guard import Guard
from harvester.errors import GiveUpError, UsageError
from harvester.intake import displayed, prepare
from harvester.sites import allowed_hosts, site_for_url
from harvester.times import utc_text
from harvester.urls import for_request, host_and_port
from harvester.watch import journal
from harvester.watch.config import ADDED
from harvester.watch.names import Names, names_of
from harvester.watch.queue import Kind

__all__ = [
    "ADDED",
    "Added",
    "Entry",
    "Known",
    "Named",
    "Refused",
    "add",
    "add_each",
    "note",
    "ready",
]

_MAX_TITLE_CHARS: Final = 500


class Named(Protocol):
    """A URL as some list names it, and the title given there (`harvester.links.Named` is one)."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str | None: ...


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A URL, ready to fetch, of an article that was found before, and how."""

    url: str
    find: journal.Find


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What was given as a URL, in a form that may be shown, and why it cannot be looked at."""

    text: str
    why: str


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the URLs that were to be added. `warnings` are said of the new ones, by URL."""

    new: tuple[journal.Find, ...] = ()
    known: tuple[Known, ...] = ()
    refused: tuple[Refused, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A URL to be added, with how it was found in words, what it is looked at as, and tags.

    `source` is the URL of what led to it in the end, if anything did.
    """

    url: str
    via: str
    title: str | None = None
    kind: Kind = "page"
    tags: tuple[str, ...] = ()
    source: str | None = None


def add(
    directory: Path,
    links: Iterable[Named],
    *,
    watch: str = ADDED,
    via: str,
    now: datetime,
    tags: Sequence[str] = (),
    allow_hosts: Sequence[str] = (),
) -> Added:
    """Write down pages for a watch to look at, all found in one way (`via`, in words); as `add_each`."""
    entries = (Entry(url=link.url, title=link.title, via=via, tags=tuple(tags)) for link in links)
    return add_each(directory, entries, watch=watch, now=now, allow_hosts=allow_hosts)


def add_each(
    directory: Path,
    entries: Iterable[Entry],
    *,
    watch: str = ADDED,
    now: datetime,
    allow_hosts: Sequence[str] = (),
) -> Added:
    """Write down URLs for a watch to look at; on return they are durable, and the next `run` queues them.

    `directory` is an archive's. An article that was found before is known, in whatever form its URL comes.
    Publishers' hosts and `allow_hosts` are asked, no others. Raises `StorageError`.
    """
    guard = Guard.of([*allowed_hosts(), *allow_hosts])
    finds: list[journal.Find] = []
    refused: list[Refused] = []
    warnings: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        try:
            url, said = ready(entry.url, guard)
        except (UsageError, GiveUpError) as error:
            refused.append(Refused(text=displayed(entry.url), why=str(error)))
            continue
        finds.append(_find(entry, url, watch, now))
        warnings.setdefault(url, said)
    new, known = _written(directory, finds)
    said_of_new = tuple((find.url, words) for find in new for words in warnings[find.url])
    return Added(new=new, known=known, refused=tuple(refused), warnings=said_of_new)


def _written(
    directory: Path, finds: Sequence[journal.Find]
) -> tuple[tuple[journal.Find, ...], tuple[Known, ...]]:
    """Write down those finds that are new, durably; return them, and those that were known."""
    new: list[journal.Find] = []
    known: list[Known] = []
    with Names(directory, journal.FOUND, journal.Find) as told, told.growing():
        for find in finds:
            earlier = told.met(find, names_of(find.url))
            if earlier is None:
                new.append(find)
            else:
                known.append(Known(url=find.url, find=earlier))
        journal.append(directory, journal.FOUND, new)
    return tuple(new), tuple(known)


def _find(entry: Entry, url: str, watch: str, now: datetime) -> journal.Find:
    title = " ".join((entry.title or "").split())[:_MAX_TITLE_CHARS] or None
    return journal.Find(
        at=utc_text(now),
        url=url,
        watch=watch,
        via=entry.via,
        title=title,
        tags=entry.tags,
        kind=entry.kind,
        source=entry.source,
        added=True,
    )


def note(
    directory: Path, added: Added, *, now: datetime, tags: Sequence[str] = (), text: str | None = None
) -> None:
    """Write down what a person says of what was added, and of what was known. Raises `StorageError`.

    Tags are given so, as by `harvester note`, which takes them back, too.
    """
    at = utc_text(now)
    urls = [*(find.url for find in added.new), *(one.find.url for one in added.known)]
    lines = [journal.Note(at=at, about=url, tag=tag) for url in urls for tag in tags]
    lines += [journal.Note(at=at, about=url, text=text) for url in urls] if text else []
    journal.append(directory, journal.NOTES, lines)


def ready(text: str, guard: Guard) -> tuple[str, tuple[str, ...]]:
    """Return the URL that a text means, and what was done to it. Raises `UsageError`."""
    wanted = prepare(text)
    if site_for_url(wanted.url).challenge(wanted.url) is not None:
        raise UsageError("it is a verification page that does not say which article it stands for")
    host, _ = host_and_port(for_request(wanted.url))
    if not guard.allows(host):
        raise UsageError(
            f"{host} is not among the hosts that are asked; put it into allow_hosts under [fetch] in "
            "harvester.toml if you mean it"
        )
    return wanted.url, wanted.warnings
