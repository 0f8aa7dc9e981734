"""One file checked, whatever its form; the way from a path to the walk that fits it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Final

from archive.check.arc import ArcScan
from archive.check.findings import Report, Tell
from archive.check.references import References
from archive.check.scan import MAX_TRIES, Scanned, Spool, WarcScan
from archive.check.wacz import check_package
from archive.disk import explain
from archive.errors import HarvesterError, StorageError, WarcError
from archive.foreign.forms import Content, Form, detect
from archive.foreign.packages import Package
from archive.members import CutError, Input
from archive.words import counted

if TYPE_CHECKING:
    from archive.storage.places import Place

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that have been read, and its size."""

_STEP_RECORDS: Final = 16
_TRIES_IN_DEFLATED: Final = 20  # to go back in a deflated file is to inflate it from its start


class FileCheck:
    """Checks files one after the other into one report."""

    def __init__(
        self,
        report: Report,
        references: References,
        *,
        progress: Progress = lambda *_: None,
        spool: Spool | None = None,
        keep: Callable[[Scanned], None] = lambda _: None,
    ) -> None:
        """`keep` is called with every record when it has been read; `spool` then holds its octets."""
        self._report = report
        self._references = references
        self._progress = progress
        self._spool = spool
        self._keep = keep
        self._max_tries = MAX_TRIES

    def path(
        self, path: Place, *, name: str | None = None, each: Callable[[Scanned], None] = lambda _: None
    ) -> bool:
        """Check one file; `each` is called with its records. False if it could not be read at all."""
        tell = self._report.teller(str(path))
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                self._stream(file, str(path), name or path.name, size, tell, each)
        except OSError as error:
            tell("E099", explain(error))
            return False
        except StorageError as error:
            tell("E099", str(error))
            return False
        return True

    def _stream(
        self, file: BinaryIO, label: str, name: str, size: int, tell: Tell, each: Callable[[Scanned], None]
    ) -> None:
        self._report.files += 1
        source = Input(file, label)
        try:
            form = detect(source)
        except WarcError as error:
            code = "E003" if isinstance(error, CutError) else "E004"
            tell(code, str(error).removeprefix(f"{label}: "), offset=error.offset)
            return
        if form.content is Content.ZIP:
            self._package(file, label, name, tell, each)
        elif form.content is Content.ARC:
            scan = ArcScan(source, form, tell)
            scan.run()
            self._report.records += scan.records
            if self._spool is not None:
                tell("W099", counted(scan.records, "ARC record"))
        elif form.content is Content.WARC:
            self._warc(source, form, name, label, size, tell, each)
        else:
            empty = form.content is Content.EMPTY
            tell("E001" if empty else "E002", f"it begins with {source.peek(16)!r}", offset=0)

    def _warc(
        self,
        source: Input,
        form: Form,
        name: str,
        label: str,
        size: int,
        tell: Tell,
        each: Callable[[Scanned], None],
    ) -> None:
        self._references.begin(label)
        scan = WarcScan(source, form, name, tell, spool=self._spool, max_tries=self._max_tries)
        for count, record in enumerate(scan):
            self._report.records += 1
            self._references.add(record)
            self._keep(record)
            each(record)
            if count % _STEP_RECORDS == 0:
                self._progress(label, source.position, size)
        self._progress(label, size, size)

    def _package(
        self, file: BinaryIO, label: str, name: str, tell: Tell, each: Callable[[Scanned], None]
    ) -> None:
        try:
            package = Package(file, label)
        except WarcError as error:
            tell("E090", str(error))
            return
        check_package(package, tell)
        for member in package.archives():
            inside = f"{label}!{member}"
            said = self._report.teller(inside)
            try:
                with package.open(member) as stream:
                    size = package.members[member].file_size
                    stored = package.members[member].compress_type == zipfile.ZIP_STORED
                    self._max_tries = MAX_TRIES if stored else _TRIES_IN_DEFLATED
                    self._member(stream, inside, f"{name}!{member}", size, said, each)
            except HarvesterError as error:
                said("E095", str(error))
            finally:
                self._max_tries = MAX_TRIES

    def _member(
        self, file: BinaryIO, label: str, name: str, size: int, tell: Tell, each: Callable[[Scanned], None]
    ) -> None:
        start = file.read(4)
        file.seek(0)
        if start.startswith(b"PK"):
            tell("E002", "a package in a package is not read")
            return
        self._stream(file, label, name, size, tell, each)
