"""What is still to be told, to whom, and what was: one SQLite file for an archive, operational and losable.

An event is put here when it is seen, with a delivery for each receiver that chose it; the deliveries then
are made, or dropped when they are too old. The *mark* is the moment up to which all events of the archive
were put. A lost outbox begins anew at that moment: it never tells the past. Times are seconds since 1970.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from harvester.sqlite import LosableFile, Words
from harvester.times import utc_text
from harvester.watch.notify.notice import Notice, from_bytes, to_bytes
from harvester.watch.queue import queue_path

_VERSION: Final = 1
_CURE: Final = "it may be deleted: events are then told from that moment on"
_WORDS: Final = Words("the outbox", damaged=_CURE, unusable=f"see that the disk has room; {_CURE}")
FEED_ITEMS: Final = 200
_MAX_REST_S: Final = 25 * 3600.0
"""No stored wait is honoured beyond this: it would come from a clock that was wrong."""
_OF_FEED: Final = "receiver = ? and state = 'shown'"
_SCHEMA: Final = """
create table notices (id text primary key, at_s real not null, capture text, body blob not null)
  strict, without rowid;
create index notices_by_time on notices (at_s);
create table deliveries (
  notice text not null, receiver text not null, state text not null, at_s real not null, put_s real not null,
  attempts integer not null default 0, next_s real not null, error text,
  primary key (notice, receiver)
) strict, without rowid;
create index deliveries_in_turn on deliveries (receiver, state, at_s);
create table receivers (
  key text primary key, shown text not null, began_s real not null, filled integer not null default 0,
  failures integer not null default 0, rests_until_s real not null default 0, last_s real,
  dropped integer not null default 0, error text
) strict;
create table mark (at_s real not null) strict;
"""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver stands: `shown` is its name; `last_s` when it was last told something.

    `waiting` deliveries are still to be made, `dropped` ones were given up; `failures` in a row, the last
    with `error`; nothing is tried before `rests_until_s`.
    """

    key: str
    shown: str
    waiting: int
    failures: int
    rests_until_s: float
    last_s: float | None
    dropped: int
    error: str | None

    def told(self) -> dict[str, str | int | None]:
        """Return it for programs: times as RFC 3339."""
        last = self.last_s
        return {
            "receiver": self.shown,
            "waiting": self.waiting,
            "dropped": self.dropped,
            "last_told": None if last is None else utc_text(datetime.fromtimestamp(round(last), UTC)),
            "error": self.error,
        }


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that somebody has taken in hand: its attempts, this one too, and its receiver's failures."""

    notice: Notice
    receiver: str
    attempts: int
    failures: int


def outbox_path(state: Path, archive: Path) -> Path:
    """Return where the outbox of an archive lies in the state directory."""
    return state / "notices" / queue_path(state, archive).name


