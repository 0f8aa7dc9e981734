"""Where the driver stands and what files it sees, for workers that may stand elsewhere and see others."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.storage.places import is_remote
from harvester.errors import StorageError, UsageError

if TYPE_CHECKING:
    from archive.storage.places import Place

_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Here:
    """What the driver sees: its working directory, where paths are named from it, and folders of inputs
    (the first of very many: it goes out with every unit).
    """

    folder: str | None
    paths: tuple[Path, ...]

    @classmethod
    def of(cls, paths: Sequence[Place]) -> Here:
        """Note the folders of files. Raises `UsageError` for what no other process sees."""
        for path in paths:
            if is_remote(path) and path.url.startswith("memory://"):
                raise UsageError(f"{path} is in this process alone: leave out --workers and --engine")
        local = sorted({path.parent for path in paths if isinstance(path, Path)})
        named_from_here = not all(path.is_absolute() for path in local)
        return cls(str(Path.cwd()) if named_from_here else None, tuple(local[:_MOST]))

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see them."""
        with self.entered():
            for path in self.paths:
                if not path.is_dir():
                    raise StorageError(
                        f"{platform.node()} does not see {path.absolute()}: name what all machines share, "
                        "or URLs"
                    )

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Be where the driver is, so that paths mean the same and are named the same."""
        if self.folder is None:
            yield
            return
        try:
            inside = contextlib.chdir(self.folder)
            inside.__enter__()
        except OSError as error:
            raise StorageError(
                f"{platform.node()} does not see {self.folder}: name what all machines share by whole paths"
            ) from error
        try:
            yield
        finally:
            inside.__exit__(None, None, None)
