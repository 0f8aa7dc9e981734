"""Writes WACZ packages (version 1.1.1): WARC files, their index, pages, and a list of all with digests.

The package grows under a temporary name and gets its own only when it is whole and durable. Memory stays
small: WARC members pass through, the index is sorted by SQLite in a temporary database. The same calls
give the same bytes: names are written in the order of the calls, every time in the ZIP is the caller's.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from archive.cdxj import cdxj_line
from archive.check.wacz import DATAPACKAGE, DATAPACKAGE_DIGEST
from archive.disk import Disk, storage_errors
from archive.errors import StorageError, UsageError
from archive.foreign.packages import safe_name
from archive.newfile import NewFile
from archive.record import Location, StoredRecord

WACZ_VERSION: Final = "1.1.1"
ROLL_BYTES: Final = 1024 * 1024 * 1024
"""Size after which the next record goes to a new WARC file (WARC/1.1 Annex C.2)."""
PAGES: Final = "pages/pages.jsonl"
INDEX: Final = "indexes/index.cdx.gz"
INDEX_BLOCKS: Final = "indexes/index.idx"

_BLOCK_LINES: Final = 1024  # as py-wacz and ArchiveWeb.page have it
_GZIP_WINDOW: Final = 31  # zlib's code for "with a gzip header and trailer"
_FIRST_ZIP_YEAR: Final = 1980
_MODE: Final = 0o100644 << 16


class _Resource:
    """One file of the package while it is written: hashed and counted on its way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


class PackageWriter:
    """Writes one package. A context manager: closed properly, or nothing is left of it.

    First the WARC files, then pages and further files in any order.
    """

    def __init__(
        self, path: Path, *, software: str, created: datetime, newest: datetime, disk: Disk, force: bool
    ) -> None:
        """Begin a package that will stand at `path`; `newest` is the time that the ZIP gives its files.

        Raises UsageError if the path is taken and `force` is not set, StorageError.
        """
        self._path = path
        self._facts = {"software": software, "created": _seconds(created)}
        self._moment = newest.astimezone(UTC)
        self._resources: list[dict[str, object]] = []
        self._file = NewFile(path, disk, force=force)
        self._zip = zipfile.ZipFile(self._file, "w")
        # "": a database of this process alone, in memory until it is large, then in a file without a name
        self._lines = sqlite3.connect("", isolation_level=None)
        self._lines.executescript("CREATE TABLE lines (line BLOB NOT NULL); BEGIN")

    def warcs(self, members: Iterable[tuple[StoredRecord, bytes]], first: bytes) -> None:
        """Write WARC files: records as gzip members, each with what it holds, for the index.

        `first` is the member of the warcinfo record that every file begins with.
        """
        with self._errors():
            number = 0
            source = iter(members)
            pending = next(source, None)
            while pending is not None:
                number += 1
                name = "data.warc.gz" if number == 1 else f"data-{number:05d}.warc.gz"
                with self._resource(f"archive/{name}", stored=True) as file:
                    file.write(first)
                    while pending is not None and file.size < ROLL_BYTES:
                        self._index(pending[0], Location(name, file.size, len(pending[1])))
                        file.write(pending[1])
                        pending = next(source, None)

    def _index(self, record: StoredRecord, place: Location) -> None:
        line = cdxj_line(replace(record, location=place), place.file)
        if line is not None:
            self._lines.execute("INSERT INTO lines VALUES (?)", (line,))

    def file(self, name: str, data: bytes) -> None:
        """Write a further file. Raises UsageError for a name that is no path inside the package."""
        if not safe_name(name):
            raise UsageError(f"{name[:100]!r} cannot be the name of a file in a package")
        with self._errors(), self._resource(name) as file:
            file.write(data)

    def pages(self, title: str, pages: Iterable[Mapping[str, object]]) -> None:
        """Write the list of pages (json-pages-1.0); each has at least `id`, `url`, `ts` and `title`."""
        head = {"format": "json-pages-1.0", "id": "pages", "title": title, "hasText": True}
        with self._errors(), self._resource(PAGES) as file:
            for line in itertools.chain([head], pages):
                file.write(_json(line) + b"\n")

    def close(self, **facts: str) -> None:
        """Write index and list of files, make the package durable, give it its name.

        `facts` go into datapackage.json (`title`, `description`, `mainPageUrl`, …). Raises StorageError.
        """
        with self._errors():
            self._write_index()
            listing = {"profile": "data-package", "resources": self._resources}
            data = _pretty({**listing, **self._facts, "wacz_version": WACZ_VERSION, **facts})
            with self._resource(DATAPACKAGE) as file:
                file.write(data)
            with self._resource(DATAPACKAGE_DIGEST) as digest:
                digest.write(_pretty({"path": DATAPACKAGE, "hash": file.sha256}))
            self._zip.close()
            self._file.commit()
        self._lines.close()

    def _write_index(self) -> None:
        """Write the lines in blocks of gzip, and where each begins (the form `cdxj-gzip-1.0`)."""
        blocks = [b"!meta 0 " + _json({"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}) + b"\n"]
        lines = self._lines.execute("SELECT DISTINCT line FROM lines ORDER BY line")
        with self._resource(INDEX, stored=True) as file:
            while block := [line for (line,) in lines.fetchmany(_BLOCK_LINES)]:
                deflate = zlib.compressobj(wbits=_GZIP_WINDOW)
                data = deflate.compress(b"".join(line + b"\n" for line in block)) + deflate.flush()
                key = block[0].partition(b" {")[0]
                digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
                where = {"offset": file.size, "length": len(data), "digest": digest}
                blocks.append(key + b" " + _json(where) + b"\n")
                file.write(data)
        with self._resource(INDEX_BLOCKS) as file:
            file.write(b"".join(blocks))

    @contextlib.contextmanager
    def _resource(self, name: str, *, stored: bool = False) -> Iterator[_Resource]:
        year = max(_FIRST_ZIP_YEAR, self._moment.year)
        info = zipfile.ZipInfo(name, (year, *self._moment.timetuple()[1:6]))
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = _MODE
        info.create_system = 3  # Unix, wherever it is written
        # No ZIP64 for a member: ReplayWeb.page takes the length of its local header from the directory,
        # which `zipfile` writes without the extra field where the size turns out to need none.
        try:
            with self._zip.open(info, "w") as file:
                resource = _Resource(file)
                yield resource
        except RuntimeError as error:
            raise UsageError(
                f"{name} grows beyond 2 GiB in {self._path}: export fewer captures at a time"
            ) from error
        entry = {"name": name.lower(), "path": name, "hash": resource.sha256, "bytes": resource.size}
        self._resources.append(entry)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with storage_errors("cannot write", self._path):
                yield
        except sqlite3.Error as error:  # its temporary file, in the system's folder for those
            raise StorageError(f"cannot sort the index of {self._path}: {error}; make room for it") from error

    def discard(self) -> None:
        """Remove the unfinished package. Harmless after `close`."""
        self._zip.fp = None  # it must not try to finish
        self._file.discard()
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _pretty(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
