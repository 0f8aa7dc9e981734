"""A Parquet file of a table. pyarrow (the extra `tables`) is imported when the first file begins.

The schema is that of the rows, the same in every file, also in one without rows: so the parts of a table
are read as one. pyarrow writes its own version into the file, so the same rows give the same bytes only
with the same pyarrow; what is promised is the rows.
"""

from __future__ import annotations

import contextlib
import types
import typing
from pathlib import Path
from typing import Any, Final

import msgspec

from archive.disk import Disk, storage_errors
from archive.newfile import NewFile
from harvester.errors import UsageError
from harvester.tables.rows import Row

MAX_GROUP_ROWS: Final = 4096
MAX_GROUP_CHARACTERS: Final = 16 << 20
"""What a row group holds at most, and so what of a table is in memory at a time. One row is never split."""


def require_pyarrow() -> None:
    """Raise `UsageError`, which names the extra, where pyarrow is not there."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - only looked for
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: pip install 'wechat-harvester[tables]', "
            "or use JSON lines"
        ) from error


def arrow_schema(table: type[Row]) -> Any:
    """Return the `pyarrow.Schema` of a table. Raises `UsageError` where pyarrow is not there."""
    require_pyarrow()
    import pyarrow as pa  # noqa: PLC0415 - heavy: see above

    return pa.schema(_fields(table))


def _fields(struct: type[msgspec.Struct]) -> list[Any]:
    import pyarrow as pa  # noqa: PLC0415

    found = []
    for name, hint in typing.get_type_hints(struct).items():
        kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        kind = next(kind for kind in kinds if kind is not type(None))
        found.append(pa.field(name, _arrow_type(kind), nullable=len(kinds) > 1))
    return found


def _arrow_type(kind: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    if typing.get_origin(kind) is tuple:
        return pa.list_(_arrow_type(typing.get_args(kind)[0]))
    if issubclass(kind, msgspec.Struct):
        return pa.struct(_fields(kind))
    return {str: pa.string(), int: pa.int64(), bool: pa.bool_()}[kind]


class ParquetPart:
    """A Parquet file that grows by row groups."""

    def __init__(self, path: Path, disk: Disk, table: type[Row]) -> None:
        """Begin the file; its folder is there. Raises `StorageError`, `UsageError` without pyarrow."""
        self._schema = arrow_schema(table)
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415

        self._path = path
        self._names = table.__struct_fields__
        self._rows: list[Row] = []
        self._characters = 0
        self._file = NewFile(path, disk, force=True)
        try:
            with storage_errors("cannot write", path):
                self._writer = ParquetWriter(self._file, self._schema, compression="zstd", version="2.6")
        except BaseException:
            self._file.discard()
            raise

    def add(self, row: Row) -> None:
        self._rows.append(row)
        for name in self._names:
            value = getattr(row, name)
            self._characters += len(value) if isinstance(value, str) else 8
        if len(self._rows) >= MAX_GROUP_ROWS or self._characters >= MAX_GROUP_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415

        if not self._rows:
            return
        arrays = [
            pa.array([_plain(getattr(row, field.name)) for row in self._rows], field.type)
            for field in self._schema
        ]
        with storage_errors("cannot write", self._path):
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), MAX_GROUP_ROWS)
        self._rows.clear()
        self._characters = 0

    def close(self) -> Path:
        self._flush()
        with storage_errors("cannot write", self._path):
            self._writer.close()
            self._file.commit()
        return self._path

    def abort(self) -> None:
        self._rows.clear()
        with contextlib.suppress(Exception):  # else it would write its end when it is collected
            self._writer.close()
        self._file.discard()


def _plain(value: object) -> object:
    return msgspec.to_builtins(value) if isinstance(value, tuple) else value
