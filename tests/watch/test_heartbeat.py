"""A runner's sign of life, and what `status --health` makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from harvester.shards import Shard
from harvester.watch.heartbeat import SILENCE, Heart, beat_path, health_of, last_beat

START = datetime(2026, 5, 7, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


def test_signs_and_what_they_say(tmp_path: Path) -> None:
    """Alive and giving signs is healthy; silent, stuck with a fault, gone or never there is not."""
    path, clock = beat_path(tmp_path, tmp_path / "a"), FakeClock()
    path.parent.mkdir()
    heart = Heart(path, clock, forever=True, shard=Shard(1, 2))
    heart.beat()
    first = last_beat(tmp_path, tmp_path / "a")
    assert first is not None
    assert first.shard == "1/2"
    clock.sleep(10)
    heart.beat()
    assert last_beat(tmp_path, tmp_path / "a") == first
    clock.sleep(30)
    heart.beat()
    second = last_beat(tmp_path, tmp_path / "a")
    assert second is not None
    assert second.at > first.at
    assert health_of(second, alive=True, now=clock.now()).good
    assert not health_of(second, alive=False, now=clock.now()).good
    assert not health_of(second, alive=True, now=clock.now() + SILENCE + timedelta(seconds=1)).good
    heart.say("the disk is full")
    said = health_of(last_beat(tmp_path, tmp_path / "a"), alive=True, now=clock.now())
    assert not said.good
    assert "the disk is full" in said.words
    assert health_of(None, alive=True, now=clock.now()).good
    assert not health_of(None, alive=False, now=clock.now()).good


def test_a_sign_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """No folder, no sign, no error; a damaged sign counts as none."""
    Heart(tmp_path / "missing" / "x.beat", FakeClock(), forever=True).say()
    path = beat_path(tmp_path, tmp_path / "a")
    path.parent.mkdir()
    path.write_bytes(b"{torn")
    assert last_beat(tmp_path, tmp_path / "a") is None
