"""`harvester rebuild`: the documents again, from the WARC files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archive.words import counted
from harvester.cli.common import AddressOption, EngineOption, JsonOption, WorkersOption
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.rebuild import Report


def rebuild(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Archives, WARC, ARC, WACZ, folders, patterns, URLs; Parquet or JSON lines with HTML; CDXJ.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="DIR|URL", help="Where to write the documents: a folder, s3://…"),
    ] = None,
    files_from: Annotated[
        list[str] | None,
        typer.Option("--files-from", metavar="FILE|URL", help="Inputs, one a line; - for standard input."),
    ] = None,
    html_column: Annotated[
        str | None, typer.Option("--html-column", metavar="NAME", help="Column of tables with the HTML.")
    ] = None,
    url_column: Annotated[
        str | None, typer.Option("--url-column", metavar="NAME", help="Column with the page's URL.")
    ] = None,
    headers_column: Annotated[
        str | None, typer.Option("--headers-column", metavar="NAME", help="Column with the HTTP headers.")
    ] = None,
    warc_root: Annotated[
        str | None,
        typer.Option(
            "--warc-root", metavar="DIR|URL", help="Where the files are that a CDXJ names; else beside it."
        ),
    ] = None,
    workers: WorkersOption = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORM",
            help="json: a file a document. jsonl, parquet: tables (docs/tables.md).",
        ),
    ] = "json",
    write_warc: Annotated[
        bool, typer.Option("--write-warc", help="Also write the texts as WARC conversion records.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only captures from then on (UTC).")
    ] = None,
    site: Annotated[
        str | None, typer.Option("--site", metavar="NAME", help="Only pages that these rules read.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="Only this share of the files.")
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="S", help="Processor time for one record, seconds.")
    ] = 60.0,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove results of inputs that are not named any more.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing: compare an archive's documents with what its WARCs give."
        ),
    ] = False,
    engine_name: EngineOption = "local",
    address: AddressOption = None,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="OLD|URL",
            help="Compare with an earlier output, an archive or JSON lines: compare.html, compare.json.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Make the documents again from web archives: byte for byte those that `fetch` wrote.

    What an earlier run finished is kept, also if it ran elsewhere or was stopped. Exit 0: every file was
    whole. 1: some was damaged or some record could not be read (see report.json). 5: a file could not be
    opened, or the output not be written. With --check 1: a document differs, is missing, or no record gives
    it (one of another version is told as that).
    """
    import msgspec

    from harvester import rebuild as engine
    from harvester.cli import comparing
    from harvester.cli.engines import ended_by_sigterm, engine_of, shared
    from harvester.cli.output import print_json
    from harvester.cli.proving import check_archives
    from harvester.cli.rebuilding import Bar, moment, named, site_name, stopped, tell_beside

    if check and (output is not None or compare is not None):
        raise UsageError(
            "--check writes nothing and compares with the archive itself: no --output, no --compare"
        )
    if check and (since or site or shard or write_warc or prune):
        raise UsageError(
            "--check compares all of an archive: no --since, --site, --shard, --write-warc or --prune"
        )
    if check:
        shared_out = shared(engine_name, workers, address)
        return check_archives(named(inputs, files_from), shared_out, as_json=as_json)
    if output is None:
        raise UsageError("say where to write the documents: --output DIR, or a URL")
    if compare is not None and shard is not None:
        raise UsageError("a share is not compared: say --compare with the run that puts all together")
    old = comparing.old_side(compare, output) if compare is not None else None
    options = engine.Options(
        format=form,
        write_warc=write_warc,
        since=moment(since),
        site=site_name(site),
        deadline_s=deadline,
    )
    bringing = engine.Bringing(
        html_column=html_column, url_column=url_column, headers_column=headers_column, warc_root=warc_root
    )
    tell_beside(output)
    bar = Bar()
    try:
        with ended_by_sigterm(), bar:
            report = engine.rebuild(
                named(inputs, files_from),
                output,
                options,
                engine=engine_of(engine_name, workers, address),
                shard=engine.Shard.parse(shard) if shard else None,
                prune=prune,
                progress=bar,
                bringing=bringing,
            )
    except KeyboardInterrupt:
        return stopped(bar, output, as_json=as_json)
    compared = comparing.write_comparison(old, output) if old is not None else None
    if as_json:
        value = msgspec.to_builtins(report)
        print_json(value if compared is None else {**value, "compared": comparing.as_json(compared)})
    else:
        _tell(report, output)
        if compared is not None:
            comparing.tell(compared, output)
    return report.exit


def _tell(report: Report, output: str) -> None:
    from harvester.cli.output import say

    others = ", ".join(
        counted(count, state, "assets" if state == "asset" else state)
        for state, count in report.outcomes.items()
        if state != "ok"
    )
    say(f"{counted(report.documents, 'document')} in {output}" + (f" (and {others})" if others else ""))
    if report.left_out:
        say(f"{counted(report.left_out, 'record')} left out, as --since and --site say")
    for name in report.growing:
        say(name)
    for kind in ("damaged", "unreadable", "lost", "conflicts", "unresolved", "failed"):
        for line in getattr(report, kind)[:20]:
            cure = "; name the file that holds it too" if kind == "unresolved" else ""
            say(f"{kind}: {line}{cure}", style="red")
        more = len(getattr(report, kind)) - 20
        if more > 0:
            say(f"{kind}: and {more} more, in {output}/report.json", style="red")
    if not report.whole:
        say(
            "inputs and outcomes do not add up: something vanished; see report.json and report this",
            style="red",
        )
