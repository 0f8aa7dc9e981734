"""`harvester inbox`: what people drop into a folder, taken in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harvester.cli.common import (
    ArchiveOption,
    JsonOption,
    PayloadDigestOption,
    archive_directory,
    configuration,
)
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.inbox.inbox import Result

_STYLES = {"taken": "green", "refused": "yellow", "left": "dim", "known": "dim"}
_MOST_LINES = 20


def inbox(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", readable=False, help="The folder; else `dir` under [inbox]."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the files where they lie.")] = False,
    done: Annotated[
        Path | None,
        typer.Option("--done", metavar="DIR", readable=False, help="Put taken files there; else DIR/taken."),
    ] = None,
    archive: ArchiveOption = None,
    payload_digest: PayloadDigestOption = None,
    as_json: JsonOption = False,
) -> int:
    """Take in what was dropped into a folder: saved pages, web archives, mails, and files with links.

    Pages (HTML, MHTML, HAR, Markdown) and web archives (WARC, WACZ) are imported, links (text, .url,
    spreadsheets, JSON, mail, bookmarks) queued for the watch. A file is put aside when everything in it is
    durable; nothing is deleted. What cannot be used goes to DIR/refused with the reason. See docs/inbox.md.

    Exit 1: some file could not be used, or a page is no article. 4: a page of unknown kind. 5: storage.
    """
    import msgspec

    from harvester.cli.importing import importing
    from harvester.cli.output import print_json, say
    from harvester.clock import SystemClock
    from harvester.exits import Exit, combined
    from harvester.inbox.opening import inbox_folder, open_inbox

    if keep and done:
        raise UsageError("--keep leaves the files, --done moves them: give one of the two")
    loaded = configuration()
    root = folder or inbox_folder(loaded)
    if root is None:
        raise UsageError(
            'name the folder: harvester inbox DIR, or dir = "DIR" under [inbox] in harvester.toml'
        )
    directory = archive_directory(archive, loaded)
    results: list[Result] = []
    described = "files that people dropped; nothing here was fetched by this program"
    with importing(directory, loaded, payload_digest, described) as (held, library):
        stays = True if keep else False if done else None
        found = open_inbox(held, library, loaded, root, SystemClock(), keep=stays, done=done)
        for result in found.take():
            print_result(result)
            results.append(result)
    if not results:
        say(f"nothing in {root}")
    code = combined(Exit(one.code) for one in results)
    if as_json:
        values: list[Any] = [msgspec.to_builtins(one) for one in results]
        print_json({"archive": str(directory), "results": values, "exit_code": int(code)})
    return code


def print_result(result: Result) -> None:
    """Print what became of one file, for a person."""
    from harvester.cli.importing import print_outcome
    from harvester.cli.output import say

    say(f"{result.state:<12} {result.file}", style=_STYLES[result.state])
    for line in (result.message or "").splitlines()[:_MOST_LINES]:
        say(f"{'':<12} {line}")
    for page in result.brought.used if result.state == "refused" else result.brought.pages:
        print_outcome(page, "  ")
    added = result.brought.added
    for find in added.new[:_MOST_LINES]:
        say(f"{'':<12} queued {find.url}", style="green")
    if len(added.new) > _MOST_LINES:
        say(f"{'':<12} and {len(added.new) - _MOST_LINES} more", style="green")
    if added.known:
        say(f"{'':<12} {len(added.known)} of its links were known", style="dim")
    if result.state == "taken":
        for words in _left_out(result):
            say(f"{'':<12} left out: {words}", style="yellow")
    for url in result.closed:
        say(f"{'':<12} answers what was handed over: {url}", style="green")
    if result.aside:
        say(f"{'':<12} now {result.aside}", style="dim")


def _left_out(result: Result) -> list[str]:
    said = [f"{one.text}: {one.why}" for one in result.brought.added.refused]
    said += result.brought.troubles
    more = len(said) - _MOST_LINES
    return [*said[:_MOST_LINES], *([f"and {more} more"] if more > 0 else [])]
