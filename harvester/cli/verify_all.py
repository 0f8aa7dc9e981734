"""All reposts of an archive against their originals: a summary, and files for those who want more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from archive.disk import SYSTEM_DISK
from archive.newfile import NewFile
from archive.words import counted
from harvester.cli.common import archive_directory, configuration
from harvester.cli.find import finder
from harvester.cli.output import answer, cell, complain, console, counting, print_json, say, table
from harvester.cli.sides import Sides
from harvester.cli.verdict import WORDS
from harvester.cli.verify_one import fetch_urls
from harvester.clock import SystemClock
from harvester.engines.engine import Engine, InProcess
from harvester.errors import UsageError
from harvester.exits import Exit, combined
from harvester.export.choice import moment
from harvester.outputs import check_output, write_output
from harvester.verify import VERDICTS, Options, exit_code
from harvester.verify_report import Words, overview_html
from harvester.verifying.bulk import Checked, Damaged, Repost, articles
from harvester.verifying.parallel import reposts_by
from harvester.verifying.reports import entry_of, report_of
from harvester.verifying.saving import Keeping
from harvester.verifying.sheets import csv_bytes, jsonl_line
from harvester.verifying.sides import side_of_row

if TYPE_CHECKING:
    from archive import Archive
    from harvester.library import Library
    from harvester.verify_report import Language

_SHOWN: Final = 50
_OVERVIEW: Final = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    since: str | None
    csv: Path | None
    jsonl: Path | None
    reports: Path | None
    save: bool
    fetch: bool
    force: bool
    engine: Engine


def verify_all(
    wanted: Wanted, options: Options, language: Language, archive: Path | None, *, as_json: bool
) -> int:
    """Verify all, write what was asked for, and return the exit code."""
    _check(wanted)
    directory = archive_directory(archive, configuration())
    whole = directory.absolute()  # what is told of a file names it alike whichever machine met it
    codes = _fetched(wanted, whole) if wanted.fetch else []
    with Sides(whole, write=wanted.save) as sides, ExitStack() as opened:
        lines = _lines_file(wanted, opened)
        run = _Run(wanted, options, language, sides, lines)
        looked_at = run.all()
        if lines is not None:
            lines.commit()
    if wanted.csv is not None:
        write_output(wanted.csv, csv_bytes(run.done), force=wanted.force)
    if wanted.reports is not None:
        entries = [entry_of(repost, run.reports.get(repost.captured)) for repost in run.done]
        write_output(wanted.reports / _OVERVIEW, overview_html(entries, Words(language)), force=wanted.force)
    if as_json:
        print_json(
            {
                "archive": str(directory),
                "articles": looked_at,
                "summary": _summary(run.done),
                "damaged": [msgspec.structs.asdict(one) for one in run.damaged],
                "results": [msgspec.structs.asdict(one) for one in run.done],
            }
        )
    else:
        _print(run.done, len(run.damaged), looked_at)
    for path in (wanted.csv, wanted.jsonl, wanted.reports):
        if path is not None:
            say(f"written: {path}")
    return _code(run, codes)


class _Run:
    """One pass. What is asked for is written as it goes, but tables, which are written at the end."""

    def __init__(
        self, wanted: Wanted, options: Options, language: Language, sides: Sides, lines: NewFile | None
    ) -> None:
        self._lines = lines
        self._wanted = wanted
        self._options = options
        self._language = language
        self._archive, self._library = sides.opened()
        self._keeping = Keeping(self._archive, self._library) if wanted.save else None
        self.done: list[Repost] = []
        self.damaged: list[Damaged] = []
        self.codes: set[int] = set()
        self.reports: dict[str, str] = {}

    def all(self) -> int:
        """Verify all; return how many articles were looked at."""
        with _answers(self._wanted, self._archive, self._library, self._options) as (looked_at, answers):
            for one in answers:
                if isinstance(one, Damaged):
                    complain(one.problem, kind="GiveUpError", as_json=False)
                    self.damaged.append(one)
                else:
                    self._take(one)
        return looked_at

    def _take(self, one: Checked) -> None:
        made = one.verification
        self.done.append(one.repost)
        self.codes.add(exit_code(made.result))
        if self._lines is not None:
            self._lines.write(jsonl_line(made))
        if made.original is None:
            return
        saved = self._keeping.keep(made.result, SystemClock().now()) if self._keeping else None
        if self._wanted.reports is not None:
            original = side_of_row(self._archive, self._library, self._library.find(made.original))
            page = report_of(
                made.result,
                one.side,
                original,
                self._language,
                archive=self._archive,
                found=made,
                saved=saved,
            )
            file = f"{made.captured}.html"
            write_output(self._wanted.reports / file, page, force=self._wanted.force)
            self.reports[made.captured] = file


@contextmanager
def _answers(
    wanted: Wanted, archive: Archive, library: Library, options: Options
) -> Iterator[tuple[int, Iterator[Checked | Damaged]]]:
    """Give how many articles there are, and what comes of verifying them by the engine, in their order."""
    found = articles(library, moment(wanted.since) if wanted.since else None)
    with finder(archive, library) as open_finder, counting(len(found)) as tell:
        if not open_finder.shared and not isinstance(wanted.engine, InProcess):
            say(f"{archive.path} cannot be written, and the finder's index in it is behind: by one process")
        answers = reposts_by(wanted.engine, archive, library, open_finder, found, options, tell)
        with closing(answers):
            yield len(found), answers


def _lines_file(wanted: Wanted, opened: ExitStack) -> NewFile | None:
    """Begin the file of lines, which grows with the run; it has its name when all of it is written."""
    if wanted.jsonl is None:
        return None
    file = NewFile(wanted.jsonl, SYSTEM_DISK, force=wanted.force)
    opened.callback(file.discard)
    return file


def _check(wanted: Wanted) -> None:
    """Say what cannot be written before hours are spent."""
    if wanted.since is not None:
        moment(wanted.since)
    for path, suffix in ((wanted.csv, ".csv"), (wanted.jsonl, ".jsonl")):
        if path is not None:
            check_output(path, suffix, force=wanted.force)
            if path.exists() and not wanted.force:
                raise UsageError(f"{path} exists already; name another file, or say --force to replace it")
    if wanted.reports is not None:
        if wanted.reports.suffix == ".html" or (wanted.reports.exists() and not wanted.reports.is_dir()):
            raise UsageError(f"with --all, --report names a folder, and {wanted.reports} is none")
        wanted.reports.mkdir(parents=True, exist_ok=True)


def _fetched(wanted: Wanted, directory: Path) -> list[Exit]:
    """Capture the addresses that reposts give for their originals and that are not archived."""
    urls: dict[str, None] = {}
    with Sides(directory) as sides:
        held, library = sides.opened()
        with _answers(wanted, held, library, Options()) as (_, answers):
            for one in answers:
                if isinstance(one, Checked):
                    urls |= dict.fromkeys(one.repost.suggested)
    if not urls:
        say("nothing to fetch: no repost gives an address that is not archived")
    return fetch_urls(list(urls), directory)


def _summary(done: Sequence[Repost]) -> dict[str, int]:
    counts = Counter(repost.verdict for repost in done)
    return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}


def _code(run: _Run, codes: Sequence[Exit]) -> int:
    """An altered text counts before one that cannot be told; what stopped or blocked counts before both."""
    if codes:
        return combined(codes)
    kinds = {one.kind for one in run.damaged}
    if "fault" in kinds:
        return Exit.DEFECT
    if Exit.NEGATIVE in run.codes or "changed" in kinds:
        return Exit.NEGATIVE
    return Exit.CANNOT_TELL if Exit.CANNOT_TELL in run.codes or run.damaged else Exit.DONE


def _print(done: Sequence[Repost], damaged: int, looked_at: int) -> None:
    telling = [repost for repost in done if WORDS[repost.verdict][1] != "green"]
    if telling:
        shown = table(None, "verdict", "material", "title (source), id, and the first that matters")
        shown.columns[0].min_width = max(len(repost.verdict) for repost in telling)
        for repost in telling[:_SHOWN]:
            verdict = cell(repost.verdict + ("\nrehearsal" if repost.rehearsal else ""))
            verdict.stylize(WORDS[repost.verdict][1])
            shown.add_row(verdict, cell(repost.material or None), cell("\n".join(_lines(repost))))
        console().print(shown)
    if len(telling) > _SHOWN:
        answer(f"and {len(telling) - _SHOWN} more (--csv lists all)")
    summary = table("By verdict", "verdict", "count", "in words")
    for verdict, count in _summary(done).items():
        summary.add_row(cell(verdict), cell(count), cell(WORDS[verdict][0]))
    if done:
        console().print(summary)
    others = looked_at - len(done) - damaged
    unlike = counted(others, "names no source and is", "name no source and are")
    answer(f"reposts: {len(done)} of {counted(looked_at, 'article')}; {unlike} like no original")
    if damaged:
        answer(f"{counted(damaged, 'article')} could not be verified: see the messages")


def _lines(repost: Repost) -> list[str]:
    source = f" ({repost.source})" if repost.source else ""
    lines = [f"{' '.join((repost.title or '').split())}{source}", repost.captured]
    if repost.first_class:
        words = (repost.first_original or "∅", repost.first_captured or "∅")
        lines.append(f"{repost.first_class}: " + " → ".join(" ".join(word.split())[:40] for word in words))
    elif repost.reason:
        lines.append(repost.reason)
    return lines + [f"could be fetched (--fetch): {url}" for url in repost.suggested]
