"""`harvester rebuild --check`: are an archive's documents what its WARC files give?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.check import Report
    from harvester.engines.engine import Engine

WORDS: Final = {
    "equal": "equal",
    "other_version": "of another version",
    "different": "different",
    "missing": "missing",
    "extra": "extra (no record gives them)",
    "not_entered": "not entered yet",
    "unreadable": "whose record cannot be read",
}
_WRONG: Final = ("different", "missing", "extra", "unreadable")


def check_archives(names: Sequence[str], engine: Engine | None, *, as_json: bool) -> int:
    """Check archives as `harvester check` does, and say of their documents what they are.

    With an `engine`, that does it. A document of another version is no difference: `rebuild --compare` shows
    what the versions change.
    Raises `UsageError` for what is no archive.
    """
    from archive.check import Check, Report
    from archive.layout import MARKER
    from archive.storage import is_url
    from harvester.checking import check_documents
    from harvester.checking.side_by_side import runner_of
    from harvester.cli.check import progress
    from harvester.cli.output import print_json
    from harvester.engines.engine import held

    for name in names:
        if is_url(name):
            raise UsageError(
                f"{name} is a URL: --check makes documents again beside an archive's own, on a disk; "
                f"`harvester check {name}` proves those of a mirror by their digests"
            )
    inputs = [Path(name) for name in names]
    for path in inputs:
        if not (path / MARKER).exists():
            raise UsageError(
                f"{path} is no archive: --check compares an archive's documents with its WARC files"
            )
    report = Report()
    pages: Counter[str] = Counter()
    compared = True
    with progress() as (on_bytes, on_page):

        def on_archive(directory: Path, index_serves: bool) -> None:
            nonlocal compared
            found = check_documents(directory, report, on_page, engine) if index_serves else Counter()
            if not index_serves:
                report.teller(str(directory))("W075", "its index does not serve")
            compared = compared and index_serves and not {"W075", "E070"} & set(report.counts)
            pages.update(found)

        runner = runner_of(engine, on_bytes) if engine is not None else None
        with held(engine), Check(report, progress=on_bytes, on_archive=on_archive, runner=runner) as running:
            for path in inputs:
                running.path(path)
    code = _code(report, pages, compared=compared)
    if as_json:
        print_json(
            {
                "compared": compared,
                "damaged": report.damaged,
                "documents": {name: pages[name] for name in WORDS},
                "findings": [finding.as_dict() for finding in report.findings],
                "omitted": report.omitted,
            }
        )
    else:
        _tell(report, pages, compared=compared)
    return code


def _code(report: Report, pages: Counter[str], *, compared: bool) -> int:
    if report.unreadable:
        return Exit.STORAGE
    if report.damaged or any(pages[name] for name in _WRONG):
        return Exit.NEGATIVE
    return Exit.DONE if compared else Exit.CANNOT_TELL


def _tell(report: Report, pages: Counter[str], *, compared: bool) -> None:
    from harvester.cli.check import show_findings
    from harvester.cli.output import say

    show_findings(report)
    told = ", ".join(f"{pages[name]} {words}" for name, words in WORDS.items() if pages[name]) or "none"
    wrong = report.damaged or any(pages[name] for name in _WRONG)
    say(f"pages compared with their records: {told}", style="red" if wrong else "green")
    if pages["other_version"]:
        say("`harvester rebuild ARCHIVE --output DIR --compare ARCHIVE` shows what the versions change")
    if not compared:
        say("not all could be compared: `harvester reindex` makes index and library again", style="yellow")
