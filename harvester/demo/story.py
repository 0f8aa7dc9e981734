"""What the demonstration does, step by step, through the code that serves a user."""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from harvester.cli.output import cell, console, table
from harvester.demo.embedded import fixtures
from harvester.errors import UsageError
from harvester.exits import Exit
from harvester.state import STATE_VARIABLE

_MARK: Final = ".harvester-demo"
_MADE: Final = (
    "archive",
    "rebuilt",
    "state",
    "harvester.toml",
    "origin-ca.pem",
    "report.html",
    "watched",
    "watch.toml",
    "watch-ca.pem",
)
"""What the demonstration puts into its folder, and all that it takes away again."""
_LINES: Final = 4


def run(output: Path) -> int:
    """Run the demonstration into `output`, made anew; exit 0 if each step gave what it must."""
    _fresh(output)
    os.environ[STATE_VARIABLE] = str(output / "state")
    world = fixtures().demo_world()
    with fixtures().Origin(world) as origin:
        config = _configuration(output, world, origin)
        _heading("1. Capture: `harvester run` over a watch list of four pages")
        code = _harvester("run", str(config))
    archive = output / "archive"
    ids = _captured(archive, world)
    good = [
        # A deleted page is on the list, so the run's answer is 1 ("not every URL is an article").
        code == Exit.NEGATIVE,
        _reading(archive, ids[world.repost_url]),
        _read_back(archive),
        _rebuilt(archive, output / "rebuilt"),
        _verified(archive, ids[world.repost_url], output / "report.html"),
        _watched(output),
    ]
    console().print()
    if all(good):
        where = f"{_command()} list --archive {archive}"
        console().print(f"Everything is in {output}. Look around with\n  {where}", soft_wrap=True)
        return Exit.DONE
    console().print("The demonstration did not end as it must: please report what is above.", style="red")
    return Exit.DEFECT


def _fresh(output: Path) -> None:
    if output.exists() and not (output / _MARK).exists():
        raise UsageError(f"{output} exists and is not a demonstration's: name another place with --output")
    for path in (output / name for name in _MADE):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    output.mkdir(parents=True, exist_ok=True)
    (output / _MARK).touch()


def _configuration(output: Path, world: Any, origin: Any) -> Path:
    ca_file = output / "origin-ca.pem"
    shutil.copyfile(origin.ca_file, ca_file)
    lines = [
        "# Written by `harvester demo`. The mappings lead to the embedded origin; without them",
        "# the same file would capture from the publishers themselves.",
        'archive = "archive"',
        "",
        "[operator]",
        'name = "Harvester demonstration"',
        'contact = "demo@example.org"',
        'place = "this machine"',
        'purpose = "demonstration"',
        "",
        "[fetch]",
        f'ca_file = "{ca_file.name}"',
        f"connect_to = {_toml_list(origin.connect_to)}",
        "",
        "[[watch]]",
        'every = "1d"',
        f"urls = {_toml_list(world.urls)}",
    ]
    path = output / "harvester.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml_list(values: Sequence[str]) -> str:
    return "[\n" + "".join(f'  "{value}",\n' for value in values) + "]"


def _harvester(*arguments: str) -> int:
    """Run a command as a user would, in this process."""
    from harvester.cli.app import run as command

    console().print(f"$ harvester {' '.join(arguments)}", style="bold", markup=False, soft_wrap=True)
    return command(arguments)


def _command() -> str:
    """Return how this command was called, so that the line printed can be pasted."""
    program = Path(sys.argv[0])
    return str(program) if program.name == "harvester" and shutil.which("harvester") is None else "harvester"


def _heading(text: str) -> None:
    console().print()
    console().rule(text, align="left", style="cyan")


