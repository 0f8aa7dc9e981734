"""`harvester withdraw`: take a document down, say why, and, if need be, for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.cli.compact import refuse_if_immutable
from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.purge import Purge
    from harvester.withdrawal import Withdrawal


def withdraw(
    name: Annotated[str, typer.Argument(metavar="ID", help="A capture's id (or its beginning), or a URL.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the WARC with the time.")],
    archive: ArchiveOption = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="Rewrite the WARC files without the capture, for good.")
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Show a withdrawn capture again.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Hide a document everywhere, and keep a tombstone in the WARC that says so.

    The capture stays in the WARC unless --purge is given; then the proof of what went and why remains.
    """
    from archive import Archive
    from harvester.clock import SystemClock
    from harvester.library import Library
    from harvester.taking_down import TakingDown
    from harvester.toolchain import software_name

    if purge and restore:
        raise UsageError("--purge and --restore exclude each other")
    loaded = configuration()
    if purge:
        refuse_if_immutable(loaded, "nothing is purged")
    directory = archive_directory(archive, loaded)
    operator = " ".join(filter(None, (loaded.config.operator.name, loaded.config.operator.contact))) or None
    now = SystemClock().now()
    with (
        Archive.open(
            directory,
            write=True,
            software=software_name(),
            warcinfo=loaded.warcinfo(),
            options=loaded.writer_options(),
        ) as held,
        Library(held, write=True) as library,
    ):
        library.catch_up()
        work = TakingDown(held, library, operator)
        if restore:
            row = work.restore(name, reason, now)
            return _restored(row.id, as_json=as_json)
        made = work.withdraw(name, reason, now)
        purged = work.purge(made, reason, now) if purge else []
    return _show(made, purged, as_json=as_json)


def _restored(page_id: str, *, as_json: bool) -> int:
    from harvester.cli.output import print_json, say

    if as_json:
        print_json({"restored": page_id})
    say(f"{page_id} is shown again; the WARC keeps that it was withdrawn", style="green")
    return Exit.DONE


def _show(made: Withdrawal, purged: list[Purge], *, as_json: bool) -> int:
    from harvester.cli.output import print_json, say
    from harvester.taking_down import purge_facts
    from harvester.times import for_people

    if as_json:
        print_json({**as_value(made), "purged": [purge_facts(item) for item in purged]})
    say(f"{made.document} is withdrawn since {for_people(made.when)}: {made.reason}")
    for item in purged:
        new = f"{item.new.name} (sha256 {item.new.sha256})" if item.new else "nothing: no record was left"
        purged_words = f"purged {counted(len(item.gone), 'record')}"
        say(f"{purged_words}: {item.old.name} (sha256 {item.old.sha256}) became {new}")
    return Exit.DONE


def as_value(made: Withdrawal) -> dict[str, Any]:
    """Return a decision as JSON is made of it."""
    import msgspec

    return {"state": "withdrawn", **msgspec.structs.asdict(made)}
