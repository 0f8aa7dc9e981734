"""An inbox with all that it needs: the importer, the watch's list, the hand-off."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from archive import Archive
from harvester.clock import Clock
from harvester.config import Loaded
from harvester.errors import UsageError
from harvester.handoff import lines
from harvester.handoff.desk import Desk
from harvester.imports.importer import Importer, ImportOutcome
from harvester.inbox.folder import TAKEN
from harvester.inbox.inbox import Handling, Inbox
from harvester.inbox.reading import Reader
from harvester.library import Library
from harvester.state import state_directory
from harvester.watch.adding import Added, Named, add

VIA: Final = "inbox"


def inbox_folder(loaded: Loaded) -> Path | None:
    """Return the folder that the configuration names, or None."""
    return _beside(loaded, loaded.config.inbox.dir)


def inbox_places(loaded: Loaded) -> tuple[Path, ...]:
    """Return the folders of the inbox that `run` writes to: itself, and where it puts files aside."""
    keys = loaded.config.inbox
    names = (keys.dir, keys.done) if keys.dir and not keys.keep else ()
    return tuple(path.resolve() for path in (_beside(loaded, name) for name in names) if path)


def open_inbox(
    archive: Archive,
    library: Library,
    loaded: Loaded,
    root: Path,
    clock: Clock,
    *,
    keep: bool | None = None,
    done: Path | None = None,
) -> Inbox:
    """Return an inbox that is read into an archive, both open. What is not given is as configured.

    Raises `UsageError` for a folder that cannot be one.
    """
    directory = Path(archive.path)
    _refuse(root, directory)
    importer = Importer(archive, library, clock.now, via=VIA)
    desk = Desk(archive, library, root)

    def adder(links: Sequence[Named], file: str) -> Added:
        allowed = loaded.config.fetch.allow_hosts or ()
        return add(directory, links, via=f"{VIA}, {file}", now=clock.now(), allow_hosts=allowed)

    def closing(pages: Sequence[ImportOutcome]) -> list[str]:
        before = lines.read(directory).open
        if not before:
            return []
        after = desk.refresh(clock.now(), desk.brought_by(pages)).open
        return [url for url in before if url not in after]

    given = _beside(loaded, loaded.config.inbox.done) if done is None and keep is None else done
    stays = loaded.config.inbox.keep if keep is None else keep
    target = None if stays else given or root / TAKEN
    reader = Reader(importer, adder)
    handling = Handling(done=target, lock=_lock_path(root), settle_s=loaded.config.inbox.settle_s)
    return Inbox(root, directory, reader, clock, handling, closing)


def _beside(loaded: Loaded, name: str | None) -> Path | None:
    base = loaded.path.parent if loaded.path else Path()
    return base / Path(name).expanduser() if name else None


def _lock_path(root: Path) -> Path:
    name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return state_directory() / "inboxes" / f"{name}.lock"


def _refuse(root: Path, directory: Path) -> None:
    if root.is_file():
        name = shlex.quote(str(root))
        raise UsageError(
            f"{root} is a file, and the inbox a folder: `harvester import {name}` takes a saved page "
            f"in, `harvester add - < {name}` the links in it"
        )
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}; make it, or name another as the inbox")
    if root.resolve().is_relative_to(directory.resolve()):
        raise UsageError(f"{root} is in the archive {directory}; an inbox is a folder of its own")
