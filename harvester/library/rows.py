"""The library's table in SQLite: a row for every page capture and every asset capture."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from harvester.library import verified
from harvester.library.verified import Verifications
from harvester.sqlite import Words, connect, put_row, transaction, worded
from harvester.times import utc_text

LAYOUT: Final = 4
"""Version of these tables; of another one the rows are dropped, and made again by `Library.catch_up`."""

EARLIER_TABLES: Final = """
create table if not exists pages (
  id text primary key, record_id text not null, site text not null, kind text, state text not null,
  url text, requested_url text, title text, source text, date text, published_at text,
  fetch_date text not null, identity_key text, text_sha256 text, characters integer,
  notice text, rule text, method text not null, rehearsal integer not null, page_state text,
  status integer, modified_at text, core text, core_rules text, discovered_via text, visit text
) strict;
create index if not exists pages_by_requested on pages (requested_url, fetch_date);
create index if not exists pages_by_url on pages (url, fetch_date);
create index if not exists pages_by_identity on pages (identity_key, fetch_date);
create index if not exists pages_by_record on pages (record_id);
create index if not exists pages_by_time on pages (fetch_date);
create table if not exists assets (
  record_id text primary key, url text not null, via text, state text not null, fetch_date text not null,
  role text not null
) strict;
create index if not exists assets_by_url on assets (url, fetch_date);
create index if not exists assets_by_via on assets (via, fetch_date);
create table if not exists failures (
  record_id text primary key, url text not null, requested_url text not null, fetch_date text not null,
  reason text not null, message text, visit text
) strict;
create index if not exists failures_by_requested on failures (requested_url, fetch_date);
create index if not exists failures_by_time on failures (fetch_date);
create table if not exists files_read (name text primary key, bytes integer not null) strict;
create table if not exists unread (record_id text primary key) strict;
"""
"""The tables before kept comparisons had one: the next opening for writing adds it."""
TABLES: Final = EARLIER_TABLES + verified.TABLE


class PageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One page capture. `page_state` is the whole state as JSON for a page that is not an article.

    `status` is the HTTP status of such a page; of an article, `core` is what makes it the same text again
    (harvester.core), `core_rules` the versions by which it was read, `modified_at` the platform's own word
    on edits. `visit` joins the attempts and redirects of one visit.
    """

    id: str
    record_id: str
    site: str
    kind: str | None
    state: str
    url: str | None
    requested_url: str | None
    title: str | None
    source: str | None
    date: str | None
    published_at: str | None
    fetch_date: str
    identity_key: str | None
    text_sha256: str | None
    characters: int | None
    notice: str | None
    rule: str | None
    method: str
    rehearsal: bool
    page_state: str | None
    status: int | None = None
    modified_at: str | None = None
    core: str | None = None
    core_rules: str | None = None
    discovered_via: str | None = None
    visit: str | None = None


class FailureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a page that brought no response; `reason` is a code such as `dns` or `timeout`."""

    record_id: str
    url: str
    requested_url: str
    fetch_date: str
    reason: str
    message: str | None
    visit: str | None


class AssetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One capture of what belongs to a page: `role` is `image`, `attachment` or `requisite`.

    `state` is `ok` or why it does not serve (`placeholder`, `http-404`, …); `via` the page that it was
    fetched for.
    """

    record_id: str
    url: str
    via: str | None
    state: str
    fetch_date: str
    role: str


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article: its first good capture, and how many there are. `first` is when that was made."""

    id: str
    site: str
    source: str | None
    url: str | None
    requested_url: str | None
    method: str
    discovered_via: str | None
    first: str
    captures: int


_MARKS: Final = 500  # values in one query: SQLite's own limit was once 999
Row = PageRow | AssetRow | FailureRow
_TABLE_OF: Final[dict[type[Row], str]] = {PageRow: "pages", AssetRow: "assets", FailureRow: "failures"}
_WORDS: Final = Words("the library", damaged="run `harvester reindex`: it is made again from the WARC files")


def any_of(**columns: Sequence[str]) -> tuple[str, list[str]]:
    """Return a condition, and its values: that one of these columns has one of its values; none has nothing.

    SQLite then seeks in the index of each column. A column without values is left out: with an empty list in
    the condition it would read the whole table.
    """
    given = {name: values for name, values in columns.items() if values}
    parts = (f"{name} in ({', '.join('?' * len(values))})" for name, values in given.items())
    return " or ".join(parts) or "0", [value for values in given.values() for value in values]


def parts(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield names, each once and in order, in parts that fit one query."""
    wanted = sorted(set(names))
    yield from (wanted[at : at + _MARKS] for at in range(0, len(wanted), _MARKS))


