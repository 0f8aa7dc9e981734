"""`harvester verify`: is the captured text the original's? One pair, one capture, all reposts, or again."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import AddressOption, ArchiveOption, EngineOption, JsonOption, WorkersOption
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.verify_report import Language

_SIDE = (
    "An archive id, a URL (or URL@TIME) in the archive, or a file: document JSON, HTML, Markdown or text; "
    "- is standard input."
)
_ORIGINAL = "The same, for the original. Left out, it is looked for among the archived documents."


def verify(
    captured: Annotated[str | None, typer.Argument(metavar="CAPTURED", help=_SIDE)] = None,
    original: Annotated[str | None, typer.Argument(metavar="ORIGINAL", help=_ORIGINAL)] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="What still counts as the same for the exit code: identical, format or punctuation.",
        ),
    ] = "punctuation",
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="OUT",
            help="Write a report to OUT.html; with --all, one each into folder OUT.",
        ),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help="The report's language.")] = "zh",
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result in the archive's WARC files.")
    ] = False,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch", help="Capture the addresses first that the text gives for its original, one by one."
        ),
    ] = False,
    all_: Annotated[bool, typer.Option("--all", help="Verify all WeChat reposts of the archive.")] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="With --all: only captures from this date (UTC) on."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="With --all: write a table for a spreadsheet."),
    ] = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(
            "--jsonl", metavar="FILE", help="With --all: write each whole result as a line of JSON."
        ),
    ] = None,
    recheck: Annotated[
        bool,
        typer.Option(
            "--recheck",
            help="Make kept results again from their WARC records: all, or the one that CAPTURED names "
            "(its record id, or a file of JSON).",
        ),
    ] = False,
    workers: WorkersOption = None,
    engine: EngineOption = "local",
    address: AddressOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare a captured text with its original: what is the same, and which edits there are.

    Exit 0: identical, same-text, minor, or a faithful excerpt. 1: altered, excerpt-altered or different, or
    not the same at the level that was asked for. 4: cannot-verify. With --all, 1 counts before 4.
    """
    from harvester.verify import Options

    options = Options(level=level)
    language = _language(lang)
    given = {
        "ORIGINAL": original, "--report": report, "--save": save, "--fetch": fetch, "--all": all_,
        "--since": since, "--csv": csv, "--jsonl": jsonl, "--recheck": recheck, "--workers": workers,
        "--engine": engine != "local", "--address": address,
    }  # fmt: skip
    if recheck or (original is None and _is_result(captured)):
        from harvester.cli.verify_again import verify_again

        _refuse(given, "a result that is made again", {"--recheck", "--save"})
        return verify_again(captured, archive, save=save, as_json=as_json)
    if all_:
        from harvester.cli.engines import ended_by_sigterm, engine_of
        from harvester.cli.verify_all import Wanted, verify_all

        if captured is not None:
            raise UsageError(f"--all takes every repost of the archive: leave {captured!r} out, or --all")
        _refuse(given, "--all", given.keys() - {"ORIGINAL", "--recheck"})
        wanted = Wanted(
            since=since,
            csv=csv,
            jsonl=jsonl,
            reports=report,
            save=save,
            fetch=fetch,
            force=force,
            engine=engine_of(engine, workers, address, otherwise=1),
        )
        with ended_by_sigterm():
            return verify_all(wanted, options, language, archive, as_json=as_json)
    if captured is None:
        raise UsageError("name what to verify: CAPTURED [ORIGINAL]; or --all, or --recheck")
    from harvester.cli.verify_one import Asked, verify_one

    _refuse(given, "one comparison", {"ORIGINAL", "--report", "--save", "--fetch"})
    if fetch and original is not None:
        raise UsageError("--fetch looks for the original: leave ORIGINAL out, or --fetch")
    if fetch and captured == "-":
        raise UsageError("--fetch reads CAPTURED twice, and - (standard input) can be read once: name a file")
    asked = Asked(captured=captured, original=original, report=report, save=save, fetch=fetch, force=force)
    return verify_one(asked, options, language, archive, as_json=as_json)


def _is_result(name: str | None) -> bool:
    """Tell whether CAPTURED is a file that `verify --json` wrote: it is then made again."""
    if name is None or not name.endswith(".json") or not Path(name).is_file():
        return False
    from harvester.cli.verify_again import is_result_file

    return is_result_file(Path(name))


def _refuse(given: Mapping[str, object], what: str, good: AbstractSet[str]) -> None:
    """Refuse options that say nothing here, rather than pass them over in silence."""
    bad = [name for name, value in given.items() if value and name not in good]
    if bad:
        raise UsageError(f"{', '.join(bad)} {'does' if len(bad) == 1 else 'do'} not go with {what}")


def _language(text: str) -> Language:
    from harvester.verify_report import LANGUAGES

    for language in LANGUAGES:
        if text == language:
            return language
    raise UsageError(f"--lang is one of {', '.join(LANGUAGES)}, not {text!r}")
