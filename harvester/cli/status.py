"""`harvester status` and `harvester breaker`: how the watch stands, and which hosts are left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration

if TYPE_CHECKING:
    from harvester.capture.pace import Pace
    from harvester.config import Loaded
    from harvester.library import Library
    from harvester.shards import Shard
    from harvester.watch.journal import Find
    from harvester.watch.queue import Queue


def status(
    archive: ArchiveOption = None,
    health: Annotated[
        bool,
        typer.Option(
            "--health",
            help="Say only whether a runner is alive and getting on: for health checks. Opens no archive.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Show how the watch stands: hosts, breakers, what is due, what was found, errors of seven days, sizes.

    Of each account it tells by which routes articles come, when each last brought one, and where there is
    none (docs/discover.md). The queue is as the last `harvester run` left it.

    With --health, exit 1: no runner is at work, it cannot go on, or it gives no sign of life for ten minutes.
    """
    from harvester.cli.output import print_json

    loaded = configuration()
    directory = archive_directory(archive, loaded)
    if health:
        return _health(directory, as_json=as_json)
    value = _value(directory, loaded)
    if as_json:
        print_json(value)
    else:
        _print(value)
    return 0


def _health(directory: Path, *, as_json: bool) -> int:
    from archive.disk import SYSTEM_DISK
    from archive.locks import FileLock
    from harvester.cli.output import answer, print_json
    from harvester.clock import SystemClock
    from harvester.exits import Exit
    from harvester.state import state_directory
    from harvester.watch.heartbeat import health_of, last_beat, turn_path

    state = state_directory()
    path = turn_path(state, directory)
    lock = FileLock(path, SYSTEM_DISK)
    alive = path.exists() and not lock.take(shared=True, wait=False)
    lock.release()
    found = health_of(last_beat(state, directory), alive=alive, now=SystemClock().now())
    if as_json:
        print_json({"archive": str(directory), "healthy": found.good, "words": found.words})
    else:
        answer(found.words)
    return Exit.DONE if found.good else Exit.NEGATIVE


