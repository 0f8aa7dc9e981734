"""`harvester approve`: queue what was proposed, or reject it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harvester.config import Loaded
    from harvester.discover.candidates import Candidate, Candidates
    from harvester.discover.whose import Whose
    from harvester.library import Library
    from harvester.watch.adding import Added
    from harvester.watch.config import Watch

_MAX_SHOWN = 200


def approve(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID|URL...", help="Candidates by id (or its beginning) or by URL."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    account: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="NAME", help="Those of an account: its name, gh_ id, __biz, or a host."
        ),
    ] = None,
    route: Annotated[
        str | None,
        typer.Option("--route", metavar="KIND", help="Those found by this kind of route."),
    ] = None,
    reject: Annotated[
        bool, typer.Option("--reject", help="Reject them: they are not proposed again.")
    ] = False,
    watch: Annotated[
        str | None,
        typer.Option("--watch", metavar="NAME", help="The watch that looks at them; `added` if not said."),
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Queue candidates of `harvester discover`, so that `harvester run` looks at them; or reject them.

    A page is captured, and again by the revisit plan; a list or feed is looked at again and again, what it
    names is captured. --account and --route narrow each other, and --all. At a terminal, without anything
    named, it shows what waits and asks.

    Exit 1: nothing that waits was meant, or something could not be queued.
    """
    from harvester.cli.library import opened
    from harvester.cli.output import say
    from harvester.discover.candidates import Candidates
    from harvester.discover.known import known_to
    from harvester.discover.whose import Whose

    loaded = configuration()
    directory = archive_directory(archive, loaded)
    name = _watch(loaded, watch)
    _check_route(route)
    with opened(directory) as (_, library):
        hosts = loaded.config.fetch.allow_hosts or ()
        desk = Candidates(directory, are_known=known_to(directory, library, loaded), allow_hosts=hosts)
        whose = Whose.of(library, library.articles())
        waiting = desk.waiting()
        named = bool(names or everything or account or route)
        if named:
            chosen = _chosen(waiting, whose, names or (), account, route)
        else:
            chosen = _ask(waiting, whose, library, reject=reject, as_json=as_json)
        if not waiting:
            say("nothing waits: `harvester discover` looks for candidates", style="yellow")
        elif not chosen:
            say(f"none of the {counted(len(waiting), 'candidate')} that wait was meant", style="yellow")
        return _decide(directory, loaded, desk, chosen, name, reject=reject, as_json=as_json)


def _watch(loaded: Loaded, wanted: str | None) -> str:
    from harvester.watch.adding import ADDED
    from harvester.watch.wanted import named_watches

    watches = named_watches(loaded)
    if wanted is not None and wanted not in watches:
        raise UsageError(f"no watch {wanted!r}; there are {', '.join(map(repr, watches))}")
    return wanted or ADDED


def _check_route(route: str | None) -> None:
    from harvester.discover.candidates import ROUTES

    if route is not None and route not in ROUTES:
        raise UsageError(f"no such kind of route: {route!r}; there are {', '.join(ROUTES)}")


def _chosen(
    waiting: Sequence[Candidate],
    whose: Whose,
    names: Sequence[str],
    account: str | None,
    route: str | None,
) -> list[Candidate]:
    """Return what is meant; raises `UsageError` for a name that means none, or more than one."""
    found = [one for name in names for one in [_named(waiting, name)]] if names else list(waiting)
    if route is not None:
        found = [one for one in found if one.route == route]
    if account is not None:
        found = [one for one in found if whose.fits(account, one.url, one.account, one.account_id)]
    return list(dict.fromkeys(found))


def _named(waiting: Sequence[Candidate], name: str) -> Candidate:
    from harvester.intake import displayed, prepare
    from harvester.watch.names import names_of

    if "/" in name or "." in name:  # neither is ever in an id
        names = set(names_of(prepare(name).url))
        fits = [one for one in waiting if not names.isdisjoint(names_of(one.url))]
    else:
        fits = [one for one in waiting if name and one.id.startswith(name.lower())]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise UsageError(f"{name!r} fits {len(fits)} candidates: {', '.join(one.id for one in fits[:4])}, …")
    raise UsageError(f"no candidate {displayed(name)!r} waits; `harvester discover` shows those that do")


