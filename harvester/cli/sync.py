"""`harvester sync`: an archive mirrored at a store, and brought back from there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from archive.words import counted
from harvester.cli.common import JsonOption
from harvester.errors import UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.storage import RemotePath
    from archive.storage.mirror import MirrorReport, Progress

_SHOWN: Final = 20


def sync(
    source: Annotated[
        str,
        typer.Argument(metavar="ARCHIVE|URL", help="An archive directory; or a mirror, to bring it back."),
    ],
    target: Annotated[
        str,
        typer.Argument(metavar="URL|DIR", help="Where to: s3://BUCKET/FOLDER, or a new folder for a mirror."),
    ],
    delete: Annotated[
        bool,
        typer.Option(
            "--delete", help="Remove files there that sync once sent and the archive no longer has."
        ),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Read back also what an earlier run proved, and send anew what was altered there since.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Mirror an archive's closed WARC files, their CDXJ, its journals and its documents at a URL; or bring
    a mirror back.

    Each file is uploaded, read back whole, compared, and only then entered in the mirror's manifest
    (harvester-mirror.jsonl); a run that was stopped is taken up. Open files stay at home until they are
    closed. On the way back each file is compared with the manifest; index and library are made again.
    Credentials come from the environment or the store client's own configuration.
    Exit 0: all is there. 1: some file is not (see why). 5: the store cannot be used.
    """
    from archive.storage import RemotePath, is_url
    from archive.storage.mirror import mirror
    from harvester.cli.output import print_json

    if is_url(source) and not is_url(target):
        if delete or verify:
            raise UsageError(
                "--delete and --verify are of a mirror: bringing one back removes nothing, and compares all"
            )
        return _bring_back(RemotePath.of(source), Path(target), as_json=as_json)
    if not is_url(target):
        raise UsageError(f"{target} is no URL: write s3://BUCKET/FOLDER, or file:///FOLDER for a disk")
    if is_url(source):
        raise UsageError(f"{source} and {target} are both URLs: bring the mirror back to a disk first")
    with progress_bar("mirroring") as progress:
        report = mirror(Path(source), RemotePath.of(target), delete=delete, verify=verify, progress=progress)
    show(report, target)
    if as_json:
        print_json(facts_of(report, target))
    return Exit.DONE if report.whole else Exit.NEGATIVE


def _bring_back(source: RemotePath, root: Path, *, as_json: bool) -> int:
    from archive.storage.restoring import restore
    from harvester.cli.library import made_again
    from harvester.cli.output import print_json, say

    with progress_bar("bringing back") as progress:
        report = restore(source, root, progress=progress)
    words = proven_words(len(report.brought), report.brought_bytes, "brought", report.present)
    say(f"{root}: {words}", style="green" if report.whole else None)
    say_lines([f"not brought: {path}: {why}" for path, why in report.failed], "red")
    say_lines([f"left out, as the archive had it no more: {path}" for path in report.left_out], "yellow")
    if not report.whole:
        say(f"{root} is no archive yet: say the same again when that is mended", style="red")
    made = made_again(root) if report.whole else {}
    if as_json:
        failed = [{"path": path, "why": why} for path, why in report.failed]
        facts = {name: getattr(report, name) for name in ("brought", "brought_bytes", "present", "left_out")}
        print_json({"archive": str(root), "failed": failed, **facts, **made})
    return Exit.DONE if report.whole and not made["damaged"] else Exit.NEGATIVE


@contextlib.contextmanager
def progress_bar(doing: str) -> Iterator[Progress]:
    """Give what shows the bytes done of all while files are copied."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    from harvester.cli.output import messages, visible

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=messages(), transient=True, disable=not messages().is_terminal) as bar:
        task = bar.add_task(doing, total=None)

        def tell(path: str, done: int, whole: int) -> None:
            bar.update(task, description=visible(path.rpartition("/")[2])[:40], completed=done, total=whole)

        yield tell


def facts_of(report: MirrorReport, url: str) -> dict[str, Any]:
    """Return what a run did, for `--json`."""
    facts = {name: list(getattr(report, name)) for name in ("sent", "differed", "extra", "deleted")}
    failed = [{"path": path, "why": why} for path, why in report.failed]
    sizes = {"sent_bytes": report.sent_bytes, "present": report.present}
    return {"url": url, **sizes, "failed": failed, **facts}


def show(report: MirrorReport, url: str) -> None:
    """Say what a run did."""
    from harvester.cli.output import say

    words = proven_words(len(report.sent), report.sent_bytes, "sent", report.present)
    say(f"{url}: {words}", style="green" if report.whole else None)
    say_lines([f"was altered at the mirror, and is sent anew: {path}" for path in report.differed], "yellow")
    say_lines([f"not stored: {path}: {why}" for path, why in report.failed], "red")
    say_lines([f"removed: {path}" for path in report.deleted], None)
    say_lines(
        [f"no longer in the archive: {path} (--delete removes it there)" for path in report.extra],
        "yellow",
    )


def proven_words(files: int, size_bytes: int, done: str, held: int) -> str:
    """Return what was moved, in words: how many files, and how many did not have to be."""
    from rich.filesize import decimal

    return f"{counted(files, 'file')} ({decimal(size_bytes)}) {done} and proven, {held} were there"


def say_lines(lines: list[str], style: str | None) -> None:
    """Say lines, of many the first."""
    from harvester.cli.output import say

    for line in lines[:_SHOWN]:
        say(line, style=style)
    if len(lines) > _SHOWN:
        say(f"… and {len(lines) - _SHOWN} more (--json lists all)", style=style)