def breaker(
    close: Annotated[
        str | None,
        typer.Option("--close", metavar="HOST", help="Close this host's breaker, by your word as operator."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """List the hosts that are left alone, until when and why; close one's breaker.

    A breaker opens when a publisher demands verification or throttles. It closes by time. Close it yourself
    only if you know that the host will answer again: the next demand opens it for twice as long.

    Exit 1: there was no open breaker to close.
    """
    from harvester.cli.output import print_json, say
    from harvester.cli.standing import breaker_words
    from harvester.exits import Exit

    pace = _pace()
    try:
        closed = pace.close_breaker(close) if close else 0
        found = _breakers(pace)
    finally:
        pace.close()
    if as_json:
        print_json({"closed": closed, "open": found})
    if close:
        say(f"closed: {close}" if closed else f"no open breaker for {close}")
    for one in found:
        say(breaker_words(one["host"], one), style="yellow")
    if not found and not close:
        say("no breaker is open")
    return Exit.NEGATIVE if close and not closed else Exit.DONE


def _pace() -> Pace:
    from harvester.capture import CaptureOptions
    from harvester.capture.pace import Pace
    from harvester.clock import SystemClock
    from harvester.state import state_directory

    return Pace(state_directory(), SystemClock(), CaptureOptions())


def _breakers(pace: Pace) -> list[dict[str, str]]:
    from datetime import UTC, datetime

    from harvester.times import utc_text

    return [
        {
            "host": host,
            "reason": one.reason,
            "until": utc_text(datetime.fromtimestamp(round(one.until_s), UTC)),
        }
        for host, one in sorted(pace.breakers().items())
    ]


def _value(directory: Path, loaded: Loaded) -> dict[str, Any]:
    from harvester.cli.library import opened
    from harvester.clock import SystemClock
    from harvester.shards import Shard
    from harvester.state import state_directory
    from harvester.times import utc_text
    from harvester.watch import journal
    from harvester.watch import status as standing
    from harvester.watch.heartbeat import last_beat
    from harvester.watch.queue import Queue, queue_path
    from harvester.watch.wanted import named_watches

    now = SystemClock().now()
    state = state_directory()
    beat = last_beat(state, directory)
    shard = Shard.parse(beat.shard) if beat and beat.shard else None
    finds = list(journal.read(directory, journal.FOUND, journal.Find))
    pace = _pace()
    try:
        with Queue(queue_path(state, directory, shard)) as queue:
            sources = queue.sources()
            hosts = standing.hosts(queue, pace.breakers(), pace.pages_today, now)
            watches = standing.watches(queue, named_watches(loaded), now)
            new = _not_queued(queue, finds, loaded, shard)
        with opened(directory) as (_, library):
            errors = standing.errors(library, now, sources)
            compared = standing.reposts(library)
            accounts = _accounts(loaded, library, finds)
            waiting = _candidates(directory, loaded, library)
    finally:
        pace.close()
    return {
        "archive": str(directory),
        "at": utc_text(now.replace(microsecond=0)),
        "shard": beat.shard if beat else None,
        "elsewhere": beat.elsewhere if beat else 0,
        "hosts": hosts,
        "not_queued_yet": new,
        "watches": watches,
        "receivers": _receivers(state, directory, loaded),
        "accounts": accounts,
        "candidates": waiting,
        "handoff": _handoff(directory),
        "reposts": compared,
        "errors": errors,
        "bytes": standing.sizes(directory),
    }


def _receivers(state: Path, directory: Path, loaded: Loaded) -> list[dict[str, Any]]:
    """Return how those stand who are notified, as the last run left them."""
    from harvester.watch.notify.outbox import Outbox, outbox_path

    path = outbox_path(state, directory)
    if not path.exists():
        return []
    with Outbox(path) as outbox:
        feeds = {one.name or f"feed {one.feed}" for one in loaded.config.notify if one.feed}
        return [{**one.told(), "is_feed": one.shown in feeds} for one in outbox.standings()]


def _not_queued(queue: Queue, finds: Iterable[Find], loaded: Loaded, shard: Shard | None) -> int:
    """Return how many URLs were added or approved that no run of this shard has seen yet."""
    from harvester.watch.sharding import owner_key
    from harvester.watch.wanted import named_watches

    watches = named_watches(loaded)
    added = (find for find in finds if find.added and find.watch in watches)
    own = (find for find in added if shard is None or shard.has_key(owner_key(find.url, find.source)))
    return sum(queue.get(find.url) is None for find in own)


def _candidates(directory: Path, loaded: Loaded, library: Library) -> int:
    """Return how many candidates of `harvester discover` wait for a decision."""
    from harvester.discover.candidates import Candidates
    from harvester.discover.known import known_to

    hosts = loaded.config.fetch.allow_hosts or ()
    desk = Candidates(directory, are_known=known_to(directory, library, loaded), allow_hosts=hosts)
    return len(desk.waiting())


def _accounts(loaded: Loaded, library: Library, finds: Iterable[Find]) -> list[dict[str, Any]]:
    """Return how each account stands, by what configuration and finds want looked at."""
    import msgspec

    from harvester.discover.whose import Whose
    from harvester.watch.accounts import standings
    from harvester.watch.wanted import named_watches, wanted

    articles = library.articles()
    items = wanted(loaded, finds, 0.0, pages=False).items.values()
    whose = Whose.of(library, articles)
    return [
        {**msgspec.to_builtins(one), "has_route": one.has_route}
        for one in standings(articles, items, named_watches(loaded), whose)
    ]


def _handoff(directory: Path) -> dict[str, Any]:
    """Return how many pages wait for a person, where they are listed, and how others were closed."""
    from collections import Counter

    from harvester.handoff import lines
    from harvester.handoff.page import NAME

    found = lines.read(directory)
    page = directory / NAME
    closed = Counter(line.what for line in found.closed)
    return {"open": len(found.open), "page": str(page) if page.exists() else None, "closed": dict(closed)}


def _print(value: dict[str, Any]) -> None:
    from rich.filesize import decimal

    from harvester.cli.output import answer, console
    from harvester.cli.standing import breaker_words, tables
    from harvester.times import for_people

    answer(f"{value['archive']}, {for_people(value['at'])} (all times are UTC)")
    for made in tables(value):
        console().print()
        console().print(made)
    console().print()
    for words in _ahead(value):
        answer(words)
    for one in value["hosts"]:
        if one["breaker"]:
            answer(breaker_words(one["host"], one["breaker"]), style="yellow")
    for item in (item for one in value["watches"] for item in one["failing"]):
        failed = "failed" if item["failures"] == 1 else f"failed {item['failures']} times"
        answer(f"{failed}: {item['url']}: {item['message'] or 'see its timeline'}", style="yellow")
    for one in value["receivers"]:
        answer(_receiver(one))
    handed = value["handoff"]
    if handed["open"] or handed["closed"]:
        closed = "".join(f", {count} {what}" for what, count in sorted(handed["closed"].items()))
        style = "yellow" if handed["open"] else None
        answer(f"handed to a person: {handed['open']} open{closed}: {handed['page']}", style=style)
    compared = value["reposts"]
    if compared["compared"]:
        differing = len(compared["differing"])
        words = f"reposts held against their originals: {compared['compared']}; "
        answer(words + counted(differing, "differs", "differ"), style="red" if differing else None)
    kinds = ", ".join(f"{kind} {count}" for kind, count in value["errors"].items()) or "none"
    answer(f"errors in seven days: {kinds}")
    total = ", ".join(f"{name} {decimal(count)}" for name, count in value["bytes"].items())
    answer(f"sizes: {total or 'there is nothing in it'}")


def _ahead(value: dict[str, Any]) -> Iterator[str]:
    """Yield what is not in the tables: other shards' share, what a run queues, what somebody decides."""
    if value["shard"]:
        yield f"shard {value['shard']}: {value['elsewhere']} URLs of the watch list are other shards'"
    if value["not_queued_yet"]:
        new = counted(value["not_queued_yet"], "added URL is", "added URLs are")
        yield f"{new} not queued yet: the next `harvester run` does it"
    if value["candidates"]:
        waiting = counted(value["candidates"], "candidate waits", "candidates wait")
        yield f"{waiting} for `harvester approve`"


def _receiver(one: dict[str, Any]) -> str:
    from harvester.times import for_people

    if one["is_feed"]:
        return f"{one['receiver']}: made anew from the archive by each run"
    last = for_people(one["last_told"]) if one["last_told"] else "never"
    said = f"{one['receiver']}: last told {last}, {one['waiting']} waiting"
    dropped = f", {one['dropped']} dropped" if one["dropped"] else ""
    return f"{said}{dropped}" + (f": {one['error']}" if one["error"] else "")
