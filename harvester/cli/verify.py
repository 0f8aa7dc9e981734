"""`harvester verify`: is the captured text the original's?"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from archive import Archive
    from harvester.library import Library
    from harvester.verify import Result, Side
    from harvester.verify_report import Language

_SIDE = "An archive id, a URL (or URL@TIME) in the archive, or a file: document JSON, HTML, Markdown or text."


def verify(
    captured: Annotated[str, typer.Argument(metavar="CAPTURED", help=_SIDE)],
    original: Annotated[str, typer.Argument(metavar="ORIGINAL", help="The same, for the original.")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT", help="Write a report to OUT.html.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help="The report's language.")] = "zh",
    level: Annotated[
        str,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="What still counts as the same for the exit code: identical, format or punctuation.",
        ),
    ] = "punctuation",
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it exists.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare a captured text with its original: what is the same, and which edits there are.

    Exit 0: identical, same-text, minor, or a faithful excerpt. 1: altered, excerpt-altered or different, or
    not the same at the level that was asked for. 4: cannot-verify.
    """
    from harvester.cli.output import say, write_bytes
    from harvester.cli.verdict import print_result
    from harvester.outputs import check_output, write_output
    from harvester.verify import Options, compare, exit_code, to_bytes

    options = Options(level=level)
    language = _language(lang)
    if report is not None:
        check_output(report, ".html", force=force)
    with _Sides(archive) as sides:
        one, other = sides.named(captured), sides.named(original)
        result = compare(one, other, options)
        if report is not None:
            page = sides.report(result, one, other, language)
            write_output(report, page, force=force)
    if as_json:
        write_bytes(to_bytes(result))
    else:
        print_result(result, one, other)
    if report is not None:
        say(f"report: {report}")
    return exit_code(result)


def _language(text: str) -> Language:
    from harvester.verify_report import LANGUAGES

    for language in LANGUAGES:
        if text == language:
            return language
    raise UsageError(f"--lang is one of {', '.join(LANGUAGES)}, not {text!r}")


class _Sides:
    """Sides by name; the archive is opened when the first one is asked for that is in it."""

    def __init__(self, option: Path | None) -> None:
        self._option = option
        self._open = contextlib.ExitStack()
        self._held: tuple[Archive, Library] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def named(self, name: str) -> Side:
        from harvester.verifying.sides import is_file_name, named_row, side_of_file, side_of_row

        if is_file_name(name):
            return side_of_file(Path(name))
        archive, library = self._opened()
        return side_of_row(archive, library, named_row(archive, library, name))

    def report(self, result: Result, captured: Side, original: Side, language: Language) -> bytes:
        from harvester.verify_report import Given, Words, report_html
        from harvester.verifying.sides import place_of

        places = [place_of(self._held[0], side) if self._held else None for side in (captured, original)]
        return report_html(
            Given(
                result=result,
                captured=captured,
                original=original,
                words=Words(language),
                places=(places[0], places[1]),
            )
        )

    def _opened(self) -> tuple[Archive, Library]:
        from harvester.cli.library import opened

        if self._held is None:
            directory = archive_directory(self._option, configuration())
            self._held = self._open.enter_context(opened(directory))
        return self._held