def _captured(archive: Path, world: Any) -> dict[str, str]:
    from harvester.cli.library import opened

    _heading("2. What was captured")
    shown = table(None, "what", "state", "date", "source", "title or notice", "with it")
    for column, widest in ((1, "deleted"), (2, "2026-05-08"), (5, "1 attachment")):
        shown.columns[column].min_width = len(widest)
    names = {
        world.repost_url: "repost",
        world.original_url: "original",
        world.article_url: "article",
        world.deleted_url: "deleted page",
    }
    ids: dict[str, str] = {}
    places: list[str] = []
    with opened(archive) as (held, library):
        for url, name in names.items():
            row = library.find(url)
            ids[url] = row.id
            place = held.entry(row.record_id)
            if place:
                places.append(f"{name}: at byte {place.location.offset} of {place.location.file}")
            what = row.title or row.notice
            shown.add_row(*map(cell, (name, row.state, row.date, row.source, what, _with_it(library, url))))
    console().print(shown)
    for line in places:
        console().print(line, style="dim", markup=False, soft_wrap=True)
    return ids


def _with_it(library: Any, url: str) -> str | None:
    """Return what was fetched for a page, by role; what an earlier page had brought is not counted twice."""
    counts = {role: len(library.assets_of(url, role)) for role in ("image", "attachment", "requisite")}
    lines = [f"{count} {role}{'s' if count > 1 else ''}" for role, count in counts.items() if count]
    return "\n".join(lines) or None


def _reading(archive: Path, capture_id: str) -> bool:
    from harvester.cli.library import opened
    from harvester.library import document_path

    _heading("3. The clean text of the repost")
    with opened(archive) as (_, library):
        document = library.document(library.find(capture_id))
    for line in [line for line in document.text.splitlines() if line.strip()][:_LINES]:
        console().print(line, markup=False, overflow="ellipsis", no_wrap=True)
    console().print("…")
    where = archive / document_path(document)
    console().print(f"JSON:     {where}.json\nMarkdown: {where}.md", markup=False, soft_wrap=True)
    return bool(document.text) and document.original_source is not None


def _read_back(archive: Path) -> bool:
    """Read every WARC with warcio, a reader that is not ours, checking its digests."""
    from warcio.archiveiterator import ArchiveIterator

    _heading("4. The WARC files, read back with warcio (not our reader)")
    good = True
    for path in sorted((archive / "warc").glob("*.warc.gz")):
        counts: dict[str, int] = {}
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=True):
                record.raw_stream.read()
                counts[record.rec_type] = counts.get(record.rec_type, 0) + 1
                good = good and record.digest_checker.passed is not False
        shown = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        console().print(f"{path}\n  {shown}; {path.stat().st_size:,} bytes", markup=False, soft_wrap=True)
    console().print("every digest agrees" if good else "A DIGEST DISAGREES", style="green" if good else "red")
    return good


def _rebuilt(archive: Path, again: Path) -> bool:
    _heading("5. The documents again, from the WARC files alone")
    code = _harvester("rebuild", str(archive), "--output", str(again))
    first = sorted(path.relative_to(archive) for path in (archive / "documents").rglob("*.*"))
    second = sorted(path.relative_to(again) for path in (again / "documents").rglob("*.*"))
    same = first == second and all(filecmp.cmp(archive / name, again / name, shallow=False) for name in first)
    words = f"{len(first)} files compared: byte for byte the same" if same else "THE FILES DIFFER"
    console().print(words, style="green" if same else "red")
    return same and code == Exit.DONE and bool(first)


def _verified(archive: Path, captured: str, report: Path) -> bool:
    _heading("6. Is the repost what the Ministry published?")
    console().print("The original is not named: it is found among the archived documents.")
    code = _harvester("verify", captured, "--archive", str(archive), "--report", str(report))
    words = "A page for an editor or a court, without network or script: open it in a browser"
    console().print(f"{words}\n  {report}", markup=False, soft_wrap=True)
    # The fixture's repost differs from its original in one word that matters.
    return code == Exit.NEGATIVE and report.is_file()


def _watched(output: Path) -> bool:
    from harvester.cli.library import opened
    from harvester.demo.watching import EXPECTED, watch
    from harvester.watch.timeline import Stories

    _heading("7. A watch over two days: an article, edited, then deleted")
    archive, url = watch(output)
    code = _harvester("timeline", url, "--archive", str(archive))
    with opened(archive) as (held, library):
        story = Stories(held, library).of_url(url)
    return code == Exit.DONE and story is not None and [event.kind for event in story.events] == EXPECTED
