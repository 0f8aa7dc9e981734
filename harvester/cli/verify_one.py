"""One capture against its original, named or found; kept and reported if asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.words import counted
from harvester.cli.common import configuration
from harvester.cli.find import finder
from harvester.cli.output import answer, say, write_bytes
from harvester.cli.sides import Sides
from harvester.cli.verdict import print_result
from harvester.clock import SystemClock
from harvester.exits import Exit, combined
from harvester.outputs import check_output, write_output
from harvester.times import for_people
from harvester.verify import Options, Result, Side, compare, exit_code, to_bytes
from harvester.verifying import values
from harvester.verifying.originals import ABSENT, verification
from harvester.verifying.reports import report_of
from harvester.verifying.saving import Keeping, check_sides
from harvester.verifying.sides import side_of_row

if TYPE_CHECKING:
    from harvester.verify_report import Language
    from harvester.verifying.values import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    captured: str
    original: str | None
    report: Path | None
    save: bool
    fetch: bool
    force: bool


def verify_one(
    asked: Asked, options: Options, language: Language, archive: Path | None, *, as_json: bool
) -> int:
    """Verify, and return the exit code."""
    if asked.report is not None:
        check_output(asked.report, ".html", force=asked.force)
    codes = _fetched(asked.captured, archive) if asked.fetch else []
    found: Verification | None = None
    saved: str | None = None
    with Sides(archive, write=asked.save) as sides:
        captured = sides.named(asked.captured)
        if asked.original is not None:
            original = sides.named(asked.original)
            result = compare(captured, original, options)
        else:
            found, original = _found(sides, captured, options)
            result = found.result
        if asked.save and (found is None or found.original is not None):
            saved = _save(sides, result)
        if asked.report is not None:
            page = report_of(
                result, captured, original, language, archive=sides.archive, found=found, saved=saved
            )
            write_output(asked.report, page, force=asked.force)
    _show(result, found, captured, original, as_json=as_json)
    if asked.save:
        say(f"kept: {saved}" if saved else "nothing is kept: there is no original to compare with")
    if asked.report is not None:
        say(f"report: {asked.report}")
    return combined([Exit(exit_code(result)), *codes])


def _found(sides: Sides, captured: Side, options: Options) -> tuple[Verification, Side]:
    """Find the original and compare. Where there is none, the other side is an empty one that says so."""
    archive, library = sides.opened()
    with finder(archive, library) as open_finder:
        found = verification(archive, library, captured, open_finder, options)
    if found.original is None:
        return found, ABSENT
    return found, side_of_row(archive, library, library.find(found.original))


def _save(sides: Sides, result: Result) -> str:
    archive, library = sides.opened()
    check_sides(archive, result)
    return Keeping(archive, library).keep(result, SystemClock().now())


def _fetched(name: str, archive: Path | None) -> list[Exit]:
    """Capture what the text gives as addresses of its original; return the codes that stop or block."""
    with Sides(archive) as sides:
        side = sides.named(name)
        held, library = sides.opened()
        directory = sides.directory
        if side.problem is not None:
            return []
        with finder(held, library) as open_finder:
            urls = [one.url for one in open_finder.search(side).suggested]
    if not urls:
        say("nothing to fetch: the text gives no address that is not archived")
    return fetch_urls(urls, directory)


def fetch_urls(urls: Sequence[str], directory: Path) -> list[Exit]:
    """Capture URLs by an ordinary session, telling each outcome; return the codes that stop or block."""
    from harvester.cli.fetch import print_outcome, progress, say_damage
    from harvester.cli.session import Session

    if not urls:
        return []
    codes = []
    with progress() as tell, Session(directory, configuration(), discovered_via="verify --fetch") as session:
        session.tell = tell
        for notice in session.notices:
            say_damage(notice)
        for outcome in session.fetch_all(urls):
            print_outcome(outcome)
            codes.append(Exit(outcome.code))
    return [code for code in codes if code in {Exit.BLOCKED, Exit.STORAGE}]


def _show(
    result: Result, found: Verification | None, captured: Side, original: Side, *, as_json: bool
) -> None:
    if as_json:
        write_bytes(to_bytes(result) if found is None else values.to_bytes(found))
        return
    if found is not None and found.original is not None:
        _show_found(found)
    print_result(result, captured, original)
    if found is not None:
        for one in found.suggested:
            answer(f"  could be fetched (--fetch): {one.url} ({one.words})")
        if found.original is None and not found.suggested:
            answer("  name its ORIGINAL, or capture it first: `harvester fetch URL`, `harvester import FILE`")


def _show_found(found: Verification) -> None:
    best = found.candidates[0]
    answer(f"original found: {best.title or best.url or best.id} ({best.score:.2f})")
    for reason in best.reasons:
        answer(f"  · {reason.words}", style="dim")
    for other in found.candidates[1:]:
        answer(
            f"  not compared: {other.title or other.url or ''} {other.id} ({other.score:.2f})", style="dim"
        )
    if len(found.versions) > 1:
        answer(f"{len(found.versions)} versions of it were captured:")
        for version in found.versions:
            mark = "→" if version.nearest else " "
            told = f"{version.verdict}, {counted(version.edits, 'edit')} ({version.material} material)"
            answer(f"  {mark} {for_people(version.fetch_dates[0])}  {version.id}  {told}")
