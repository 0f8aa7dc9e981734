"""A Parquet file of a table. pyarrow (the extra `tables`) is imported when the first file begins.

The schema is that of the rows, the same in every file, also in one without rows: so the parts of a table
are read as one. pyarrow writes its own version into the file, so the same rows give the same bytes only
with the same pyarrow; what is promised is the rows.
"""

from __future__ import annotations

import contextlib
import io
import types
import typing
from typing import Any, Final

import msgspec

from harvester.parts import PartFile, Written
from harvester.tables.arrow import require_pyarrow
from harvester.tables.rows import Row

MAX_GROUP_ROWS: Final = 4096
MAX_GROUP_CHARACTERS: Final = 16 << 20
"""What a row group holds at most, and so what of a table is in memory at a time. One row is never split."""


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


class _Handle(io.RawIOBase):
    """A part's file as the file that pyarrow asks for."""

    def __init__(self, file: PartFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        octets = bytes(data)
        self._file.write(octets)
        self._position += len(octets)
        return len(octets)


class ParquetPart:
    """A Parquet file that grows by row groups."""

    def __init__(self, file: PartFile, table: type[Row]) -> None:
        """Begin the file. Raises `StorageError`, `UsageError` without pyarrow."""
        self._schema = arrow_schema(table)
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415

        self._file = file
        self._names = table.__struct_fields__
        self._rows: list[Row] = []
        self._characters = 0
        self._writer = ParquetWriter(_Handle(file), self._schema, compression="zstd", version="2.6")

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
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), MAX_GROUP_ROWS)
        self._rows.clear()
        self._characters = 0

    def close(self) -> Written:
        self._flush()
        self._writer.close()
        return self._file.close()

    def abort(self) -> None:
        self._rows.clear()
        with contextlib.suppress(Exception):  # else it would write its end when it is collected
            self._writer.close()
        self._file.abort()


def _plain(value: object) -> object:
    return msgspec.to_builtins(value) if isinstance(value, tuple) else value
