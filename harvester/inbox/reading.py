"""One dropped file into the archive: pages and web archives by the importer, links into the watch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from archive.disk import storage_errors
from archive.words import counted
from harvester.errors import HarvesterError, StorageError, UsageError
from harvester.imports.archives import is_web_archive
from harvester.imports.files import read_file
from harvester.imports.importer import Importer, ImportOutcome, recordable_name
from harvester.inbox.mail import is_mail, pieces_of
from harvester.inbox.piece import Piece, is_page
from harvester.watch.adding import Added, Named

_UNUSED: Final = frozenset({"refused", "lacking", "passed over"})
_WEB_ARCHIVES: Final = (".wacz", ".warc", ".warc.gz", ".warc.zst")
Adder = Callable[[Sequence[Named], str], Added]
"""Adds links that were found in what the second argument names."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What a file brought: pages, as the importer tells them, links, and what could not be used of it."""

    pages: tuple[ImportOutcome, ...] = ()
    added: Added = Added()
    troubles: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[ImportOutcome, ...]:
        """The pages, and the web archives, that are in the archive now."""
        return tuple(one for one in self.pages if one.state not in _UNUSED)

    @property
    def is_of_use(self) -> bool:
        """Whether anything of the file is kept."""
        return bool(self.used or self.added.new or self.added.known)

    def why_not(self) -> str:
        """Return, in lines, what could not be used."""
        said = [one.message or one.state for one in self.pages if one.state in _UNUSED]
        said += [f"{one.text}: {one.why}" for one in self.added.refused]
        return "\n".join([*said, *self.troubles]) or "there is nothing in it that can be used"


class Reader:
    """Reads dropped files into one archive. Storage faults are raised; all else is in what is returned."""

    def __init__(self, importer: Importer, adder: Adder) -> None:
        self._importer = importer
        self._adder = adder

    def read(self, path: Path) -> Brought:
        """Take in one file of whatever kind; on return what came of it is durable.

        Raises `StorageError`.
        """
        try:
            if is_web_archive(path):
                return Brought(pages=tuple(self._importer.import_all([path])))
            data = read_file(path)
            if is_mail(data, path.name):
                return self._mail(pieces_of(data, path.name), recordable_name(path))
            piece = Piece(data=data, name=path.name)
            if is_page(piece):
                return Brought(pages=tuple(self._importer.import_all([path])))
            return self._links(piece, recordable_name(path))
        except StorageError:
            raise
        except HarvesterError as error:
            return Brought(troubles=(str(error),))

    def _links(self, piece: Piece, file: str) -> Brought:
        from harvester.links import links_in  # noqa: PLC0415 - readers of spreadsheets, when they are needed

        found = links_in(piece.data, piece.name)
        if found.kind == "opml":
            raise UsageError(
                f"it names {counted(len(found.named), 'feed')}, not pages: put them under feeds of a "
                "[[watch]], or propose them with `harvester discover`"
            )
        if not found.named and not found.skipped:
            raise UsageError("there is no link in it, and it is no saved page")
        return Brought(added=self._adder(found.named, file), troubles=found.skipped)

    def _mail(self, pieces: Sequence[Piece], file: str) -> Brought:
        """Take in each piece of a mail; one that cannot be used does not cost the rest."""
        brought: list[Brought] = []
        for piece in pieces:
            try:
                if is_page(piece) or piece.name.lower().endswith(_WEB_ARCHIVES):
                    brought.append(Brought(pages=self._page(piece)))
                else:
                    brought.append(self._links(piece, file))
            except StorageError:
                raise
            except HarvesterError as error:
                said = str(error)
                place = "" if said.startswith(piece.name) else f"{piece.name}: "
                brought.append(Brought(troubles=(f"{place}{said}",)))
        return _joined(brought)

    def _page(self, piece: Piece) -> tuple[ImportOutcome, ...]:
        """Import an attachment under the name that it has in the mail."""
        with tempfile.TemporaryDirectory(prefix="harvester-mail-") as folder:
            path = Path(folder, piece.name)
            with storage_errors("cannot unpack an attachment to", path):
                path.write_bytes(piece.data)
            pages = list(self._importer.import_all([path]))
        return tuple(msgspec.structs.replace(one, file=piece.name) for one in pages)


def _joined(parts: Iterable[Brought]) -> Brought:
    every = list(parts)
    return Brought(
        pages=tuple(page for one in every for page in one.pages),
        added=Added(
            new=tuple(find for one in every for find in one.added.new),
            known=tuple(known for one in every for known in one.added.known),
            refused=tuple(refused for one in every for refused in one.added.refused),
            warnings=tuple(words for one in every for words in one.added.warnings),
        ),
        troubles=tuple(words for one in every for words in one.troubles),
    )
