"""`harvester check`: is what is stored what was stored?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import AddressOption, EngineOption, JsonOption, WorkersOption
from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.check import Report, Salvage


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|URL...",
            help="Archives, mirrors, folders, WARC, ARC and WACZ files of any tool.",
        ),
    ],
    salvage: Annotated[
        Path | None,
        typer.Option("--salvage", metavar="OUT", help="Write the records that are whole to OUT (.warc.gz)."),
    ] = None,
    workers: WorkersOption = None,
    engine_name: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check files strictly: members, fields, digests, messages, references; of an archive, also its index,
    documents and library; of a mirror at a URL (`harvester sync`), every file that its manifest names.

    Nothing is changed. Exit 0: no damage (warnings do not count). 1: damage. 5: something cannot be read.
    Every code is explained in docs/check.md.
    """
    from archive.check import Check, Report
    from archive.storage import place
    from harvester.checking import check_documents
    from harvester.checking.side_by_side import runner_of
    from harvester.cli.engines import shared
    from harvester.cli.output import print_json
    from harvester.engines.engine import held
    from harvester.withdrawal import purged

    engine = shared(engine_name, workers, address)
    if engine is not None and salvage is not None:
        raise UsageError("--salvage writes one file, record after record: leave out --workers and --engine")
    report = Report()
    with progress() as (on_bytes, on_page), _salvaging(salvage) as saved:

        def on_archive(directory: Path, index_serves: bool) -> None:
            if index_serves:
                check_documents(directory, report, on_page, engine)
            else:
                report.teller(str(directory))("W075", "its index does not serve")

        runner = runner_of(engine, on_bytes) if engine is not None else None
        with (
            held(engine),
            Check(
                report,
                progress=on_bytes,
                salvage=saved,
                on_archive=on_archive,
                explained=purged,
                runner=runner,
            ) as running,
        ):
            for path in paths:
                running.path(place(path))
    if as_json:
        print_json(_as_json(report, salvage, saved))
    else:
        _show(report, salvage, saved)
    if report.unreadable:
        return Exit.STORAGE
    return Exit.NEGATIVE if report.damaged else Exit.DONE


@contextlib.contextmanager
def _salvaging(path: Path | None) -> Iterator[Salvage | None]:
    if path is None:
        yield None
        return
    from archive.check import Salvage
    from harvester.clock import SystemClock
    from harvester.toolchain import software_name

    with Salvage(path, software=software_name(), now=SystemClock().now) as saved:
        yield saved


@contextlib.contextmanager
def progress() -> Iterator[tuple[Callable[[str, int, int], None], Callable[[str], None]]]:
    """Show how far the current file is, to a person at a terminal."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from harvester.cli.output import messages

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages(), transient=True, disable=not messages().is_terminal) as bar:
        task = bar.add_task("", total=None)

        def on_bytes(file: str, done: int, size: int) -> None:
            bar.update(task, description=file.rpartition("/")[2], completed=done, total=size)

        def on_page(url: str) -> None:
            bar.update(task, description=f"document of {url[:60]}", completed=0, total=None)

        yield on_bytes, on_page


def _as_json(report: Report, path: Path | None, saved: Salvage | None) -> dict[str, Any]:
    return {
        "damaged": report.damaged,
        "unreadable": report.unreadable,
        "files": report.files,
        "records": report.records,
        "counts": dict(sorted(report.counts.items())),
        "omitted": report.omitted,
        "findings": [finding.as_dict() for finding in report.findings],
        "salvage": _salvage_json(path, saved),
    }


def _salvage_json(path: Path | None, saved: Salvage | None) -> dict[str, Any] | None:
    if saved is None:
        return None
    return {"file": str(path), "records": saved.copied, "left_out": saved.left_out}


def _show(report: Report, path: Path | None, saved: Salvage | None) -> None:
    from archive.check import Severity
    from harvester.cli.output import say

    show_findings(report)
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    style = "red" if errors else "green"
    read = f"{counted(report.files, 'file')}, {counted(report.records, 'record')}"
    say(f"{read}: {counted(errors, 'error')}, {counted(warnings, 'warning')}", style=style)
    if saved is not None:
        whole = counted(saved.copied, "whole record is", "whole records are")
        say(f"{whole} in {path}; {saved.left_out} more were read but are not whole")


def show_findings(report: Report) -> None:
    """Print the findings, each with its place, what was found, and what to do."""
    from archive.check import CODES, Severity
    from harvester.cli.output import entry, say

    colours = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
    for finding in report.findings:
        code = CODES[finding.code]
        place = "" if finding.offset is None else f", byte {finding.offset}"
        entry(
            f"{finding.code}  {Path(finding.file).name}{place}",
            f"{code.meaning}: {finding.detail}",
            f"→ {finding.cure}",
            style=colours[finding.severity],
        )
    if report.omitted:
        say(f"not listed: {counted(report.omitted, 'further finding')} of the same kinds")
