"""`harvester compact` and `expand`: closed WARC files in compact form, and the way back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive import Archive
    from archive.compact import Result
    from archive.compact.compacting import Progress
    from harvester.config import Loaded


def compact(
    archive: ArchiveOption = None,
    delete_originals: Annotated[
        bool, typer.Option("--delete-originals", help="Let the proven copies take the originals' place.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Repack closed WARC files as .warc.zst with dictionaries of their own, and prove every record equal.

    The copies lie in the archive's folder compact/ until --delete-originals puts them into the originals'
    place; a later call may do that. Exit 1: a damaged file was left as it is.
    """
    from archive.compact import compact as run

    loaded = configuration()
    if delete_originals:
        refuse_if_immutable(loaded, "its originals are not deleted")
    directory = archive_directory(archive, loaded)
    with opened_for_rewriting(directory) as held, working() as progress:
        result = run(held, delete_originals=delete_originals, progress=progress)
    return _show(directory, result, "repacked", as_json=as_json)


def expand(archive: ArchiveOption = None, as_json: JsonOption = False) -> int:
    """Put .warc.gz files into the place of every .warc.zst, each record octet for octet as it was.

    Exit 1: a damaged file was left as it is.
    """
    from archive.compact import expand as run

    loaded = configuration()
    refuse_if_immutable(loaded, "its files are not replaced")
    directory = archive_directory(archive, loaded)
    with opened_for_rewriting(directory) as held, working() as progress:
        result = run(held, progress=progress)
    return _show(directory, result, "expanded", as_json=as_json)


def refuse_if_immutable(loaded: Loaded, consequence: str) -> None:
    """Raise `UsageError` where the configuration says that files once closed never change."""
    if loaded.config.warc.immutable:
        raise UsageError(
            f"{loaded.path} says `immutable = true` of this archive: {consequence}. Take that line out first"
        )


def opened_for_rewriting(directory: Path) -> Archive:
    """Open an archive of ours for writing."""
    from archive import Archive
    from harvester.toolchain import software_name

    return Archive.open(directory, write=True, software=software_name())


@contextlib.contextmanager
def working() -> Iterator[Progress]:
    """Show what is being done, to a person at a terminal."""
    from harvester.cli.output import messages

    with messages().status("looking at the WARC files") as status:

        def progress(what: str, name: str, _: int) -> None:
            status.update(f"{what}: {name}")

        yield progress


def _show(directory: Path, result: Result, done: str, *, as_json: bool) -> int:
    from harvester.cli.output import console, print_json, say

    if as_json:
        print_json(_as_json(directory, result))
    for run in result.runs if not as_json else ():
        for sign, states in (("-" if run.replaced else " ", run.sources), ("+", run.files)):
            for state in states:
                console().print(f"{sign} {state.bytes:>13,} {state.name}", highlight=False, markup=False)
        place = "in the originals' place" if run.replaced else "in compact/; the originals are kept"
        say(f"  {run.before / run.after:.2f} to 1, {place}")
    records = sum(state.records for run in result.runs for state in run.files)
    before, after = sum(run.before for run in result.runs), sum(run.after for run in result.runs)
    if result.runs:
        say(
            f"{counted(records, 'record')} {done} and proven equal: {before} bytes were, {after} are",
            style="green",
        )
    elif not result.left:
        say(f"nothing to be {done}")
    for line in result.left:
        say(f"left as it is: {line}", style="red")
    return Exit.NEGATIVE if result.left else Exit.DONE


def _as_json(directory: Path, result: Result) -> dict[str, Any]:
    runs = [{**asdict(run), "bytes_before": run.before, "bytes_after": run.after} for run in result.runs]
    return {"archive": str(directory), "runs": runs, "left": list(result.left)}
