"""`harvester add`: URLs that a person has, queued for the watch."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.config import Loaded
    from harvester.watch.adding import Added, Named

_MAX_INPUT_BYTES = 16 << 20
_MAX_SHOWN = 200
_STYLES = {"queued": "green", "refused": "yellow"}
WatchOption = Annotated[
    str | None,
    typer.Option(
        "--watch", metavar="NAME", help="The watch that looks at them; else the one called `added`."
    ),
]
TagOption = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; repeatable.")]


def add(
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL...|-]", help="Pages; - reads any text with links, or a list, from stdin."
        ),
    ] = None,
    watch: WatchOption = None,
    tag: TagOption = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What to say of each (`harvester note`).")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Queue pages: the next `harvester run` captures them, and looks at them again by plan.

    Given nothing, it asks: paste links, or text with links in it; an empty line ends it. Nothing is fetched
    here.

    Exit 1: some could not be queued. 2: none could.
    """
    loaded = configuration()
    directory = archive_directory(archive, loaded)
    name = chosen_watch(watch, loaded)
    tags = given_tags(tag)
    links = list(_links(urls or ()))
    make_archive(directory, loaded)
    added = queue(directory, loaded, links, watch=name, via="added by hand", tags=tags, note=note)
    return tell(added, directory, _watched(directory, loaded, added), as_json=as_json)


def queue(
    directory: Path,
    loaded: Loaded,
    links: Iterable[Named],
    *,
    watch: str,
    via: str,
    tags: Sequence[str] = (),
    note: str | None = None,
) -> Added:
    """Write down what somebody brings for a watch to look at, with what they say of it, durably."""
    from harvester.clock import SystemClock
    from harvester.watch import adding

    now = SystemClock().now()
    allowed = loaded.config.fetch.allow_hosts or ()
    added = adding.add(directory, links, watch=watch, via=via, now=now, allow_hosts=allowed)
    adding.note(directory, added, now=now, tags=tags, text=note)
    return added


def given_tags(tags: Sequence[str] | None, option: str = "--tag") -> tuple[str, ...]:
    """Return tags as they are kept, without blanks around. Raises `UsageError` for one without a name."""
    given = tuple(tag.strip() for tag in tags or ())
    if not all(tag and tag.isprintable() for tag in given):
        raise UsageError(f"{option}: a tag must have a name, of printable characters")
    return given


def _watched(directory: Path, loaded: Loaded, added: Added) -> dict[str, str]:
    """Return which watch of the configuration looks at what is new, by the names of the page."""
    from harvester.watch.listed import Listed
    from harvester.watch.names import names_of

    with Listed(directory, loaded) as listed:
        return listed.watches_of(name for find in added.new for name in names_of(find.url))


def chosen_watch(name: str | None, loaded: Loaded) -> str:
    """Return the watch that is meant. Raises `UsageError` for one that the configuration does not have."""
    from harvester.watch.adding import ADDED
    from harvester.watch.wanted import named_watches

    names = named_watches(loaded)
    if name is not None and name not in names:
        raise UsageError(f"no watch is called {name!r}; there are: {', '.join(names)}")
    return name or ADDED


def make_archive(directory: Path, loaded: Loaded) -> None:
    """Make the archive if there is none yet: what is added is kept in it."""
    from archive import Archive
    from harvester.clock import SystemClock

    Archive.open(directory, create=True, now=SystemClock().now, options=loaded.writer_options()).close()


def tell(added: Added, directory: Path, watched: dict[str, str], *, as_json: bool) -> int:
    """Print what became of each URL, and return the exit code. `watched` are pages of the configuration."""
    from harvester.cli.output import print_json, say
    from harvester.exits import Exit, combined

    results = list(_results(added, directory, watched))
    codes = (Exit.USAGE if one["state"] == "refused" else Exit.DONE for one in results)
    code = combined(codes)
    if as_json:
        print_json({"archive": str(directory), "results": results, "exit_code": int(code)})
    for one in results[:_MAX_SHOWN]:
        say(f"{one['state']:<12} {one['url']}", style=_STYLES.get(one["state"], "dim"))
        for line in filter(None, (one["title"], one["message"])):
            say(f"{'':<12} {line}")
        for warning in one["warnings"]:
            say(f"{'':<12} note: {warning}", style="yellow")
    if len(results) > _MAX_SHOWN:
        counts = Counter(one["state"] for one in results[_MAX_SHOWN:])
        more = ", ".join(f"{count} {state}" for state, count in counts.items())
        say(f"… and {len(results) - _MAX_SHOWN} more ({more}): --json lists all")
    if any(one["state"] == "queued" for one in results):
        say("`harvester run` captures what is queued")
    return code


