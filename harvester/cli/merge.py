"""`harvester merge`: archives joined into one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.exits import Exit

if TYPE_CHECKING:
    from harvester.merging import FromSource, Merged

_SHOWN: Final = 20


def merge(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Archive directories.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Join archives into one (--archive; made if it is not there): as if one machine had captured it all.

    Closed WARC files are copied, compared and read strictly; sources are only read, and may be in use. What
    the archive holds already does not come again, so a merge that was stopped is taken up, and a second one
    does nothing. Files still being written come with a later merge. For archives of your own: what others
    give you comes in by `harvester import`.

    Exit 0: all that is closed is there. 1: something is not (see why). 5: storage.
    """
    import contextlib

    from archive import Archive
    from harvester.cli.output import print_json
    from harvester.cli.sync import progress_bar
    from harvester.clock import SystemClock
    from harvester.library import Library
    from harvester.merging import merge as merge_archives
    from harvester.merging.sources import opened
    from harvester.toolchain import software_name

    loaded = configuration()
    directory = archive_directory(archive, loaded)
    with opened(sources, directory):
        pass  # what is no archive is told before one is made
    clock = SystemClock()
    with contextlib.ExitStack() as held:
        target = held.enter_context(
            Archive.open(
                directory,
                create=True,
                write=True,
                software=software_name(),
                warcinfo=loaded.warcinfo(),
                now=clock.now,
                options=loaded.writer_options(),
            )
        )
        library = held.enter_context(Library(target, write=True))
        tell = held.enter_context(progress_bar("merging"))
        report = merge_archives(sources, target, library, clock, tell)
    if as_json:
        print_json(_value(report, directory))
    else:
        _show(report, directory)
    return Exit.DONE if report.whole and not report.damaged else Exit.NEGATIVE


def _value(report: Merged, directory: Path) -> dict[str, object]:
    import msgspec

    return {"archive": str(directory), **msgspec.to_builtins(report)}


def _show(report: Merged, directory: Path) -> None:
    from harvester.cli.output import say

    for one in report.sources:
        _show_source(one)
    lines = sum(report.lines.values())
    new = f"{counted(report.pages, 'page')} and {counted(lines, 'journal line')}"
    say(f"{directory}: new are {new}", style="green")
    if report.odd_lines:
        odd = counted(report.odd_lines, "line")
        say(f"not taken, as none of ours: {odd} of the sources' journals", style="yellow")
    for fault in report.damaged:
        say(f"damaged: {fault}", style="red")
    for record in report.purged_elsewhere[:_SHOWN]:
        say(
            f"{record} was purged in a source and is still here, hidden: `harvester withdraw --purge` "
            "takes it out",
            style="yellow",
        )


def _show_source(one: FromSource) -> None:
    from harvester.cli.output import say
    from harvester.cli.sync import proven_words, say_lines

    words = proven_words(len(one.copied), one.copied_bytes, "copied", one.held)
    say(f"{one.source}: {words}", style="red" if one.failed else None)
    say_lines([f"not copied: {why}" for _, why in one.failed], "red")
    say_lines([f"{file} is {name} here" for file, name in one.renamed], None)
    say_lines(
        [f"{file}: only records that were not here already, or purged here" for file in one.parts], None
    )
    writing = "is being written there: merge again when it is closed (`run --forever` closes it with the day)"
    say_lines([f"{file} {writing}" for file in one.open], "yellow")
    crashed = (
        "was left open by a crash: the next `harvester run` or `reindex` there closes it; merge again then"
    )
    say_lines([f"{file} {crashed}" for file in one.left_open], "yellow")
    say_lines([f"left there, no part of an archive: {name}" for name in one.left], None)
