"""`harvester index`: the CDXJ of any web archives, as replay tools read it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import JsonOption
from harvester.errors import UsageError, WarcError

if TYPE_CHECKING:
    from archive import StoredRecord
    from archive.cdxj import Output


def index(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="WARC, ARC and WACZ files, folders, archives.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List the records of web archives as CDXJ: SURT, time, facts; sorted by bytes, as cdxj-indexer does.

    Of a damaged file what is whole is listed, of an archive what is not withdrawn. With --json, the facts of
    the run are printed, so the CDXJ needs --output. Exit 1: something was damaged.
    """
    from archive.cdxj import base_name, cdxj_line, write_lines
    from archive.runs import SortedLines
    from harvester.cli.output import messages, print_json, say
    from harvester.exits import Exit

    if as_json and output is None:
        raise UsageError("with --json the CDXJ goes to a file: name it with --output")
    if output is not None and output.exists() and not force:
        raise UsageError(f"{output} exists already; name another file, or say --force to replace it")
    damaged: list[str] = []
    with SortedLines() as lines:
        with messages().status("reading") as status:
            for record in _records(inputs, damaged, lambda name: status.update(f"reading {name}")):
                line = cdxj_line(record, base_name(record.location.file))
                if line is not None:
                    lines.add(line + b"\n")
        count = _written(output, lambda out: write_lines(lines, out))
    for fault in damaged:
        say(f"damaged: {fault}", style="red")
    if as_json:
        print_json({"lines": count, "output": str(output), "damaged": damaged})
    elif output is not None:
        say(f"{count} lines in {output}")
    return Exit.NEGATIVE if damaged else Exit.DONE


def _records(inputs: list[Path], damaged: list[str], tell: Callable[[str], None]) -> Iterator[StoredRecord]:
    """Yield the whole records of all inputs, but those that their archive has withdrawn.

    Each damaged file leaves a line in `damaged`.
    """
    from harvester.rebuild.inputs import named_files
    from harvester.rebuild.takedowns import hidden_in

    files = named_files(inputs)
    hidden = hidden_in({path.parent.parent for path, in_archive in files if in_archive})
    for path, in_archive in sorted(files, key=lambda file: (file[0].name, file)):
        tell(path.name)
        for record in _whole(path, damaged):
            if not (in_archive and record.record_id in hidden):
                yield record


def _whole(path: Path, damaged: list[str]) -> Iterator[StoredRecord]:
    from archive.foreign import read_any
    from archive.layout import OPEN_SUFFIX, WARC_SUFFIXES
    from archive.recovery import Walk

    if not path.name.removesuffix(OPEN_SUFFIX).endswith(WARC_SUFFIXES):
        try:
            yield from read_any(path)
        except WarcError as error:
            damaged.append(str(error))
        return
    walk = Walk(path, salvage=True)
    yield from walk.whole_records()
    if walk.problem is not None:
        damaged.append(str(walk.problem))


def _written(output: Path | None, write: Callable[[Output], int]) -> int:
    """Write to stdout, or beside `output` and then into its place; return what `write` does."""
    from archive.disk import SYSTEM_DISK, storage_errors
    from archive.newfile import NewFile

    if output is None:
        count = write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return count
    file = NewFile(output, SYSTEM_DISK, force=True)
    try:
        count = write(file)
        with storage_errors("cannot write", output):
            file.commit()
    except BaseException:
        file.discard()
        raise
    return count
