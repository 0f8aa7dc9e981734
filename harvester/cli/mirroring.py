"""What `fetch`, `run` and `import` do last where a mirror is named: bring it up to date, as `sync` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from harvester.config import Loaded
from harvester.errors import HarvesterError, UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from archive.storage import RemotePath

MirrorOption = Annotated[
    str | None,
    typer.Option(
        "--mirror",
        metavar="URL",
        help="Mirror there at the end what is closed, as `harvester sync` does. Else the configuration's "
        "`mirror`.",
    ),
]


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where an archive is mirrored, if anywhere. `at_times` is called again and again meanwhile.

    It may raise `StopRequestedError`: then what is left is the next command's.
    """

    directory: Path
    target: RemotePath | None
    at_times: Callable[[], None] = lambda: None

    @classmethod
    def of(
        cls,
        option: str | None,
        loaded: Loaded,
        directory: Path,
        at_times: Callable[[], None] = lambda: None,
    ) -> Self:
        """Read what the command line, else the configuration, names: before anything is captured.

        Raises `UsageError` for what is no URL, holds credentials, or needs a client that is not installed.
        """
        from archive.storage import RemotePath, is_url

        named = option or loaded.config.mirror
        if named is None:
            return cls(directory, None, at_times)
        if not is_url(named):
            raise UsageError(f"{named} is no URL to mirror to: write s3://BUCKET/FOLDER")
        return cls(directory, RemotePath.of(named), at_times)

    def update(self) -> tuple[Sequence[Exit], dict[str, Any]]:
        """Bring the mirror up to date and say so; return what that means for the exit code, and the facts.

        A fault here is one of the mirror, never of the archive: it is said in one line, nothing is raised.
        """
        if self.target is None:
            return (), {}
        from archive.storage.mirror import mirror
        from harvester.cli.output import say
        from harvester.cli.sync import facts_of, progress_bar, show
        from harvester.watch.stopping import StopRequestedError

        again = f"`harvester sync {self.directory} {self.target}` takes it up"
        try:
            with progress_bar("mirroring") as progress:

                def tell(path: str, done: int, whole: int) -> None:
                    self.at_times()
                    progress(path, done, whole)

                report = mirror(self.directory, self.target, progress=tell)
        except StopRequestedError:
            say(f"stopped, as asked, while mirroring; all is safe in {self.directory}, and {again}")
            return (), {"mirror": {"url": str(self.target), "error": "stopped"}}
        except HarvesterError as error:
            say(f"not mirrored: {error}; all is safe in {self.directory}, and {again}", style="red")
            return (Exit.STORAGE,), {"mirror": {"url": str(self.target), "error": str(error)}}
        show(report, str(self.target))
        if not report.whole:
            say(f"not all is mirrored; all is safe in {self.directory}, and {again}", style="red")
        return (() if report.whole else (Exit.STORAGE,)), {"mirror": facts_of(report, str(self.target))}
