"""`harvester import`: pages that people saved themselves, and web archives of other tools."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import (
    ArchiveOption,
    JsonOption,
    PayloadDigestOption,
    archive_directory,
    configuration,
)
from harvester.cli.mirroring import Mirror, MirrorOption
from harvester.errors import UsageError

if TYPE_CHECKING:
    from archive import Archive
    from harvester.config import Loaded
    from harvester.imports.importer import ImportOutcome
    from harvester.library import Library

_PASSED_OVER = "passed over"


def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR...",
            readable=False,
            help="Markdown with front matter, saved HTML, MHTML, HAR (also as gzip), WARC, WACZ, or folders.",
        ),
    ],
    archive: ArchiveOption = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help="The page's URL, where the file does not say it; in a HAR, the page to take."
        ),
    ] = None,
    payload_digest: PayloadDigestOption = None,
    mirror: MirrorOption = None,
    as_json: JsonOption = False,
) -> int:
    """Take in pages saved by a browser or an older tool, each archived as it is and read as clean text.

    WARC files and WACZ packages of any tool are copied whole, checked and indexed, and their pages read.
    What each kind of file proves is in docs/imports.md. Session values found in a saved page are overwritten
    in the archived record, and the file itself is kept apart; a WARC is never altered.

    Exit 0: every file is an article, or a web archive that was taken in. 1: some is not, or could not be
    used. 2: none could be used. 4: a page of unknown kind. 5: storage.
    """
    import msgspec

    from harvester.cli.output import print_json, say
    from harvester.clock import SystemClock
    from harvester.exits import Exit, combined
    from harvester.imports.files import files_of
    from harvester.imports.importer import Importer

    address = _address(url, paths)
    if next(files_of(paths), None) is None:
        raise UsageError(f"no file in {', '.join(map(str, paths))}: nothing to import")
    for path in paths:
        next(files_of([path]), None)  # a path that is not there is told before an archive is made
    loaded = configuration()
    directory = archive_directory(archive, loaded, mirrors=True)
    beside = Mirror.of(mirror, loaded, directory)
    outcomes: list[ImportOutcome] = []
    description = "pages imported from files; nothing here was fetched by this program"
    with importing(directory, loaded, payload_digest, description) as (held, library):
        importer = Importer(held, library, SystemClock().now)
        for outcome in importer.import_all(paths, address):
            print_outcome(outcome)
            outcomes.append(outcome)
    used = [outcome for outcome in outcomes if outcome.state != _PASSED_OVER]
    codes, facts = beside.update()
    code = combined([*((Exit(outcome.code) for outcome in used) if used else (Exit.USAGE,)), *codes])
    if not used:
        say(
            "nothing to import: no Markdown with front matter, HTML, MHTML, HAR, WARC, WACZ there",
            style="yellow",
        )
    if as_json:
        results = [msgspec.to_builtins(outcome) for outcome in outcomes]
        print_json({"archive": str(directory), "results": results, **facts, "exit_code": int(code)})
    return code


def _address(url: str | None, paths: list[Path]) -> str | None:
    from harvester.imports.addresses import web_address

    if url is None:
        return None
    if len(paths) > 1 or paths[0].is_dir():
        raise UsageError("--url names the page of one file: import that file alone")
    address = web_address(url)
    if address is None:
        raise UsageError(f"{url!r} is not a web address: give an http(s) URL")
    return address


@contextlib.contextmanager
def importing(
    directory: Path, loaded: Loaded, payload_digest: str | None, description: str
) -> Iterator[tuple[Archive, Library]]:
    """Open an archive, made if need be, and its library for what does not come from the network."""
    from archive import Archive
    from harvester.clock import SystemClock
    from harvester.library import Library
    from harvester.toolchain import software_name

    with (
        Archive.open(
            directory,
            create=True,
            write=True,
            software=software_name(),
            warcinfo=loaded.warcinfo(description=description),
            now=SystemClock().now,
            options=loaded.writer_options(payload_digest),
        ) as held,
        Library(held, write=True) as library,
    ):
        library.catch_up()
        yield held, library


def print_outcome(outcome: ImportOutcome, indent: str = "") -> None:
    """Print what became of one page, for a person."""
    from harvester.cli.output import say

    good = outcome.state in {"ok", "taken in"}
    word = "held" if outcome.held else "imported" if good else outcome.state
    style = "green" if good else "dim" if outcome.state == _PASSED_OVER else "yellow"
    say(f"{indent}{word:<12} {outcome.file}", style=style)
    what = outcome.title or outcome.notice or outcome.message
    for line in (what, outcome.url):
        if line:
            say(f"{indent}{'':<12} {' '.join(line.split())}")
    if outcome.id:
        say(f"{indent}{'':<12} {outcome.id}", style="dim")
    for warning in outcome.warnings if not outcome.held else ():
        say(f"{indent}{'':<12} note: {warning}", style="yellow")
