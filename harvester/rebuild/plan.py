"""What is settled before a rebuild begins: that its output is a fit place, and nobody else's."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, storage_errors
from archive.layout import MARKER
from archive.locks import FileLock
from harvester.errors import LockedError, UsageError
from harvester.rebuild.completion import completion_of, set_aside
from harvester.rebuild.sinks import UNITS
from harvester.rebuild.unit import PLACES, REVISITS, Unit

_LOCK: Final = ".lock"
_NAMED: Final = 3


def check_output(output: Path) -> None:
    """Refuse a URL, a file, and a directory that belongs to an archive. Raises `UsageError`."""
    # A `Path` has made one slash of two; one letter before the colon may be a drive.
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(output)):
        raise UsageError(
            f"{output} is a URL, and a rebuild writes into a directory: name one, and copy it then"
        )
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file: name a directory for the documents")
    for place in (output.absolute(), *output.absolute().parents):
        with contextlib.suppress(OSError):
            if (place / MARKER).exists():
                raise UsageError(f"{output} is in the archive {place}: name a directory outside of it")


@contextlib.contextmanager
def locked(output: Path, *, shared: bool) -> Iterator[None]:
    """Hold the output: alone, or together with other shares. Raises `LockedError`, `StorageError`."""
    with storage_errors("cannot make", output / UNITS):
        (output / UNITS).mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / UNITS / _LOCK, SYSTEM_DISK)
    try:
        if not lock.take(shared=shared, wait=False):
            raise LockedError(f"another rebuild writes into {output}: let it end, or name another directory")
        yield
    finally:
        lock.release()


def refuse_strangers(output: Path, units: Sequence[Unit], *, prune: bool) -> None:
    """Refuse an output that holds results of other inputs, or (`prune`) see to it that they are removed.

    Raises `UsageError`.
    """
    parts = {f"{unit.id}{part}" for unit in units for part in ("", f"-{REVISITS}", f"-{PLACES}")}
    found = {path.stem for path in (output / UNITS).glob("*.json")} - parts
    strangers = {key: completion for key in found if (completion := completion_of(output, key)) is not None}
    if not strangers:
        return
    if not prune:
        names = sorted({completion.input.name for completion in strangers.values()})
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise UsageError(
            f"{output} holds the results of inputs not named now ({', '.join(names[:_NAMED])}{more}): "
            "name these too, or another --output, or say --prune to remove their results"
        )
    for key in strangers:
        set_aside(output, key)


def remove_temporaries(folder: Path) -> None:
    """Remove what a run that was killed left unfinished. Raises OSError.

    Names are taken one by one: a month's folder may have very many.
    """
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                remove_temporaries(Path(entry.path))
            elif entry.name.startswith(TEMPORARY_PREFIX):
                Path(entry.path).unlink(missing_ok=True)


def remove_shares(output: Path) -> None:
    """Remove what only shares need, now that all is put together. Raises `StorageError`."""
    with storage_errors("cannot remove from", output):
        for pattern in (f"{UNITS}/*-{PLACES}.*", "report-*-of-*.json"):
            for path in output.glob(pattern):
                path.unlink(missing_ok=True)
