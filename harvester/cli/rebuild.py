"""`harvester rebuild`: the documents again, from the WARC files alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from harvester.cli.common import JsonOption
from harvester.errors import UsageError


def rebuild(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="ARCHIVE|WARC...", readable=False, help="Archives, folders, WARC files."),
    ],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Where to write the documents.")],
    as_json: JsonOption = False,
) -> int:
    """Make the documents again from WARC files: byte for byte those that `fetch` wrote.

    Exit 0: every file was whole. 1: some was damaged or some record could not be read (see the report).
    """
    import msgspec

    from harvester import rebuild as engine
    from harvester.cli.output import messages, print_json, say
    from harvester.exits import Exit

    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file: name a directory for the documents")
    with messages().status("reading") as status:
        report = engine.rebuild(
            inputs,
            writer_into(output),
            lambda name: status.update(f"reading {name}"),
        )
    if as_json:
        print_json(msgspec.to_builtins(report))
    else:
        others = ", ".join(
            f"{count} {state}" for state, count in sorted(report.outcomes.items()) if state != "ok"
        )
        say(f"{report.documents} documents in {output}" + (f" (and {others})" if others else ""))
        for line in report.damaged:
            say(f"damaged: {line}", style="red")
        for line in report.unresolved:
            say(f"unresolved: {line}; name the file that holds it too", style="red")
    lost = report.damaged or report.unresolved or report.outcomes.get("failed")
    return Exit.NEGATIVE if lost else Exit.DONE


def writer_into(output: Path) -> Callable[[str, bytes], None]:
    """Return the function that puts a file in place below `output`, whole and durably."""
    from archive.disk import SYSTEM_DISK, write_file

    def write(relative: str, data: bytes) -> None:
        target = output / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(SYSTEM_DISK, target, data)

    return write
