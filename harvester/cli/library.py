"""`harvester list`, `show` and `reindex`: what an archive holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted, in_short
from harvester.cli.common import (
    ArchiveOption,
    Format,
    JsonOption,
    PlaceOption,
    archive_directory,
    archive_place,
    configuration,
)
from harvester.errors import HarvesterError, IntegrityError

if TYPE_CHECKING:
    from archive import Archive
    from archive.storage.places import Place
    from archive.storage.remote import RemotePath
    from harvester.library import Library, PageRow, VerificationRow
    from harvester.withdrawal import Withdrawal

_MAX_TITLE, _MAX_NOTICE = 200, 80


@contextlib.contextmanager
def opened(directory: Place, *, write: bool = False) -> Iterator[tuple[Archive, Library]]:
    """Open an archive and its library; of one at a URL, both are made here, and go again."""
    from archive import Archive
    from harvester.library import Library
    from harvester.toolchain import software_name

    if not isinstance(directory, Path):
        with _viewed(directory) as found:
            yield found
        return
    with (
        Archive.open(directory, write=write, software=software_name()) as archive,
        Library(archive, write=write) as library,
    ):
        yield archive, library


@contextlib.contextmanager
def _viewed(far: RemotePath) -> Iterator[tuple[Archive, Library]]:
    from archive.storage.viewing import viewed
    from harvester.cli.output import messages, say
    from harvester.library import Library

    with contextlib.ExitStack() as stack:
        with messages().status(f"reading {far}"):
            view, damaged = stack.enter_context(viewed(far))
            library = stack.enter_context(Library(view, write=True))
            rebuilt = library.rebuild()
        for line in dict.fromkeys((*damaged, *rebuilt.damaged)):
            say(f"damaged: {line}", style="red")
        try:
            yield view, library
        except HarvesterError as error:  # it names the archive, and nobody knows of the one made here
            error.args = (str(error).replace(str(view.path), str(far)), *error.args[1:])
            raise


def list_captures(
    archive: PlaceOption = None,
    state: Annotated[str | None, typer.Option("--state", help="Only this state (ok, deleted, …).")] = None,
    site: Annotated[str | None, typer.Option("--site", help="Only this site (wechat, mfa, generic).")] = None,
    as_json: JsonOption = False,
) -> int:
    """List captures, oldest first: articles, and pages that are not articles with what they are."""
    from harvester.cli.output import cell, console, print_json, say, table

    directory = archive_place(archive, configuration())
    with opened(directory) as (_, library):
        rows = library.pages(state=state, site=site)
        verified = {one.captured_record: one for one in library.comparisons.all()}  # the newest stays
    if as_json:
        print_json([_listed(row, verified.get(row.record_id)) for row in rows])
        return 0
    if not rows:
        say("nothing captured yet" if not (state or site) else "nothing of that kind")
        return 0
    # The id, which begins with the site and holds the time of capture, must stay in one piece to be copied.
    shown = table(None, "state", "date", "title or notice (source), and id")
    for column, width in ((1, 10), (2, max(len(row.id) for row in rows))):
        shown.columns[column].min_width = width
    for row in rows:
        notice = in_short(row.notice, _MAX_NOTICE) if row.notice else None
        what = in_short(row.title or notice or row.url or "", _MAX_TITLE)
        source = f" ({row.source})" if row.source else ""
        state = row.state + ("\nrehearsal" if row.rehearsal else "")
        lines = [f"{what}{source}", row.id, *_verified_words(verified.get(row.record_id))]
        shown.add_row(*map(cell, (state, row.date, "\n".join(lines))))
    console().print(shown)
    return 0


def _listed(row: PageRow, verified: VerificationRow | None) -> dict[str, Any]:
    import msgspec

    facts = {key: value for key, value in msgspec.structs.asdict(row).items() if key != "page_state"}
    return {**facts, "verified": msgspec.structs.asdict(verified) if verified else None}


def _verified_words(one: VerificationRow | None) -> list[str]:
    if one is None:
        return []
    edits = f", {counted(one.edits, 'edit')} ({one.material} material)" if one.edits else ""
    return [f"{one.verdict}{edits}, against {one.original}"]


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID|URL[@TIME]",
            help="A capture's id (or its beginning), or a URL: its last capture, or the one nearest to TIME "
            "(YYYYMMDDhhmmss, UTC, or its beginning).",
        ),
    ],
    archive: PlaceOption = None,
    output: Annotated[Format, typer.Option("--format", help="What to print: json, md or txt.")] = Format.JSON,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> int:
    """Show one capture, joined with where its records stand in the WARC files.

    Exit 1: it is not an article, and its text was asked for; or it was withdrawn.
    """
    from harvester.cli.output import as_format, print_json, say, write_bytes
    from harvester.exits import Exit
    from harvester.joined import joined
    from harvester.withdrawal import Withdrawal, visible

    directory = archive_place(archive, configuration())
    with opened(directory) as (held, library):
        row = visible(held, library, name)
        if isinstance(row, Withdrawal):
            return show_withdrawn(row, as_json=as_json or output is Format.JSON)
        value = joined(row, held, library)
        document = library.document(row) if row.state == "ok" else None
    if as_json or output is Format.JSON:
        print_json(value)
    elif document is None:
        say(f"not an article: {row.state}" + (f": {row.notice}" if row.notice else ""), style="yellow")
        return Exit.NEGATIVE
    else:
        write_bytes(as_format(document, output))
    return Exit.DONE


def show_withdrawn(withdrawn: Withdrawal, *, as_json: bool) -> int:
    """Say that a capture was withdrawn, and return the exit code of that."""
    from harvester.cli.output import print_json, say
    from harvester.cli.withdraw import as_value
    from harvester.exits import Exit

    if as_json:
        print_json(as_value(withdrawn))
    say(
        f"{withdrawn.document} was {withdrawn.action} on {withdrawn.when}: {withdrawn.reason}", style="yellow"
    )
    return Exit.NEGATIVE


def reindex(archive: ArchiveOption = None, as_json: JsonOption = False) -> int:
    """Make the index, the documents and the library again from the WARC files.

    Exit 1: something is damaged; all that is whole has been read.
    """
    from harvester.cli.output import print_json
    from harvester.exits import Exit

    directory = archive_directory(archive, configuration())
    made = made_again(directory)
    if as_json:
        print_json({"archive": str(directory), **made})
    return Exit.NEGATIVE if made["damaged"] else Exit.DONE


def made_again(directory: Path) -> dict[str, Any]:
    """Make what is derived again, say so, and return it: `records`, `pages`, and a line for damage met."""
    from archive import Archive
    from harvester.cli.output import messages, say
    from harvester.finder import Finder
    from harvester.finder.takers import Takers
    from harvester.library import Library
    from harvester.toolchain import software_name

    with (
        Archive.open(directory, write=True, software=software_name()) as held,
        messages().status("reading the WARC files"),
    ):
        damaged = _reindexed(held)
        with Library.repaired(held) as library:
            rebuilt = library.rebuild()
            Finder.renew(held, library)
            Takers.forget(held)
        records = sum(1 for _ in held.entries())
    damaged = tuple(dict.fromkeys((*damaged, *rebuilt.damaged)))
    say(f"{counted(records, 'record')} indexed, {counted(rebuilt.pages, 'page')} read again")
    for line in damaged:
        say(f"damaged: {line}", style="red")
    return {"records": records, "pages": rebuilt.pages, "damaged": damaged}


def _reindexed(held: Archive) -> tuple[str, ...]:
    """Rebuild the index; whatever can be read is in it afterwards. Return a line for damage met."""
    try:
        held.reindex()
    except IntegrityError as error:
        return (str(error),)
    return ()
