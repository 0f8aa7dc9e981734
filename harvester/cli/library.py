"""`harvester list`, `show` and `reindex`: what an archive holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration

if TYPE_CHECKING:
    from archive import Archive
    from harvester.library import Library, PageRow


class Format(StrEnum):
    """How to show a document."""

    JSON = "json"
    MD = "md"
    TXT = "txt"


@contextlib.contextmanager
def opened(directory: Path, *, write: bool = False) -> Iterator[tuple[Archive, Library]]:
    """Open an archive and its library."""
    from archive import Archive
    from harvester.library import Library
    from harvester.toolchain import software_name

    with (
        Archive.open(directory, write=write, software=software_name()) as archive,
        Library(archive, write=write) as library,
    ):
        yield archive, library


def list_captures(
    archive: ArchiveOption = None,
    state: Annotated[str | None, typer.Option("--state", help="Only this state (ok, deleted, …).")] = None,
    site: Annotated[str | None, typer.Option("--site", help="Only this site (wechat, mfa, generic).")] = None,
    as_json: JsonOption = False,
) -> int:
    """List captures, oldest first: articles, and pages that are not articles with what they are."""
    from harvester.cli.output import cell, console, print_json, say, table

    directory = archive_directory(archive, configuration())
    with opened(directory) as (_, library):
        rows = library.pages(state=state, site=site)
    if as_json:
        print_json([_listed(row) for row in rows])
        return 0
    if not rows:
        say("nothing captured yet" if not (state or site) else "nothing of that kind")
        return 0
    shown = table(None, "captured (UTC)", "state", "site", "date", "source", "title or notice", "id")
    for row in rows:
        what = row.title or row.notice or row.url
        flag = " (rehearsal)" if row.rehearsal else ""
        when = row.fetch_date[:19].replace("T", " ")
        shown.add_row(*map(cell, (when, row.state + flag, row.site, row.date, row.source, what, row.id)))
    console().print(shown)
    return 0


def _listed(row: PageRow) -> dict[str, Any]:
    import msgspec

    return {key: value for key, value in msgspec.structs.asdict(row).items() if key != "page_state"}


def show(
    name: Annotated[
        str, typer.Argument(metavar="ID|URL", help="A capture's id (or its beginning), or a URL.")
    ],
    archive: ArchiveOption = None,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.JSON,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> int:
    """Show one capture, joined with where its records stand in the WARC files."""
    from harvester.cli.output import print_json, write_bytes
    from harvester.joined import joined

    directory = archive_directory(archive, configuration())
    with opened(directory) as (held, library):
        row = library.find(name)
        value = joined(row, held, library)
    if as_json or output is Format.JSON or row.state != "ok":
        print_json(value)
    elif output is Format.MD:
        write_bytes(value["markdown"].encode() + b"\n")
    else:
        write_bytes(value["text"].encode() + b"\n")
    return 0


def reindex(archive: ArchiveOption = None, as_json: JsonOption = False) -> int:
    """Make the index, the documents and the library again from the WARC files."""
    from archive import Archive
    from harvester.cli.output import messages, print_json, say
    from harvester.library import Library
    from harvester.toolchain import software_name

    directory = archive_directory(archive, configuration())
    with (
        Archive.open(directory, write=True, software=software_name()) as held,
        messages().status("reading the WARC files"),
    ):
        records = held.reindex()
        with Library.recreated(held) as library:
            pages = library.rebuild()
    if as_json:
        print_json({"archive": str(directory), "records": records, "pages": pages})
    else:
        say(f"{records} records indexed, {pages} pages read again")
    return 0
