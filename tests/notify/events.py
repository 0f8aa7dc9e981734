"""Notices, receivers and clocks for tests of notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harvester.watch.events import Event
from harvester.watch.notify.config import Notify
from harvester.watch.notify.notice import Notice, notice_of
from harvester.watch.notify.receivers import Receiver
from harvester.watch.timeline import Story

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
URL = "https://mp.weixin.qq.com/s/FixtureArticle00000001"


class Clock:
    """Stands still unless it is set."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def notice(number: int = 1, **more: Any) -> Notice:
    event = Event(
        kind=more.pop("kind", "captured"),
        at=START + timedelta(minutes=number),
        url=URL,
        state=more.pop("state", "ok"),
        id=f"wechat-{number}",
        record_id=f"<urn:uuid:{number}>",
        **more,
    )
    story = Story(
        urls=(URL,), identities=("wechat:x",), title=f"灯塔 {number}", source="雾港", events=(event,)
    )
    return notice_of(story, event, ("press",))


def receiver(folder: Path, environment: dict[str, str] | None = None, **settings: Any) -> Receiver:
    return Receiver(
        settings=Notify(**settings), folder=folder, environment=environment or {}, user_agent="Harvester/0"
    )
