"""The outbox: each event once for each receiver, retried with patience, given up in the end."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harvester.watch.kinds import KINDS
from harvester.watch.notify.courier import WAITS_S, Courier, Told
from harvester.watch.notify.notice import Notice, from_bytes, json_schema, to_bytes, trial_notice
from harvester.watch.notify.outbox import FEED_ITEMS, Outbox
from harvester.watch.notify.webhook import Answer
from tests.notify.events import START, Clock, notice, receiver

NOW_S = START.timestamp()


class Fake:
    """A receiver that answers by a script, then well."""

    is_feed = False

    def __init__(self, key: str, *script: Answer, give_up: str = "7d") -> None:
        self.key = self.shown = key
        self.settings = receiver(Path(), command=("x",), give_up=give_up).settings
        self.script = list(script)
        self.got: list[str] = []

    def send(self, notice: Notice, _now: Any) -> Answer:
        answer = self.script.pop(0) if self.script else Answer()
        if answer.error is None:
            self.got.append(notice.id)
        return answer


BUSY = Answer(error="status 500 (refused)")


def begun(path: Path, clock: Clock, *fakes: Fake) -> tuple[Outbox, Courier, list[Told]]:
    outbox = Outbox(path)
    outbox.know([(one.key, one.shown) for one in fakes], clock.now().timestamp())
    told: list[Told] = []
    return outbox, Courier(outbox, fakes, clock, told.append, jitter=lambda: 0.0), told  # type: ignore[arg-type]


def test_an_event_is_put_in_once(tmp_path: Path) -> None:
    """However often it is seen; after a restart, too."""
    clock, fake = Clock(), Fake("a")
    outbox, courier, _ = begun(tmp_path / "o", clock, fake)
    assert outbox.put(notice(), ["a"], NOW_S)
    assert not outbox.put(notice(), ["a"], NOW_S)
    assert courier.round() == 1
    outbox.close()
    outbox, courier, _ = begun(tmp_path / "o", clock, fake)
    assert not outbox.put(notice(), ["a"], NOW_S)
    assert courier.round() == 0
    assert fake.got == [notice().id]


def test_a_failure_is_tried_again_with_growing_patience(tmp_path: Path) -> None:
    """By the schedule of Standard Webhooks; the order of events is kept, and others are not held up."""
    clock = Clock()
    bad, good = Fake("bad", *[BUSY] * 4), Fake("good")
    outbox, courier, told = begun(tmp_path / "o", clock, bad, good)
    for number in (1, 2):
        outbox.put(notice(number), ["bad", "good"], NOW_S)
    tries = []
    for _ in range(8):
        before = len(bad.script)
        courier.round()
        if len(bad.script) < before:
            tries.append((clock.at - START).total_seconds())
        clock.sleep((outbox.next_s() or clock.at.timestamp()) - clock.at.timestamp())
    assert tries == [0.0, WAITS_S[0], sum(WAITS_S[:2]), sum(WAITS_S[:3])]
    assert bad.got == good.got == [notice(1).id, notice(2).id]
    assert [one.attempts for one in told if one.key == "bad"] == [1, 2, 3, 4, 5, 1]


def test_a_refused_event_holds_no_other_up(tmp_path: Path) -> None:
    """Where the receiver refuses the one request, the next is sent at once."""
    fake = Fake("a", Answer(error="status 422", alone=True))
    outbox, courier, _ = begun(tmp_path / "o", Clock(), fake)
    for number in (1, 2):
        outbox.put(notice(number), ["a"], NOW_S)
    courier.round()
    assert fake.got == [notice(2).id]


def test_what_is_too_old_is_dropped_with_a_word(tmp_path: Path) -> None:
    """After `give_up` from when it was put in; the count stays."""
    clock, fake = Clock(), Fake("a", *[BUSY] * 50, give_up="2d")
    outbox, courier, told = begun(tmp_path / "o", clock, fake)
    outbox.put(notice(), ["a"], NOW_S)
    courier.round()
    clock.sleep(2 * 86400 + 1)
    courier.round()
    assert told[-1].dropped == 1
    [standing] = outbox.standings()
    assert (standing.waiting, standing.dropped) == (0, 1)


def test_a_crash_in_a_delivery_is_a_delivery_again(tmp_path: Path) -> None:
    """What was in hand when a process was killed is due again: at least once, with the same id."""
    clock, fake = Clock(), Fake("a")
    outbox, courier, _ = begun(tmp_path / "o", clock, fake)
    outbox.put(notice(), ["a"], NOW_S)
    assert outbox.claim("a", NOW_S, NOW_S + 60)
    assert outbox.claim("a", NOW_S, NOW_S + 60) is None  # somebody has it
    assert courier.round() == 0
    clock.sleep(61)
    assert courier.round() == 1


def test_receivers_that_go_leave_nothing_behind(tmp_path: Path) -> None:
    """What waits for one that the configuration names no more is forgotten; a new one begins now."""
    clock, old, new = Clock(), Fake("old"), Fake("new")
    outbox, _, _ = begun(tmp_path / "o", clock, old)
    outbox.put(notice(), ["old"], NOW_S)
    clock.sleep(3600)
    outbox.know([("new", "new")], clock.now().timestamp())
    assert [one.key for one in outbox.standings()] == ["new"]
    assert outbox.began_s() == {"new": NOW_S + 3600}
    assert outbox.next_s() is None
    assert new.got == []


def test_a_clock_that_was_ahead_holds_nothing_up(tmp_path: Path) -> None:
    """A stored wait of years is not honoured."""
    clock, fake = Clock(), Fake("a", BUSY)
    clock.at += timedelta(days=3000)
    outbox, courier, _ = begun(tmp_path / "o", clock, fake)
    outbox.put(notice(), ["a"], clock.at.timestamp())
    courier.round()
    clock.at = START
    outbox.know([("a", "a")], NOW_S)
    assert courier.round() == 1
    assert outbox.began_s() == {"a": NOW_S}


def test_a_feed_keeps_its_last_events(tmp_path: Path) -> None:
    """Tidying spares what a feed shows, and what waits."""
    outbox, _, _ = begun(tmp_path / "o", Clock(), Fake("feed"), Fake("hook"))
    outbox.fill("feed", [notice(number) for number in range(FEED_ITEMS + 5)])
    outbox.put(notice(1), ["hook"], NOW_S)
    outbox.tidy(NOW_S + 10**9)
    shown = outbox.shown("feed")
    assert [one.id for one in shown] == [notice(number).id for number in range(FEED_ITEMS + 4, 4, -1)]
    assert outbox.next_s() == 0
    outbox.forget({"wechat-1", f"wechat-{FEED_ITEMS + 4}"})
    assert outbox.shown("feed")[0].id == notice(FEED_ITEMS + 3).id
    assert outbox.next_s() is None


def test_a_damaged_outbox_is_set_aside(tmp_path: Path) -> None:
    """What cannot be read, or is of another form, is kept under another name and begun anew."""
    path = tmp_path / "o"
    path.write_bytes(b"no database" * 1000)
    Outbox(path).close()
    database = sqlite3.connect(path)
    database.execute("pragma user_version=99")
    database.close()
    with Outbox(path) as outbox:
        assert outbox.mark_s() is None
    assert (tmp_path / "o.damaged").exists()


def test_ids_are_made_of_what_the_event_is() -> None:
    """Kind, URL and record: not of title, tags or the time of telling."""
    assert notice().id == msgspec.structs.replace(notice(), title="x").id
    assert len({notice(1).id, notice(2).id, notice(1, kind="edited").id}) == 3
    assert from_bytes(to_bytes(notice())) == notice()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_sentence(kind: str) -> None:
    """In words of its own, with title and account."""
    said = notice(kind=kind).sentence
    assert "“灯塔 1” (雾港)" in said
    assert not said.endswith(f": {kind}.")


@pytest.mark.parametrize(
    "made", [notice(kind="gone", state="deleted", notice="x" * 10_000), trial_notice(START)]
)
def test_a_notice_is_short_and_fits_its_schema(made: Notice) -> None:
    """What pages say is cut; the shipped schema is of what is sent."""
    from jsonschema import Draft202012Validator

    value = json.loads(to_bytes(made))
    Draft202012Validator(json_schema()).validate(value)
    assert len(to_bytes(made)) < 20_000
    assert value["sentence"]
