"""One byte of any stored file changed: found by `harvester check`, or proven to change nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

from archive.check import Check, Report
from archive.errors import StorageError
from archive.layout import MARKER
from benchmarks.faults.row import Row
from benchmarks.faults.scenario import Promises, Verdict
from harvester.checking import check_documents

_NOTES = 'INSERT INTO "files_read" '
HARMLESS = {
    "marker": "white space of the marker, and its `created`, which nothing reads",
    "database": "bytes of SQLite that no row, index, page list or setting is made of (free space, counters), "
    "and those of a note that a file was read: the file is read again",
}


def make(root: Path, folder: Path) -> None:
    """Make an archive with a file of every kind: imported pages, a foreign WARC, an original kept apart."""
    from benchmarks.faults.scenario import foreign_file
    from fixtures.pages.wechat_article import Recent, article_page
    from fixtures.stories import lighthouse_article

    page = article_page(lighthouse_article(), Recent(era=2026, script_bytes=500, nonce="1"))
    saved = folder / "saved"
    saved.mkdir()
    (saved / "page.html").write_bytes(page)
    (saved / "secret.html").write_bytes(
        page.replace(b"</body>", b'<script>var pass_ticket = "aB3dE5fG7hJ9kL1mN3pQ5";</script></body>')
    )
    (saved / "gone.html").write_bytes(
        b"<html><title>Not found</title><body><p>There is nothing.</p></body></html>"
    )
    foreign_file(saved / "crawl.warc.gz")
    command = [sys.executable, "-m", "harvester", "import", str(saved), "--archive", str(root)]
    subprocess.run(command, check=False, capture_output=True, cwd=Path(__file__).parents[2])


def swapped_bytes(folder: Path, *, step: int = 1, start: int = 0, most: int | None = None) -> Row:
    """Change every `step`-th byte of every stored file, one at a time, and ask `check`."""
    root = folder / "archive"
    make(root, folder)
    row = Row("one byte changed in any stored file")
    harmless: dict[str, int] = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        same = _proof(path)
        stride = step if most is None else max(1, len(data) // most)
        for at in range(start % max(1, stride), len(data), stride):
            verdict = _swap(root, path, data, at, same, harmless)
            row.add(f"{path.relative_to(root)} byte {at}", Promises(), verdict)
    row.note = ", ".join(f"{count} harmless ({kind})" for kind, count in sorted(harmless.items()))
    return row


def _swap(
    root: Path, path: Path, data: bytes, at: int, same: Callable[[], bool] | None, harmless: dict[str, int]
) -> Verdict:
    changed = bytearray(data)
    changed[at] ^= 1 << Random(at).randrange(8)
    verdict = Verdict()
    # In place: another inode would be another file to SQLite's shared memory.
    _overwrite(path, bytes(changed))
    try:
        if found(root):
            return verdict
        if same is not None and same():
            kind = "database" if path.suffix == ".sqlite" else "marker"
            harmless[kind] = harmless.get(kind, 0) + 1
        else:
            verdict.false_whole.append("check finds nothing")
    except Exception as error:  # noqa: BLE001 - a traceback is a failure of its own
        verdict.unclear.append(f"{type(error).__name__}: {error}")
    finally:
        for beside in path.parent.glob(f"{path.name}-*"):
            beside.unlink()
        _overwrite(path, data)
    return verdict


def _overwrite(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, data, 0)
        os.ftruncate(descriptor, len(data))
    finally:
        os.close(descriptor)


def found(root: Path) -> bool:
    """Tell whether `harvester check` says anything at all: damage, a warning, or that it is no archive."""
    report = Report()
    try:
        with Check(report, on_archive=lambda directory, _: check_documents(directory, report)) as check:
            check.path(root)
    except StorageError:
        return True
    return bool(report.counts)


def _proof(path: Path) -> Callable[[], bool] | None:
    """Return what tells, after a change, that a file still says exactly what it said."""
    if path.suffix == ".sqlite":
        before = list(_content(path))
        return lambda: list(_content(path)) == before
    if path.name == MARKER:
        before_marker = _said(path)
        return lambda: _said(path) == before_marker
    return None


def _said(path: Path) -> tuple[object, object]:
    """Return what a marker says that anything reads."""
    marker = json.loads(path.read_bytes())
    return marker["format"], marker["version"]


def _content(path: Path) -> Iterator[str]:
    """Yield all that a database says: its rows, its form, and that its indices agree with them."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        for setting in ("user_version", "application_id", "encoding", "integrity_check"):
            yield f"{setting} {database.execute(f'PRAGMA {setting}').fetchall()}"
        yield from (line for line in database.iterdump() if not line.startswith(_NOTES))
