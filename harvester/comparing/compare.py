"""Two sides compared: the old is noted in a small database by digests of its fields, the new passes by.

Memory does not grow with the number of documents. Whole documents are read a second time only for the
samples.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from archive.disk import storage_errors
from harvester.comparing.fields import Facts, differing, facts, key_of, values, versions_of
from harvester.comparing.pieces import pieces
from harvester.comparing.result import (
    SCHEMA,
    Comparison,
    FieldCount,
    Sample,
    SideFacts,
    StateChange,
    Turned,
)
from harvester.comparing.sides import Side, Stored

SAMPLES: Final = 12
"""Documents shown of each field: a fixed choice, by a digest of record and field."""
_MAX_VALUE_CHARS: Final = 2000
_TABLES: Final = """
pragma journal_mode = off;
pragma synchronous = off;
create table documents (key text primary key, facts blob, place text, id text, title text, url text,
  seen integer not null default 0) without rowid;
create table outcomes (side integer, key text, state text, primary key (side, key)) without rowid;
"""
_OLD, _NEW = 0, 1
_ARTICLE: Final = "ok"
_UNKNOWN: Final = "not known"

Progress = Callable[[str, int], None]


def compare(old: Side, new: Side, scratch: Path, progress: Progress = lambda *_: None) -> Comparison:
    """Return what differs between two sides, by field. `scratch` is a file that is made and removed.

    Raises `UsageError` for a side that cannot be read as documents, `StorageError`, `OSError`.
    """
    with storage_errors("cannot write", scratch), contextlib.closing(sqlite3.connect(scratch)) as database:
        try:
            database.executescript(_TABLES)
            return _Run(old, new, database, progress).whole()
        finally:
            scratch.unlink(missing_ok=True)


class _Chosen:
    """The few of very many that are shown: those with the smallest digest, in whatever order they come."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str, Any]] = []

    def offer(self, key: str, field: str, value: Any) -> None:
        digest = hashlib.sha256(f"{field}\0{key}".encode("utf-8", "surrogatepass")).digest()
        item = (-int.from_bytes(digest[:8], "big"), key, value)
        if len(self._heap) < SAMPLES:
            heapq.heappush(self._heap, item)
        elif item > self._heap[0]:
            heapq.heapreplace(self._heap, item)

    def all(self) -> list[tuple[str, Any]]:
        return [(key, value) for _, key, value in sorted(self._heap, reverse=True)]


