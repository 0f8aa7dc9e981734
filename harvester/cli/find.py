"""`harvester find`: which archived document of the Ministry may a text be taken from?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import ArchiveOption, JsonOption

if TYPE_CHECKING:
    from archive import Archive
    from harvester.finder import Finder, Found
    from harvester.library import Library


def find(
    captured: Annotated[
        str,
        typer.Argument(
            metavar="CAPTURED", help="An archive id or URL, or a file: document JSON, HTML, Markdown or text."
        ),
    ],
    archive: ArchiveOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Give at most N.")] = 5,
    as_json: JsonOption = False,
) -> int:
    """Find the original of a captured text among the archived documents of the Ministry, with reasons.

    It ranks; whether the text is the original's, `harvester verify` says. Exit 1: none was found.
    """
    import msgspec

    from harvester.cli.output import print_json
    from harvester.cli.sides import Sides
    from harvester.errors import UsageError
    from harvester.exits import Exit

    with Sides(archive) as sides:
        side = sides.named(captured)
        if side.problem is not None:
            raise UsageError(f"{side.problem}: it has no text to find an original of")
        held, library = sides.opened()
        with finder(held, library) as open_finder:
            found = open_finder.search(side, limit)
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        _print(found)
    return Exit.DONE if found.candidates else Exit.NEGATIVE


def finder(held: Archive, library: Library) -> Finder:
    """Open the finder, with a word on what takes long: the first index of a large archive."""
    from harvester.cli.output import messages
    from harvester.finder import Finder

    with messages().status("looking through the archive") as status:

        def told(done: int, total: int) -> None:
            status.update(f"indexing the archive's originals: {done:,} of {total:,}")

        return Finder.open(held, library, told)


def _print(found: Found) -> None:
    from harvester.cli.output import answer, cell, console, table

    if found.candidates:
        shown = table(None, "score", "date", "title, id, and why")
        shown.columns[1].min_width = 10
        for candidate in found.candidates:
            lines = [candidate.title or candidate.url or "", candidate.id]
            lines += [f"· {reason.words}" for reason in candidate.reasons]
            if candidate.versions:
                lines.append(f"· captured {len(candidate.versions) + 1} times")
            shown.add_row(*map(cell, (f"{candidate.score:.2f}", candidate.date, "\n".join(lines))))
        console().print(shown)
    else:
        answer("no original found among the archived documents of the Ministry")
    for suggested in found.suggested:
        answer(f"could be fetched: {suggested.url} ({suggested.words})")