def _results(added: Added, directory: Path, watched: dict[str, str]) -> Iterator[dict[str, Any]]:
    from harvester.times import for_people
    from harvester.watch.names import names_of

    warned: dict[str, list[str]] = {}
    for url, words in added.warnings:
        warned.setdefault(url, []).append(words)
    last = _last_captures(directory, [find.url for find in added.new] + [one.find.url for one in added.known])
    for find in added.new:
        seen = last.get(find.url)
        said = f"captured already, last on {seen}; it is looked at again by plan" if seen else None
        name = next((watched[name] for name in names_of(find.url) if name in watched), None)
        if name is not None:
            said = f"watch {name!r} of the configuration looks at it" + (f"; last on {seen}" if seen else "")
        yield _result(find.url, "known" if name else "queued", find.title, said, warned.get(find.url, []))
    for one in added.known:
        seen = last.get(one.find.url)
        state = "captured" if seen else "known"
        said = f"last on {seen}" if seen else f"queued since {for_people(one.find.at)}, not captured yet"
        yield _result(one.url, state, one.find.title, f"{said} ({one.find.via})", [])
    for refused in added.refused:
        why = refused.why
        if _is_file(refused.text):
            why = f"this is a file: `harvester add - < {shlex.quote(refused.text)}` queues the links in it"
        yield _result(refused.text, "refused", None, why, [])


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long, or of characters that no name has
        return False


def _result(url: str, state: str, title: str | None, said: str | None, warnings: list[str]) -> dict[str, Any]:
    return {"url": url, "state": state, "title": title, "message": said, "warnings": warnings}


def _last_captures(directory: Path, urls: Sequence[str]) -> dict[str, str]:
    """Return when each article was last captured, as far as the library knows; nothing without a library."""
    from harvester.cli.library import opened
    from harvester.times import for_people
    from harvester.watch.timeline import Stories

    found: dict[str, str] = {}
    try:
        with opened(directory) as (held, library):
            stories = Stories(held, library)
            untold = stories.untold(urls)
            for url in (one for one in urls if one not in untold):
                story = stories.of_url(url)
                good = [event for event in story.events if event.state == "ok"] if story else []
                if good:
                    found[url] = for_people(good[-1].at)
    except UsageError:
        return {}
    return found


def _links(urls: Sequence[str]) -> Iterator[Named]:
    """Yield what was given as arguments, on standard input, or at the terminal."""
    from harvester.watch.sources import Link

    if urls and "-" not in urls:
        yield from map(Link, urls)
        return
    if len(urls) > 1:
        raise UsageError("give URLs, or - for standard input, not both")
    if not urls and not (sys.stdin is not None and sys.stdin.isatty()):
        raise UsageError("no URL given: name some, or - to read them from standard input")
    yield from _named_in(_read_stdin() if urls else _asked())


def _read_stdin() -> bytes:
    from harvester.inputs import read_stdin

    return read_stdin(_MAX_INPUT_BYTES, "a list of links")


def _asked() -> bytes:
    """Ask at the terminal, until an empty line or the end of the input."""
    from harvester.cli.output import say

    say("Paste links, or text with links in it; an empty line ends it.")
    lines: list[str] = []
    for line in sys.stdin:
        if not line.strip():
            break
        lines.append(line)
    return "".join(lines).encode("utf-8", "surrogateescape")


def _named_in(data: bytes) -> list[Named]:
    from harvester.cli.output import say
    from harvester.links import links_in

    found = links_in(data, "standard input")
    for why in found.skipped:
        say(f"passed over: {why}", style="yellow")
    if not found.named:
        raise UsageError("there is no link in what was given")
    return list(found.named)
