"""`harvester export`: chosen captures as a package for others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.words import counted
from harvester.cli.common import JsonOption, PlaceOption, archive_place, configuration
from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.storage.places import Place
    from harvester.export import Exported


def export(
    wacz: Annotated[
        Path | None, typer.Option("--wacz", metavar="OUT", help="Write a WACZ package (OUT.wacz).")
    ] = None,
    warc: Annotated[
        Path | None, typer.Option("--warc", metavar="OUT", help="Write one plain WARC file (OUT.warc.gz).")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID|URL", help="Only this capture, whatever its state. Repeatable."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only captures from this date (UTC) or time on."),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="WORDS", help="Only with these words in title, source, URL or text."),
    ] = None,
    states: Annotated[bool, typer.Option("--states", help="Pages that are no articles, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it exists.")] = False,
    archive: PlaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Export captures with all their records: exchanges, redirects, certificates, images, requisites.

    Revisits are made responses again; originals kept in quarantine are never exported. A WACZ also holds
    each document and a reading view of it. Exit 1: nothing fits, or a record is damaged.
    """
    from harvester.cli.library import opened
    from harvester.cli.output import counting, print_json, say
    from harvester.clock import SystemClock
    from harvester.export import Choice, choose, export_wacz, export_warc
    from harvester.export.choice import moment

    out, write = (wacz, export_wacz) if wacz is not None else (warc, export_warc)
    if out is None or (wacz is not None and warc is not None):
        raise UsageError("say where to: either --wacz OUT.wacz or --warc OUT.warc.gz")
    suffix = ".wacz" if wacz is not None else ".warc.gz"
    if not out.name.endswith(suffix):
        raise UsageError(f"{out}: the name ends in {suffix}, by which other tools know such a file")
    choice = Choice(
        names=tuple(names or ()), since=moment(since) if since else None, query=query, states=states
    )
    directory = archive_place(archive, configuration())
    with opened(directory) as (held, library):
        rows = choose(library, choice)
        if not rows:
            say("nothing to export: no capture fits", style="yellow")
            if as_json:
                print_json({"archive": str(directory), "pages": []})
            return Exit.NEGATIVE
        with counting(len(rows)) as tell:
            done = write(held, library, rows, out, created=SystemClock().now(), force=force, progress=tell)
    _report(done, directory, as_json=as_json)
    return Exit.DONE


def _report(done: Exported, directory: Place, *, as_json: bool) -> None:
    import msgspec

    from harvester.cli.output import print_json, say

    if as_json:
        print_json({"archive": str(directory), **msgspec.to_builtins(done)})
        return
    say(
        f"{done.file}: {counted(len(done.pages), 'capture')}, {counted(done.records, 'record')}",
        style="green",
    )
    if done.missing_images:
        say(f"{counted(done.missing_images, 'image is', 'images are')} not in the archive", style="yellow")
    if done.session:
        say(f"it holds {done.session}: look into it before giving it away", style="yellow")
