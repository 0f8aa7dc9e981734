"""The sides of a comparison as a user names them; the archive is opened when the first one in it is named."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harvester.cli.common import archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from archive import Archive
    from harvester.library import Library
    from harvester.verify import Side


class Sides:
    """A context manager. `write` opens the archive for writing."""

    def __init__(self, option: Path | None, *, write: bool = False) -> None:
        self._option = option
        self._write = write
        self._open = contextlib.ExitStack()
        self._stdin = False
        self._held: tuple[Archive, Library] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def directory(self) -> Path:
        """The archive's directory. Raises `UsageError` where nothing names one."""
        return archive_directory(self._option, configuration())

    @property
    def archive(self) -> Archive | None:
        """The archive, None if no side asked for it."""
        return self._held[0] if self._held else None

    def named(self, name: str) -> Side:
        """Return a side: `-` is standard input; a file if there is one of that name; else a capture.

        Raises `UsageError` for none of these, or for a second `-`: standard input can be read once.
        """
        from harvester.verifying.sides import (
            is_file_name,
            named_row,
            side_of_file,
            side_of_row,
            side_of_stdin,
        )

        if name == "-":
            if self._stdin:
                raise UsageError("only one side can be - (standard input): name a file for the other")
            self._stdin = True
            return side_of_stdin()
        if is_file_name(name):
            return side_of_file(Path(name))
        archive, library = self.opened()
        return side_of_row(archive, library, named_row(archive, library, name))

    def opened(self) -> tuple[Archive, Library]:
        """Return the archive and its library, opened once."""
        if self._held is None:
            from archive import Archive
            from harvester.library import Library
            from harvester.toolchain import software_name

            loaded = configuration()
            archive = self._open.enter_context(
                Archive.open(
                    archive_directory(self._option, loaded),
                    write=self._write,
                    software=software_name(),
                    warcinfo=loaded.warcinfo(),
                    options=loaded.writer_options(),
                )
            )
            library = self._open.enter_context(Library(archive, write=self._write))
            if self._write:
                library.catch_up()
            self._held = archive, library
        return self._held
