"""Parquet with HTML in a column; read in small batches, only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from archive.disk import explain
from harvester.errors import IntegrityError, StorageError
from harvester.tables.arrow import require_pyarrow

if TYPE_CHECKING:
    from archive.storage.places import Place

_BATCH_ROWS: Final = 16
_BUFFER_BYTES: Final = 1 << 20


def names(path: Place) -> list[str]:
    """Return the names of the columns. Raises as `rows`."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def rows(path: Place, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the rows as dicts of the columns named, after the bytes of the file that are about behind them.

    Raises `IntegrityError` for a file that is damaged, after the rows before, `StorageError` for one that
    cannot be read, `UsageError` where pyarrow is not there.
    """
    with _opened(path) as file:
        size, count = path.stat().st_size, max(file.metadata.num_rows, 1)
        behind = 0
        for batch in file.iter_batches(_BATCH_ROWS, columns=list(columns)):
            for item in batch.to_pylist(maps_as_pydicts="lossy"):
                behind += 1
                yield size * behind // count, item


@contextmanager
def _opened(path: Place) -> Iterator[Any]:
    require_pyarrow()
    import pyarrow as pa  # noqa: PLC0415 - heavy: only for who brings Parquet
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        source = path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error
    with source:
        try:
            yield ParquetFile(source, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        except OSError as error:
            # Arrow gives damage of what it reads as OSError without a number; a disk's fault has one.
            if error.errno:
                raise StorageError(f"cannot read {path}: {explain(error)}") from error
            raise IntegrityError(f"{path}: damaged Parquet ({_short(error)})", path=str(path)) from error
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise IntegrityError(f"{path}: damaged Parquet ({_short(error)})", path=str(path)) from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
