"""Whether pyarrow is there: the one heavy library of the tables, in the extra `tables`."""

from __future__ import annotations

from harvester.errors import UsageError


def require_pyarrow() -> None:
    """Raise `UsageError`, which names the extra, where pyarrow is not there."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - only looked for
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: pip install 'wechat-harvester[tables]', "
            "or use JSON lines"
        ) from error
