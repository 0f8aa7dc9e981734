"""Where documents come from: an archive's library, or what `rebuild` wrote (JSON, JSONL, Parquet)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from archive.storage.places import absence, walk
from harvester.dedup.item import Item, item_from_json, item_from_row
from harvester.errors import GiveUpError, StorageError, UsageError
from harvester.library import Library

if TYPE_CHECKING:
    from archive.storage.places import Place

_BATCH: Final = 500
_SUFFIXES: Final = (".json", ".jsonl", ".parquet")

Input = tuple[str, Item | str]
"""Where a document stands, and the document, or in words why it is none."""


def archive_items(library: Library) -> Iterator[Input]:
    """Yield an archive's articles."""
    for ids in id_batches(library, _BATCH):
        yield from items_named(library, ids)


def items_named(library: Library, ids: Sequence[str]) -> Iterator[Input]:
    """Yield the articles of these ids that there are."""
    for id_, row in library.named(ids).items():
        try:
            yield id_, item_from_json(library.document_bytes(row))
        except (GiveUpError, msgspec.DecodeError) as error:
            yield id_, str(error)


def id_batches(library: Library, size: int) -> Iterator[Sequence[str]]:
    """Yield the ids of an archive's articles, so many at a time."""
    ids = list(library.text_digests())
    return (ids[at : at + size] for at in range(0, len(ids), size))


def folder_items(paths: Iterable[Place]) -> Iterator[Input]:
    """Yield the documents in files and folders, in the order of their names.

    Raises `UsageError` for a path that is not there or a folder without any such file, `StorageError` where
    permission to read is missing.
    """
    for path in document_files(paths):
        yield from items_in(path)


def items_in(path: Place) -> Iterator[Input]:
    """Yield the documents in one file. Raises `StorageError` where permission to read is missing."""
    readers: dict[str, Callable[[Place], Iterator[Input]]] = {
        ".json": _json,
        ".jsonl": _lines,
        ".parquet": _parquet,
    }
    try:
        yield from readers[path.suffix](path)
    except PermissionError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}; mend its permissions") from error
    except OSError as error:
        yield str(path), f"cannot be read: {error.strerror or error}"


def document_files(paths: Iterable[Place]) -> Iterator[Place]:
    """Yield the files with documents that paths stand for. Raises `UsageError` as `folder_items`."""
    for given in paths:
        if not given.exists():
            raise UsageError(f"{absence(given)}: name archives, rebuilt folders, or files in them")
        found = [given] if given.is_file() else _in_folder(given)
        if not found or found[0].suffix not in _SUFFIXES:
            raise UsageError(f"{given} holds no documents: JSON, JSONL or Parquet as `rebuild` writes them")
        yield from found


def _in_folder(folder: Place) -> list[Place]:
    """Return the files with documents: of a rebuilt folder those below `documents`, not its reports."""
    base = folder / "documents" if (folder / "documents").is_dir() else folder
    found = (place / name for place, _, names in walk(base) for name in names)
    return sorted((path for path in found if path.suffix in _SUFFIXES), key=str)


def _json(path: Place) -> Iterator[Input]:
    with path.open("rb") as file:
        yield str(path), _or_reason(item_from_json, file.read())


def _lines(path: Place) -> Iterator[Input]:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield f"{path}:{number}", _or_reason(item_from_json, line)


def _parquet(path: Place) -> Iterator[Input]:
    from harvester.tables.arrow import require_pyarrow  # noqa: PLC0415 - heavy, and in an extra

    require_pyarrow()
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    number = 0
    try:
        with path.open("rb") as source, parquet.ParquetFile(source) as file:
            names = [name for name in Item.__struct_fields__ if name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=_BATCH, columns=names):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}:{number}", _or_reason(item_from_row, row)
    except pa.ArrowInvalid as error:
        yield str(path), f"not Parquet, or damaged: {error}"


def _or_reason(read: Callable[[Any], Item], value: Any) -> Item | str:
    try:
        return read(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"not a document: {error}"