class _Run:
    def __init__(self, old: Side, new: Side, database: sqlite3.Connection, progress: Progress) -> None:
        self._old = old
        self._new = new
        self._database = database
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._fields: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._samples: defaultdict[str, _Chosen] = defaultdict(_Chosen)
        self._turned = {"appeared": _Chosen(), "vanished": _Chosen()}

    def whole(self) -> Comparison:
        captures = [
            self._note_outcomes(number, side) for number, side in ((_OLD, self._old), (_NEW, self._new))
        ]
        old = self._side(self._old, captures[_OLD], self._note)
        new = self._side(self._new, captures[_NEW], self._meet)
        self._gone()
        order = sorted(self._fields, key=lambda name: (-self._fields[name].total(), name))
        return Comparison(
            schema=SCHEMA,
            old=old,
            new=new,
            equal=self._counts["equal"],
            changed=self._counts["changed"],
            appeared=self._counts["appeared"],
            vanished=self._counts["vanished"],
            only_old=self._counts["only_old"],
            only_new=self._counts["only_new"],
            fields={name: _field_count(self._fields[name]) for name in order},
            states=tuple(self._states()),
            samples={name: tuple(self._shown(name)) for name in order},
            appeared_samples=tuple(turned for _, turned in self._turned["appeared"].all()),
            vanished_samples=tuple(turned for _, turned in self._turned["vanished"].all()),
        )

    # -- the two passes ------------------------------------------------------------------------------

    def _note_outcomes(self, number: int, side: Side) -> int | None:
        if side.outcomes is None:
            return None
        sql = "insert or replace into outcomes values (?, ?, ?)"
        self._database.executemany(sql, ((number, key, state) for key, state in side.outcomes()))
        count = self._database.execute("select count(*) from outcomes where side = ?", (number,))
        return int(count.fetchone()[0])

    def _side(
        self, side: Side, captures: int | None, take: Callable[[Stored, dict[str, Any]], None]
    ) -> SideFacts:
        versions: Counter[str] = Counter()
        for stored in side.documents():
            versions[versions_of(stored.value)] += 1
            take(stored, values(stored.value))
            self._progress(side.name, versions.total())
        return SideFacts(
            name=side.name,
            kind=side.kind,
            documents=versions.total(),
            captures=captures,
            versions=dict(sorted(versions.items())),
        )

    def _note(self, stored: Stored, fields: dict[str, Any]) -> None:
        packed = msgspec.msgpack.encode(facts(fields))
        value = stored.value
        self._database.execute(
            "insert or replace into documents (key, facts, place, id, title, url) values (?, ?, ?, ?, ?, ?)",
            (key_of(value), packed, stored.place, *(value.get(name) for name in ("id", "title", "url"))),
        )

    def _meet(self, stored: Stored, fields: dict[str, Any]) -> None:
        key = key_of(stored.value)
        row = self._database.execute(
            "select facts, place, seen from documents where key = ?", (key,)
        ).fetchone()
        if row is None:
            self._turn("appeared", "only_new", key, stored.value, _OLD)
            return
        if row[2]:
            return  # a record that two files hold gives one document twice
        self._database.execute("update documents set seen = 1 where key = ?", (key,))
        before = msgspec.msgpack.decode(row[0], type=Facts)
        changes = list(differing(before, facts(fields)))
        self._counts["changed" if changes else "equal"] += 1
        for name, how in changes:
            self._fields[name][how] += 1
            self._samples[name].offer(key, name, (how, row[1], stored.place))

    def _gone(self) -> None:
        """Count what the old side has and the new has not."""
        rows = self._database.execute("select key, id, title, url from documents where not seen order by key")
        for key, page_id, title, url in rows:
            self._turn("vanished", "only_old", key, {"id": page_id, "title": title, "url": url}, _NEW)

    def _turn(self, turned: str, alone: str, key: str, value: dict[str, Any], other: int) -> None:
        """Count a document that one side has: turned, if the other side looked at its record, else alone."""
        tells = (self._old, self._new)[other].outcomes is not None
        state = self._state(other, key)
        if tells and state is None:
            self._counts[alone] += 1
            return
        self._counts[turned] += 1
        was, now = (state or _UNKNOWN, _ARTICLE) if other == _OLD else (_ARTICLE, state or _UNKNOWN)
        facts_of = {name: value.get(name) for name in ("title", "url")}
        shown = Turned(record=key, id=str(value.get("id")), was=was, now=now, **facts_of)
        self._turned[turned].offer(key, turned, shown)

    def _state(self, side: int, key: str) -> str | None:
        sql = "select state from outcomes where side = ? and key = ?"
        found = self._database.execute(sql, (side, key)).fetchone()
        return found[0] if found else None

    def _states(self) -> Iterator[StateChange]:
        sql = """select old.state, new.state, count(*)
          from outcomes old join outcomes new on new.key = old.key
          where old.side = 0 and new.side = 1 and old.state != new.state
          and 'ok' not in (old.state, new.state) group by 1, 2 order by 3 desc, 1, 2"""
        for was, now, records in self._database.execute(sql):
            yield StateChange(was=was, now=now, records=records)

    # -- samples -------------------------------------------------------------------------------------

    def _shown(self, name: str) -> Iterator[Sample]:
        for _, (how, place, new_place) in self._samples[name].all():
            before, after = self._old.load(place), self._new.load(new_place)
            old, new = values(before).get(name), values(after).get(name)
            is_text = isinstance(old, str | None) and isinstance(new, str | None)
            texts = (old or "", new or "") if is_text else (_written(old), _written(new))
            yield Sample(
                id=str(after.get("id")),
                title=after.get("title"),
                url=after.get("url"),
                site=after.get("site"),
                how=how,
                old=_cut(old),
                new=_cut(new),
                pieces=pieces(*texts),
            )


def _field_count(counted: Counter[str]) -> FieldCount:
    kinds = {name: counted[name] for name in ("filled", "emptied", "rewritten")}
    return FieldCount(changed=counted.total(), **kinds)


def _written(value: Any) -> str:
    """Return a value that is no text as JSON over lines."""
    if value is None:
        return ""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode()


def _cut(value: Any) -> Any:
    """Return a value as it is, or the beginning of it in words where it is long."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()
    return value if len(text) <= _MAX_VALUE_CHARS else text[:_MAX_VALUE_CHARS] + "…"
