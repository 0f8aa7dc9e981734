"""Whether an SQLite file holds together: its pages, its indices against their rows, its own description."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def database_fault(path: Path, *schemas: str) -> str | None:
    """Return what is wrong with a database as a database, None if nothing.

    Its rows are compared elsewhere with what they should say. Here belongs what no row shows, such as an
    index that has lost an entry; and that its tables are those which one of `schemas` makes. A file that
    cannot be opened is at fault too.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    log = path.with_name(path.name + "-wal")
    try:
        return _fault(uri, schemas)
    except sqlite3.OperationalError as error:
        if log.exists() and log.stat().st_size:
            return str(error)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return str(error)
    try:  # where nothing can be written, a database without its log is whole
        return _fault(f"{uri}&immutable=1", schemas)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return str(error)


def _fault(uri: str, schemas: tuple[str, ...]) -> str | None:
    with closing(sqlite3.connect(uri, uri=True, timeout=30)) as database:
        lines = [line for (line,) in database.execute("PRAGMA integrity_check(3)")]
        if lines != ["ok"]:
            return "; ".join(lines)[:300]
        found = _described(database)
        good = any(found == _made_by(schema) for schema in schemas)
        return None if good else "its tables are not described as they should be"


def _made_by(schema: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(schema)
        return _described(fresh)


def _described(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(rows, key=repr)