def bound(when: datetime) -> str:
    """Return what the times from a moment on are not less than, as texts.

    Texts of RFC 3339 in UTC sort by time but for the fraction: `Z` sorts behind `.`.
    """
    return utc_text(when.replace(microsecond=0)).removesuffix("Z")


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    connection = connect(path, mode)
    connection.row_factory = sqlite3.Row
    return connection


def for_reading(path: Path) -> sqlite3.Connection:
    """Open for reading, also where nothing can be written: there a database without its log is whole."""
    log = path.with_name(path.name + "-wal")
    connection = _connected(path, "ro")
    try:
        connection.execute("select count(*) from pages").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if log.exists() and log.stat().st_size:
            raise
        connection = _connected(path, "ro&immutable=1")
    return connection


class Rows:
    """The tables, opened. Writing is one transaction a call and durable on return."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        with worded(path, _WORDS):
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = _connected(path, "rwc")
                self._prepare()
            else:
                self._db = for_reading(path)
        self.verifications = Verifications(self._db, path, _WORDS)

    def _prepare(self) -> None:
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        (layout,) = self._db.execute("pragma user_version").fetchone()
        if layout not in (0, LAYOUT):
            for table in (*_TABLE_OF.values(), "files_read", "unread", "verifications"):
                self._db.execute(f"drop table if exists {table}")
        self._db.executescript(TABLES)
        self._db.execute(f"pragma user_version={LAYOUT}")

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside one durable step, or nothing."""
        with worded(self._path, _WORDS), transaction(self._db):
            yield

    def others_version(self) -> int:
        """Return a number that is another once another connection has written (SQLite's `data_version`)."""
        with worded(self._path, _WORDS):
            (version,) = self._db.execute("pragma data_version").fetchone()
        return int(version)

    def put(self, row: Row) -> None:
        """Insert or replace one row (inside a transaction or as one)."""
        with worded(self._path, _WORDS):
            put_row(self._db, _TABLE_OF[type(row)], msgspec.structs.asdict(row))

    def delete(self, record_id: str) -> None:
        """Delete the rows of one record; their bytes are overwritten."""
        with worded(self._path, _WORDS):
            self._db.execute("pragma secure_delete=on")
            self.verifications.forget([record_id])
            with self.transaction():
                for table in (*_TABLE_OF.values(), "unread"):
                    self._db.execute(f"delete from {table} where record_id = ?", [record_id])  # noqa: S608 - ours
            self._db.execute("pragma wal_checkpoint(truncate)")

    def replace(self, rows: Sequence[Row], known: Callable[[], set[str]]) -> None:
        """Put rows in the place of all older ones of their records, in one transaction.

        Rows of records that `known` (asked inside the transaction) does not name are deleted; those that
        another process added meanwhile stay.
        """
        with self.transaction():
            gone = [(record_id,) for record_id in self.record_ids() - known()]
            old = [(row.record_id,) for row in rows]
            for table in _TABLE_OF.values():
                self._db.executemany(f"delete from {table} where record_id = ?", gone + old)  # noqa: S608 - ours
            for row in rows:
                self.put(row)

    def pages(self, where: str = "1", values: Sequence[Any] = (), *, limit: int = -1) -> list[PageRow]:
        """Return page rows in order of time; `where` is a condition of ours with `?` marks."""
        return [
            msgspec.convert({**dict(row), "rehearsal": bool(row["rehearsal"])}, PageRow)
            for row in self._select("pages", where, values, limit)
        ]

    def articles(self) -> list[ArticleRow]:
        """Return every article once, in order of its first good capture."""
        # SQLite takes the other columns from the row that has the minimum (lang_select.html §2.5).
        query = (
            "select id, site, source, url, requested_url, method, discovered_via, min(fetch_date) as first, "
            "count(*) as captures from pages where state = 'ok' "
            "group by coalesce(identity_key, id) order by first"
        )
        with worded(self._path, _WORDS):
            return [msgspec.convert(dict(row), ArticleRow) for row in self._db.execute(query)]

    def assets(self, where: str, values: Sequence[Any]) -> list[AssetRow]:
        """Return asset rows in order of time."""
        return [msgspec.convert(dict(row), AssetRow) for row in self._select("assets", where, values, -1)]

    def last_page(self, requested_url: str) -> PageRow | None:
        """Return the newest page asked for under a URL; one seek."""
        where = "requested_url = ? and state <> 'redirect' order by fetch_date desc, record_id desc limit 1"
        with worded(self._path, _WORDS):
            row = self._db.execute(f"select * from pages where {where}", [requested_url]).fetchone()  # noqa: S608
        return msgspec.convert({**dict(row), "rehearsal": bool(row["rehearsal"])}, PageRow) if row else None

    def last_asset(self, url: str) -> AssetRow | None:
        """Return the newest asset of a URL; one seek."""
        query = "select * from assets where url = ? order by fetch_date desc, record_id desc limit 1"
        with worded(self._path, _WORDS):
            row = self._db.execute(query, [url]).fetchone()
        return msgspec.convert(dict(row), AssetRow) if row else None

    def failures(self, where: str, values: Sequence[Any] = ()) -> list[FailureRow]:
        """Return failed attempts in order of time."""
        return [msgspec.convert(dict(row), FailureRow) for row in self._select("failures", where, values, -1)]

    def met(self, urls: Iterable[str]) -> set[str]:
        """Return those of these URLs that some row has, of a page or of a failed attempt at one."""
        wanted = list(urls)
        return self._among(wanted, "pages", ("requested_url", "url")) | self._among(
            wanted, "failures", ("requested_url",)
        )

    def captured(self, names: Iterable[str]) -> set[str]:
        """Return those of these URLs and identities that the row of some page has that is no listing."""
        columns = ("requested_url", "url", "identity_key")
        return self._among(names, "pages", columns, "state <> 'listing'")

    def _among(self, names: Iterable[str], table: str, columns: Sequence[str], where: str = "1") -> set[str]:
        """Return those of these names that one of the columns has where a condition of ours holds."""
        found: set[str] = set()
        with worded(self._path, _WORDS):
            for part in parts(names):
                marks = ", ".join("?" * len(part))
                for column in columns:
                    query = f"select {column} from {table} where {column} in ({marks}) and {where}"  # noqa: S608 - ours
                    found.update(name for (name,) in self._db.execute(query, part))
        return found

    def state_of(self, record_id: str) -> str | None:
        """Return the state in the row of a record, page or asset; None where there is no row.

        That of an attempt that brought no response is `failed`.
        """
        with worded(self._path, _WORDS):
            for table in _TABLE_OF.values():
                column = "'failed'" if table == "failures" else "state"
                query = f"select {column} from {table} where record_id = ?"  # noqa: S608 - ours
                if found := self._db.execute(query, [record_id]).fetchone():
                    return str(found[0])
        return None

    def text_digests(self, site: str | None) -> dict[str, str]:
        """Return the ids of the articles, of one site or of all, each with the digest of its text."""
        query = "select id, text_sha256 from pages where state = 'ok' and (site = ? or ? is null) order by id"
        with worded(self._path, _WORDS):
            return dict(self._db.execute(query, [site, site]))

    def record_ids(self) -> set[str]:
        """Return the records that have a row."""
        with worded(self._path, _WORDS):
            found = self._db.execute(
                "select record_id from pages union all select record_id from assets "
                "union all select record_id from failures"
            )
            return {record_id for (record_id,) in found}

    def files_read(self) -> dict[str, int]:
        """Return the WARC files whose pages and assets all have rows, and their size when they were read."""
        with worded(self._path, _WORDS):
            return {row["name"]: row["bytes"] for row in self._db.execute("select * from files_read")}

    def set_read(self, name: str, size: int) -> None:
        """Note a WARC file as read."""
        with worded(self._path, _WORDS):
            self._db.execute("insert or replace into files_read values (?, ?)", [name, size])

    def begin_anew(self, read: Mapping[str, int], unread: Iterable[str]) -> None:
        """Note exactly these files, with their sizes, as read, and these records as those that cannot be."""
        with self.transaction():
            self._db.execute("delete from files_read")
            self._db.execute("delete from unread")
            for name, size in read.items():
                self.set_read(name, size)
            for record_id in unread:
                self.set_unread(record_id)

    def forget_files(self, names: Iterable[str]) -> None:
        """Note WARC files as not read."""
        with self.transaction():
            self._db.executemany("delete from files_read where name = ?", [(name,) for name in names])

    def unread(self) -> set[str]:
        """Return the records that could not be read: damaged, or a revisit of what is not here."""
        with worded(self._path, _WORDS):
            return {record_id for (record_id,) in self._db.execute("select record_id from unread")}

    def set_unread(self, record_id: str, *, unread: bool = True) -> bool:
        """Keep a record in mind as one that could not be read, or no longer; tell whether that is new."""
        statement = (
            "insert or ignore into unread values (?)" if unread else "delete from unread where record_id = ?"
        )
        with worded(self._path, _WORDS):
            return self._db.execute(statement, [record_id]).rowcount > 0

    def _select(self, table: str, where: str, values: Sequence[Any], limit: int) -> list[sqlite3.Row]:
        query = f"select * from {table} where {where} order by fetch_date, record_id limit ?"  # noqa: S608 - ours
        with worded(self._path, _WORDS):
            return self._db.execute(query, (*values, limit)).fetchall()