class Outbox(LosableFile):
    """The outbox, opened; one for each thread. Raises `StorageError`, `LockedError`.

    A damaged file, or one of another form, is set aside and begun anew.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _WORDS, _SCHEMA, _VERSION)

    # The mark, and who is told.

    def mark_s(self) -> float | None:
        """Return up to when the archive's events were put here; None for a new outbox."""
        rows = self._run("select at_s from mark")
        return rows[0]["at_s"] if rows else None

    def set_mark(self, at_s: float) -> None:
        """Note up to when the archive's events were put here (in a transaction of the caller)."""
        self._run("delete from mark")
        self._run("insert into mark values (?)", (at_s,))

    def know(self, receivers: Sequence[tuple[str, str]], now_s: float) -> None:
        """Have exactly these receivers (key, name); a new one is told what comes from now on.

        What waits for one that is not among them is forgotten.
        """
        with self.transaction():
            keys = [key for key, _ in receivers]
            for table, column in (("receivers", "key"), ("deliveries", "receiver")):
                marks = ", ".join("?" * len(keys))
                self._run(f"delete from {table} where {column} not in ({marks})", keys)  # noqa: S608 - ours
            for key, shown in receivers:
                self._run(
                    "insert into receivers (key, shown, began_s) values (?, ?, ?) "
                    "on conflict (key) do update set shown = excluded.shown, "
                    "began_s = min(began_s, excluded.began_s)",  # a clock that was ahead is mended
                    (key, shown, now_s),
                )

    def began_s(self) -> dict[str, float]:
        """Return since when each receiver is known."""
        return {row["key"]: row["began_s"] for row in self._run("select key, began_s from receivers")}

    # Putting in.

    def put(self, notice: Notice, receivers: Iterable[str], now_s: float, *, state: str = "waiting") -> bool:
        """Put in an event for these receivers, passing over those that have it; tell whether one is new."""
        at_s = notice.moment.timestamp()
        fresh = False
        for key in receivers:
            rows = self._run(
                "insert into deliveries (notice, receiver, state, at_s, put_s, next_s) "
                "values (?, ?, ?, ?, ?, 0) on conflict do nothing returning 1",
                (notice.id, key, state, at_s, now_s),
            )
            fresh = fresh or bool(rows)
        if fresh:
            self._run(
                "insert or ignore into notices (id, at_s, capture, body) values (?, ?, ?, ?)",
                (notice.id, at_s, notice.capture, to_bytes(notice)),
            )
        return fresh

    def again(self, notice: Notice, receivers: Iterable[str], now_s: float) -> int:
        """Put in an event that waits again for these receivers, told or not; return for how many."""
        keys = list(receivers)
        for key in keys:
            self._run("delete from deliveries where notice = ? and receiver = ?", (notice.id, key))
        self.put(notice, keys, now_s)
        return len(keys)

    # Delivering.

    def claim(self, receiver: str, now_s: float, again_s: float) -> Due | None:
        """Take the oldest delivery that is due in hand; if nobody settles it, it is due at `again_s`."""
        waits = (math.nextafter(now_s, math.inf), now_s + _MAX_REST_S)
        with self.transaction():
            rows = self._run(
                "select notice, attempts, body, failures from deliveries join notices on id = notice "
                "join receivers on key = receiver "
                "where receiver = ? and state = 'waiting' and next_s not between ? and ? "
                "and rests_until_s not between ? and ? "
                "order by deliveries.at_s, notice limit 1",
                (receiver, *waits, *waits),
            )
            if not rows:
                return None
            row = rows[0]
            self._run(
                "update deliveries set attempts = attempts + 1, next_s = ? where notice = ? and receiver = ?",
                (again_s, row["notice"], receiver),
            )
        return Due(
            notice=from_bytes(row["body"]),
            receiver=receiver,
            attempts=row["attempts"] + 1,
            failures=row["failures"],
        )

    def delivered(self, due: Due, now_s: float) -> None:
        """Note that a delivery was made."""
        with self.transaction():
            self._run(
                "update deliveries set state = 'delivered', error = null where notice = ? and receiver = ?",
                (due.notice.id, due.receiver),
            )
            self._run(
                "update receivers set failures = 0, rests_until_s = 0, error = null, last_s = ? "
                "where key = ?",
                (now_s, due.receiver),
            )

    def failed(self, due: Due, error: str, again_s: float, *, rests_until_s: float | None) -> None:
        """Note that a delivery was not made, and when to try it, or anything of its receiver, again."""
        with self.transaction():
            self._run(
                "update deliveries set next_s = ?, error = ? where notice = ? and receiver = ?",
                (again_s, error, due.notice.id, due.receiver),
            )
            self._run(
                "update receivers set failures = failures + 1, error = ?, "
                "rests_until_s = coalesce(?, rests_until_s) where key = ?",
                (error, rests_until_s, due.receiver),
            )

    def drop_before(self, receiver: str, put_s: float) -> int:
        """Give up what has waited for a receiver since before that; return how many."""
        with self.transaction():
            rows = self._run(
                "update deliveries set state = 'dropped' "
                "where receiver = ? and state = 'waiting' and put_s < ? returning 1",
                (receiver, put_s),
            )
            if rows:
                self._run("update receivers set dropped = dropped + ? where key = ?", (len(rows), receiver))
        return len(rows)

    def hurry(self) -> None:
        """Let all that waits be due now, by the operator's word."""
        with self.transaction():
            self._run("update deliveries set next_s = 0 where state = 'waiting'")
            self._run("update receivers set rests_until_s = 0")

    def next_s(self) -> float | None:
        """Return when the next delivery is due (perhaps in the past), None if nothing waits."""
        rows = self._run(
            "select min(max(next_s, rests_until_s)) as at_s from deliveries join receivers on key = receiver "
            "where state = 'waiting'"
        )
        found: float | None = rows[0]["at_s"]
        return found

    # Feeds.

    def unfilled(self, receiver: str) -> bool:
        """Tell whether a feed was never filled from the archive."""
        return not self._run("select 1 from receivers where key = ? and filled", (receiver,))

    def fill(self, receiver: str, notices: Iterable[Notice]) -> None:
        """Put the events of a feed in anew."""
        with self.transaction():
            self._run("delete from deliveries where receiver = ?", (receiver,))
            for notice in notices:
                self.put(notice, (receiver,), 0.0, state="shown")
            self._run("update receivers set filled = 1 where key = ?", (receiver,))

    def shown(self, receiver: str) -> list[Notice]:
        """Return the last events of a feed, newest first."""
        rows = self._run(
            "select body from deliveries join notices on id = notice "  # noqa: S608 - ours
            f"where {_OF_FEED} order by deliveries.at_s desc, notice limit ?",
            (receiver, FEED_ITEMS),
        )
        return [from_bytes(row["body"]) for row in rows]

    # What goes again.

    def captures(self) -> set[str]:
        """Return the captures that the events in here are of."""
        return {row["capture"] for row in self._run("select capture from notices where capture is not null")}

    def forget(self, captures: Collection[str]) -> None:
        """Take out the events of captures that are not to be told of: they were withdrawn."""
        with self.transaction():
            for capture in captures:
                self._run(
                    "delete from deliveries where notice in (select id from notices where capture = ?)",
                    (capture,),
                )
                self._run("delete from notices where capture = ?", (capture,))

    def tidy(self, before_s: float) -> None:
        """Forget what is settled and older than that, but for the last events of feeds."""
        with self.transaction():
            self._run(
                "delete from deliveries where state in ('delivered', 'dropped') and at_s < ?", (before_s,)
            )
            for row in self._run("select key from receivers"):
                newest = f"{_OF_FEED} order by at_s desc, notice limit ?"
                self._run(
                    f"delete from deliveries where {_OF_FEED} and at_s < ? "  # noqa: S608 - ours
                    f"and notice not in (select notice from deliveries where {newest})",
                    (row["key"], before_s, row["key"], FEED_ITEMS),
                )
            self._run("delete from notices where id not in (select notice from deliveries)")

    def standings(self) -> list[Standing]:
        """Return how each receiver stands."""
        rows = self._run(
            "select key, shown, failures, rests_until_s, last_s, dropped, error, (select count(*) from "
            "deliveries where receiver = key and state = 'waiting') as waiting from receivers order by rowid"
        )
        return [msgspec.convert(dict(row), Standing) for row in rows]
