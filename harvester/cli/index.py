"""`harvester index`: the CDXJ of any web archives, as replay tools read it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from archive.words import counted
from harvester.cli.common import JsonOption
from harvester.errors import UsageError, WarcError

if TYPE_CHECKING:
    from archive import StoredRecord
    from archive.cdxj import Output
    from archive.storage.places import Place
    from harvester.withdrawal import Passing

_MARK: Final = b"\0"
"""Behind it stands of which record a line is: JSON has no such byte, and it sorts before all others."""


def index(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="PATH|URL...", help="WARC, ARC and WACZ files, folders, archives, patterns."),
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
            records = _Records(inputs, damaged, lambda name: status.update(f"reading {name}"))
            for record, mark in records:
                line = cdxj_line(record, base_name(record.location.file))
                if line is not None:
                    lines.add(line + mark + b"\n")
        count = _written(output, lambda out: write_lines(records.shown(lines), out))
    for fault in damaged:
        say(f"damaged: {fault}", style="red")
    if as_json:
        print_json({"lines": count, "output": str(output), "damaged": damaged})
    elif output is not None:
        say(f"{counted(count, 'line')} in {output}")
    return Exit.NEGATIVE if damaged else Exit.DONE


class _Records:
    """The whole records of all inputs, but those that their archive has withdrawn.

    Each damaged file leaves a line in `damaged`. An archive's index says what is withdrawn; at a URL there is
    none, and a decision may come after its record. So what is of such an archive comes with a mark, and when
    all has passed, `shown` gives the lines without those that are hidden.
    """

    def __init__(self, inputs: Sequence[str], damaged: list[str], tell: Callable[[str], None]) -> None:
        self._inputs = inputs
        self._damaged = damaged
        self._tell = tell
        self._passing: dict[Place, Passing] = {}

    def __iter__(self) -> Iterator[tuple[StoredRecord, bytes]]:
        """Yield each record and the mark to be put behind its line."""
        from harvester.rebuild.inputs import named_files
        from harvester.rebuild.takedowns import hidden_in
        from harvester.withdrawal import Passing

        files = named_files(self._inputs)
        roots = {path.parent.parent for path, in_archive in files if in_archive}
        hidden = hidden_in(root for root in roots if isinstance(root, Path))
        self._passing = {root: Passing() for root in roots if not isinstance(root, Path)}
        for path, in_archive in sorted(files, key=lambda file: (file[0].name, str(file[0]))):
            self._tell(path.name)
            records = _whole(path, self._damaged)
            passing = self._passing.get(path.parent.parent) if in_archive else None
            if passing is not None:
                for record in passing.records(path.name, records):
                    yield record, _MARK + record.record_id.encode()
                continue
            for record in records:
                if not (in_archive and record.record_id in hidden):
                    yield record, b""

    def shown(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield sorted lines as they are to be shown, each once."""
        hidden = {
            record_id.encode()
            for passing in self._passing.values()
            for record_id in passing.withdrawals().hidden()
        }
        last = b""
        for marked in lines:
            line, mark, record_id = marked.rstrip(b"\n").rpartition(_MARK)
            if mark and record_id in hidden:
                continue
            line = line if mark else record_id
            if line != last:
                yield line + b"\n"
            last = line


def _whole(path: Place, damaged: list[str]) -> Iterator[StoredRecord]:
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
