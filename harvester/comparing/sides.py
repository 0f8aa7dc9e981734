"""One side of a comparison: an output of a rebuild in any format, an archive, or JSON lines of documents."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from archive.layout import MARKER
from archive.storage.places import absence, children, relative, walk
from harvester.errors import UsageError
from harvester.sqlite import connect
from harvester.tables.rows import DocumentRow

if TYPE_CHECKING:
    from archive.storage.places import Place

_MAX_DOCUMENT_BYTES: Final = 256 << 20
_CAPTURES: Final = "captures.jsonl"
_ARTICLE: Final = "ok"
_DEPTH: Final = 3  # documents/YYYY/MM/ID.json


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as plain JSON values, and where in its side it stands."""

    value: dict[str, Any]
    place: str


class _Row(msgspec.Struct, frozen=True):
    """What is asked of a line of captures."""

    outcome: str
    record_id: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Documents, each with its place, and what became of the other records where that is known.

    `outcomes` yields (record or id, state) of every record, `ok` for articles; None where the side does not
    tell. `load` returns the document at a place. Reading may raise `UsageError`, `StorageError`, `OSError`.
    """

    name: str
    kind: str  # "archive" | "json" | "jsonl" | "parquet" | "lines"
    documents: Callable[[], Iterator[Stored]]
    load: Callable[[str], dict[str, Any]]
    outcomes: Callable[[], Iterator[tuple[str, str]]] | None


def opened(path: Place) -> Side:
    """Return a side. Raises `UsageError` for a path that holds no documents."""
    if path.is_file():
        if path.stat().st_size == 0:
            raise UsageError(f"{path} is empty: it holds no documents to compare with")
        return _side(path.name, "lines", _Lines(path.parent, [path]), None)
    if not path.is_dir():
        what = f"{path} is no file and no folder" if path.exists() else absence(path)
        raise UsageError(f"{what}: name an output of `harvester rebuild`, an archive, or JSON lines")
    for form in ("jsonl", "parquet"):
        parts = children(path / "documents", f"part-*.{form}")
        if parts:
            reader = _Lines(path, parts) if form == "jsonl" else _Parquet(path, parts)
            rows = children(path / "captures", f"part-*.{form}")
            return _side(path.name, form, reader, (_row_lines if form == "jsonl" else _row_groups)(rows))
    if (path / MARKER).exists():
        return _side(path.name, "archive", _Tree(path), _library(path / "library" / "library.sqlite"))
    captures = path / _CAPTURES
    if captures.exists() or (path / "documents").is_dir():
        return _side(path.name, "json", _Tree(path), _row_lines([captures]) if captures.exists() else None)
    raise UsageError(f"{path} holds no documents: name an output of `harvester rebuild`, or an archive")


def _side(
    name: str,
    kind: str,
    reader: _Tree | _Lines | _Parquet,
    outcomes: Callable[[], Iterator[tuple[str, str]]] | None,
) -> Side:
    return Side(name, kind, reader.documents, reader.load, outcomes)


class _Tree:
    """`documents/YYYY/MM/ID.json`: a place is the path."""

    def __init__(self, root: Place) -> None:
        self._root = root

    def documents(self) -> Iterator[Stored]:
        top = self._root / "documents"
        for folder, folders, names in walk(top) if top.is_dir() else ():
            folders.sort()
            for name in sorted(names):
                place = relative(folder / name, self._root)
                if name.endswith(".json") and place.count("/") == _DEPTH:
                    yield Stored(self.load(place), place)

    def load(self, place: str) -> dict[str, Any]:
        path = self._root / place
        with path.open("rb") as file:
            return _document(file.read(_MAX_DOCUMENT_BYTES), str(path))


class _Lines:
    """JSON lines of documents or of rows of the table: a place is file, offset and length."""

    def __init__(self, root: Place, files: list[Place]) -> None:
        self._root = root
        self._files = files

    def documents(self) -> Iterator[Stored]:
        for path in self._files:
            name, offset = relative(path, self._root), 0
            with path.open("rb") as file:
                while line := file.readline(_MAX_DOCUMENT_BYTES):
                    if line.strip():
                        where = f"{path}, byte {offset}"
                        yield Stored(_document(line, where), f"{name}\0{offset}\0{len(line)}")
                    offset += len(line)

    def load(self, place: str) -> dict[str, Any]:
        name, offset, length = place.split("\0")
        with (self._root / name).open("rb") as file:
            file.seek(int(offset))
            return _document(file.read(int(length)), name)


class _Parquet:
    """Parquet parts of the table: a place is file, row group and row."""

    def __init__(self, root: Place, files: list[Place]) -> None:
        from harvester.tables.arrow import require_pyarrow  # noqa: PLC0415 - an extra

        require_pyarrow()
        self._root = root
        self._files = files

    def documents(self) -> Iterator[Stored]:
        for path in self._files:
            name = relative(path, self._root)
            with _parquet(path) as file:
                for group in range(file.num_row_groups):
                    for number, row in enumerate(file.read_row_group(group).to_pylist()):
                        yield Stored(_of_row(row, str(path)), f"{name}\0{group}\0{number}")

    def load(self, place: str) -> dict[str, Any]:
        name, group, number = place.split("\0")
        with _parquet(self._root / name) as file:
            rows = file.read_row_group(int(group)).slice(int(number), 1).to_pylist()
        return _of_row(rows[0], name)


@contextlib.contextmanager
def _parquet(path: Place) -> Iterator[Any]:
    from pyarrow import ArrowException  # noqa: PLC0415 - an extra, and heavy
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        with path.open("rb") as source, ParquetFile(source) as file:
            yield file
    except ArrowException as error:
        raise UsageError(f"{path} cannot be read as Parquet: {error}") from error


def _document(data: bytes, where: str) -> dict[str, Any]:
    """Return a document, or a row of the table as one. Raises `UsageError`."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where}: no document can be read there ({error})") from error
    if not isinstance(value, dict) or "id" not in value or "text" not in value:
        raise UsageError(f"{where}: this is no document (it has no `id` or no `text`)")
    return value if isinstance(value.get("provenance"), dict) else _of_row(value, where)