def _ask(
    waiting: Sequence[Candidate], whose: Whose, library: Library, *, reject: bool, as_json: bool
) -> list[Candidate]:
    """Show what waits and ask a person which; raises `UsageError` where nobody is there to be asked."""
    from harvester.cli.candidates import print_candidates
    from harvester.cli.output import say

    terminal = sys.stdin is not None and sys.stdin.isatty()
    if as_json or not terminal:
        raise UsageError(
            "name what is meant: an ID or URL, --account NAME, --route KIND, or --all "
            f"({len(waiting)} waiting; `harvester discover` shows them)"
        )
    if not waiting:
        return []
    print_candidates(waiting, whose, library)
    say(f"which are {'rejected' if reject else 'approved'}? ids, `all`, or nothing")
    words = (sys.stdin.readline()).replace(",", " ").split()
    return list(waiting) if words == ["all"] else [_named(waiting, word) for word in words]


def _decide(
    directory: Path,
    loaded: Loaded,
    desk: Candidates,
    chosen: Sequence[Candidate],
    watch: str,
    *,
    reject: bool,
    as_json: bool,
) -> int:
    from harvester.cli.output import say
    from harvester.clock import SystemClock
    from harvester.discover.approving import approve as queue
    from harvester.exits import Exit

    now = SystemClock().now()
    if not chosen:
        if as_json:
            _print_json((), None, watch)
        return Exit.NEGATIVE
    if reject:
        desk.decide(chosen, "rejected", now=now)
        for one in chosen:
            say(f"rejected     {one.url}")
        if as_json:
            _print_json(chosen, None, watch)
        return Exit.DONE
    tags = _watch_of(loaded, watch).tags
    hosts = loaded.config.fetch.allow_hosts or ()
    added = queue(directory, desk, chosen, now=now, watch=watch, tags=tags, allow_hosts=hosts)
    _say_added(added, watch)
    if any(find.kind == "listing" for find in added.new) and _watch_of(loaded, watch).max_pages == 1:
        say(f"of a list, its first page is read: max_pages of the watch {watch!r} says if more is to be")
    if as_json:
        _print_json(chosen, added, watch)
    return Exit.NEGATIVE if added.refused else Exit.DONE


def _watch_of(loaded: Loaded, name: str) -> Watch:
    from harvester.watch.wanted import named_watches

    return named_watches(loaded)[name]


def _say_added(added: Added, watch: str) -> None:
    from harvester.cli.output import say

    lines = [(f"refused      {one.text}: {one.why}", "red") for one in added.refused]
    lines += [(f"known        {one.url}: {one.find.via}", "yellow") for one in added.known]
    lines += [(f"queued       {find.url}", "green") for find in added.new]
    for words, style in lines[:_MAX_SHOWN]:
        say(words, style=style)
    if len(lines) > _MAX_SHOWN:
        say(f"… and {len(lines) - _MAX_SHOWN} more: --json lists all")
    if added.new:
        say(f"{len(added.new)} queued for the watch {watch!r}; `harvester run` looks at them")


def _print_json(chosen: Sequence[Candidate], added: Added | None, watch: str) -> None:
    import msgspec

    from harvester.cli.output import print_json

    value: dict[str, Any] = {"watch": watch, "queued": [], "known": [], "refused": [], "rejected": []}
    if added is None:
        value["rejected"] = [one.url for one in chosen]
    else:
        value["queued"] = [msgspec.to_builtins(find) for find in added.new]
        value["known"] = [{"url": one.url, "via": one.find.via} for one in added.known]
        value["refused"] = [msgspec.to_builtins(one) for one in added.refused]
    print_json(value)
