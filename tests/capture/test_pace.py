"""Distance between requests and cool-downs, shared by processes, robust against clocks and damage."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.capture.options import CaptureOptions
from harvester.capture.pace import DAILY_CAP, Pace, blocked_error
from harvester.capture.state import FILE_NAME, State
from harvester.errors import LockedError

OPTIONS = CaptureOptions(page_interval_s=5.0, asset_interval_s=0.5, jitter_fraction=0.5)
HOUR = 3600.0


@pytest.fixture
def pace(tmp_path: Path, clock: Any) -> Iterator[Pace]:
    made = Pace(tmp_path, clock, OPTIONS, jitter=lambda: 0.0)
    yield made
    made.close()


class TestLeftAlone:
    def test_a_host_had_its_pages_of_the_day(self, tmp_path: Path, clock: Any) -> None:
        """The cap holds until the next day (UTC); an open breaker is the weightier reason."""
        pace = Pace(tmp_path, clock, CaptureOptions(page_interval_s=5.0, daily_pages=2), jitter=lambda: 0.0)
        for expected in (None, None, DAILY_CAP):
            found = pace.left_alone("a")
            assert (found and found.reason) == expected
            pace.wait("a", "page")
        found = pace.left_alone("a")
        assert found is not None
        assert 0 < found.until_s - clock.now().timestamp() <= 24 * HOUR
        assert found.until_s % (24 * HOUR) == 0
        pace.trip("a", "verification")
        found = pace.left_alone("a")
        assert found is not None
        assert found.reason == "verification"
        pace.close()


class TestDistance:
    def test_the_first_request_does_not_wait(self, pace: Pace, clock: Any) -> None:
        assert pace.wait("a", "page") == 0
        assert clock.slept == []

    def test_pages_keep_five_seconds_from_start_and_end(self, pace: Pace, clock: Any) -> None:
        pace.wait("a", "page")
        assert pace.wait("a", "page") == 5.0
        clock.advance(3.0)  # the request took that long
        pace.done("a", "page")
        assert pace.wait("a", "page") == 5.0

    def test_time_that_has_passed_counts(self, pace: Pace, clock: Any) -> None:
        pace.wait("a", "page")
        clock.advance(4.0)
        assert pace.wait("a", "page") == pytest.approx(1.0)
        clock.advance(60.0)
        assert pace.wait("a", "page") == 0

    def test_assets_wait_less_and_do_not_hold_up_pages_long(self, pace: Pace) -> None:
        pace.wait("a", "asset")
        assert pace.wait("a", "asset") == 0.5
        assert pace.wait("a", "page") == 0.5
        assert pace.wait("a", "asset") == 0.5
        assert pace.wait("a", "page") == 4.5

    def test_hosts_do_not_wait_for_each_other(self, pace: Pace) -> None:
        pace.wait("a", "page")
        assert pace.wait("b", "page") == 0

    def test_jitter_only_adds(self, tmp_path: Path, clock: Any) -> None:
        pace = Pace(tmp_path, clock, OPTIONS, jitter=lambda: 1.0)
        pace.wait("a", "page")
        assert pace.wait("a", "page") == 7.5
        pace.close()

    def test_the_floor_lifts_only_when_told(self, pace: Pace) -> None:
        pace.wait("a", "page", no_floor=True)
        assert pace.wait("a", "page", no_floor=True) == 0
        assert pace.wait("a", "page") == 0

    @settings(max_examples=40)
    @given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["page", "asset"])), min_size=2, max_size=15))
    def test_never_closer_than_the_floor(self, steps: list[tuple[float, Any]]) -> None:
        """Whatever comes between, two pages start five seconds apart and any two requests half a second."""
        clock = _Clock()
        pace = Pace(None, clock, OPTIONS, jitter=lambda: 0.3)
        starts: list[tuple[float, str]] = []
        for passed_s, role in steps:
            clock.seconds += passed_s
            pace.wait("a", role)
            starts.append((clock.seconds, role))
            pace.done("a", role)
        pace.close()
        pages = [at for at, role in starts if role == "page"]
        assert all(b - a > 4.999 for a, b in pairwise(pages))
        assert all(b - a > 0.499 for (a, _), (b, _) in pairwise(starts))


class TestStandings:
    def test_hosts_stand_as_each_alone_would(self, tmp_path: Path, clock: Any) -> None:
        """By pace, by breaker, by the cap of the day; what was never asked is free."""
        pace = Pace(tmp_path, clock, CaptureOptions(daily_pages=3), jitter=lambda: 0.0)
        pace.wait("paced", "page")
        pace.wait("tripped", "page")
        tripped = pace.trip("tripped", "verification")
        for _ in range(3):
            pace.wait("full", "page")
        clock.sleep(2.0)
        names = ["paced", "tripped", "full", "new"]
        standings = dict(zip(names, pace.standings(names), strict=True))
        assert {name: one.due_in_s for name, one in standings.items()} == {
            name: pace.due_in_s(name, "page") for name in standings
        }
        assert standings["paced"].alone_until_s is None
        assert standings["tripped"].alone_until_s == tripped.until_s
        for name in ("tripped", "full"):
            alone = pace.left_alone(name)
            assert alone is not None
            assert standings[name].alone_until_s == alone.until_s
        assert standings["new"] == (0.0, None)
        clock.sleep(3 * HOUR)
        assert pace.standings(["tripped"])[0].alone_until_s is None
        pace.close()


class _Clock:
    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> Any:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic_s(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class TestClocks:
    def test_a_clock_set_back_does_not_make_us_wait_for_the_old_time(self, pace: Pace, clock: Any) -> None:
        pace.wait("a", "page")
        clock.advance(-86_400.0)
        assert pace.wait("a", "page") == pytest.approx(5.0)

    def test_a_breaker_keeps_its_remaining_time_when_the_clock_is_set_back(
        self, pace: Pace, clock: Any
    ) -> None:
        pace.trip("a", "verification")
        clock.advance(-30 * 86_400.0)
        found = pace.breaker("a")
        assert found
        assert found.until_s - clock.now().timestamp() == pytest.approx(2 * HOUR)
        clock.advance(2 * HOUR + 1)
        assert pace.breaker("a") is None


class TestBreaker:
    def test_opens_on_the_first_trip_and_closes_by_time(self, pace: Pace, clock: Any) -> None:
        assert pace.breaker("a") is None
        pace.trip("a", "verification")
        found = pace.breaker("a")
        assert found
        assert (found.reason, found.until_s) == ("verification", clock.now().timestamp() + 2 * HOUR)
        assert pace.breaker("b") is None
        clock.advance(2 * HOUR)
        assert pace.breaker("a") is None

    def test_each_new_trip_doubles_up_to_the_cap(self, pace: Pace, clock: Any) -> None:
        hours = []
        for _ in range(7):
            until_s = pace.trip("a", "verification").until_s
            hours.append((until_s - clock.now().timestamp()) / HOUR)
            clock.advance(until_s - clock.now().timestamp() + 60)
        assert hours == pytest.approx([2, 4, 8, 16, 32, 48, 48])

    def test_a_trip_while_open_does_not_double(self, pace: Pace, clock: Any) -> None:
        """One visit may be noticed twice: by its redirect and by its page."""
        first = pace.trip("a", "verification")
        clock.advance(1)
        assert pace.trip("a", "verification").until_s == first.until_s

    def test_a_day_of_peace_starts_again(self, pace: Pace, clock: Any) -> None:
        pace.trip("a", "verification")
        clock.advance(2 * HOUR + 24 * HOUR)
        assert pace.trip("a", "verification").until_s == pytest.approx(clock.now().timestamp() + 2 * HOUR)

    def test_the_server_may_ask_for_longer_but_not_for_ever(self, pace: Pace, clock: Any) -> None:
        now = clock.now().timestamp()
        assert pace.trip("a", "rate_limited", at_least_s=10 * HOUR).until_s == pytest.approx(now + 10 * HOUR)
        assert pace.trip("b", "rate_limited", at_least_s=1e12).until_s == pytest.approx(now + 48 * HOUR)

    def test_another_process_sees_it(self, pace: Pace, tmp_path: Path, clock: Any) -> None:
        pace.trip("a", "verification")
        other = Pace(tmp_path, clock, OPTIONS)
        assert other.breaker("a") is not None
        other.close()

    def test_the_error_says_who_why_and_until_when(self, pace: Pace) -> None:
        error = blocked_error("a.example", pace.trip("a.example", "verification"))
        assert str(error) == "a.example demanded verification; it is left alone until 2026-03-01 10:00 UTC"
        assert (error.host, error.exit_code) == ("a.example", 3)


class TestStateFile:
    @pytest.mark.parametrize(
        "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000, b"\0" * 5000]
    )
    def test_a_damaged_file_is_set_aside(self, content: bytes, tmp_path: Path, clock: Any) -> None:
        (tmp_path / FILE_NAME).write_bytes(content)
        pace = Pace(tmp_path, clock, OPTIONS)
        assert pace.wait("a", "page") == 0
        assert pace.wait("a", "page") >= 5
        aside = list(tmp_path.glob("*.damaged-*"))
        assert [path.read_bytes() for path in aside] == [content]
        assert len(pace.warnings) == 1
        assert "set aside" in pace.warnings[0]
        pace.close()
        again = Pace(tmp_path, clock, OPTIONS)
        again.breaker("a")
        assert again.warnings == ()
        again.close()

    def test_damage_inside_a_file_in_use(self, tmp_path: Path, clock: Any) -> None:
        """A page of the file overwritten under us costs the state, not the run."""
        pace = Pace(tmp_path, clock, OPTIONS)
        for host in range(200):
            pace.wait(f"host-{host}", "page", no_floor=False)
        pace.close()
        data = bytearray((tmp_path / FILE_NAME).read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        (tmp_path / FILE_NAME).write_bytes(data)
        pace = Pace(tmp_path, clock, OPTIONS)
        pace.wait("host-1", "page")
        assert pace.wait("host-1", "page") >= 5
        assert len(pace.warnings) == 1
        pace.close()

    def test_a_file_of_another_form_is_set_aside(self, tmp_path: Path, clock: Any) -> None:
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
        pace = Pace(tmp_path, clock, OPTIONS)
        assert pace.breaker("a") is None
        assert "form is 99" in pace.warnings[0]
        pace.close()

    def test_where_nothing_can_be_written_the_process_still_keeps_its_pace(
        self, tmp_path: Path, clock: Any
    ) -> None:
        (tmp_path / "state").write_text("a file where the directory should be")
        pace = Pace(tmp_path / "state", clock, OPTIONS)
        pace.wait("a", "page")
        assert pace.wait("a", "page") >= 5
        assert "cannot be kept" in pace.warnings[0]
        pace.close()

    def test_a_lost_file_starts_afresh(self, pace: Pace, tmp_path: Path, clock: Any) -> None:
        pace.trip("a", "verification")
        pace.close()
        (tmp_path / FILE_NAME).unlink()
        assert pace.breaker("a") is None
        assert pace.warnings == ()

    def test_a_file_held_by_another_is_said_so(self, tmp_path: Path, clock: Any) -> None:
        holder = sqlite3.connect(tmp_path / FILE_NAME)
        first = State(tmp_path, clock)
        first.run(lambda connection: None)
        first.close()
        holder.execute("BEGIN EXCLUSIVE")
        state = State(tmp_path, clock, busy_timeout_s=0.01)
        with pytest.raises(LockedError):
            state.run(lambda connection: None)
        holder.rollback()
        assert state.run(lambda connection: 7) == 7
        assert state.warnings == ()
        state.close()
        holder.close()

    def test_work_that_fails_leaves_nothing(self, tmp_path: Path, clock: Any) -> None:
        state = State(tmp_path, clock)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO pace VALUES ('a', 1, 1, 1)")
            raise KeyError

        with pytest.raises(KeyError):
            state.run(work)
        assert state.run(lambda connection: connection.execute("SELECT count(*) FROM pace").fetchone()) == (
            0,
        )
        state.close()


_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from harvester.capture.options import CaptureOptions
from harvester.capture.pace import Pace

class Clock:
    def now(self): return datetime.fromtimestamp(1_800_000_000, UTC)
    def monotonic_s(self): return 0.0
    def sleep(self, seconds): pass

pace = Pace(Path(sys.argv[1]), Clock(), CaptureOptions(), jitter=lambda: 0.0)
print("ready", flush=True)
sys.stdin.readline()
moments = [pace.wait("a", "page") for _ in range(30)]
for moment in moments:
    print(moment)
pace.close()
"""


def test_processes_share_one_queue(tmp_path: Path) -> None:
    """Three processes that reserve at once never get the same moment: all are five seconds apart."""
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    pipe = subprocess.PIPE
    children = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    moments = sorted(float(line) for child in children for line in child.communicate(timeout=60)[0].split())
    assert [child.returncode for child in children] == [0, 0, 0]
    assert moments == pytest.approx([5.0 * index for index in range(90)])