def _of_row(row: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        document = msgspec.convert(row, DocumentRow).to_document()
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UsageError(f"{where}: a row of another form of the table ({error})") from error
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return found


# -- what became of every record ------------------------------------------------------------------------


def _row_lines(files: list[Place]) -> Callable[[], Iterator[tuple[str, str]]]:
    def read() -> Iterator[tuple[str, str]]:
        for path in files:
            with path.open("rb") as file:
                for line in file:
                    try:
                        row = msgspec.json.decode(line, type=_Row)
                    except (msgspec.DecodeError, UnicodeDecodeError) as error:
                        raise UsageError(f"{path}: no line of captures: {error}") from error
                    yield from _outcome(row.record_id, row.id, row.outcome)

    return read


def _row_groups(files: list[Place]) -> Callable[[], Iterator[tuple[str, str]]]:
    def read() -> Iterator[tuple[str, str]]:
        for path in files:
            with _parquet(path) as file:
                for batch in file.iter_batches(columns=["record_id", "id", "outcome"]):
                    for row in batch.to_pylist():
                        yield from _outcome(row["record_id"], row["id"], row["outcome"])

    return read


def _library(path: Place) -> Callable[[], Iterator[tuple[str, str]]] | None:
    if not isinstance(path, Path) or not path.exists():  # a database cannot be read at a URL
        return None

    def read() -> Iterator[tuple[str, str]]:
        try:
            with contextlib.closing(connect(path, "ro")) as database:
                yield from database.execute("select record_id, state from pages")
        except sqlite3.Error as error:
            raise UsageError(
                f"{path} cannot be read ({error}); `harvester reindex` makes it again"
            ) from error

    return read


def _outcome(record_id: str | None, page_id: str | None, outcome: str) -> Iterator[tuple[str, str]]:
    key = record_id or page_id
    if key and outcome != "asset":
        yield key, outcome
