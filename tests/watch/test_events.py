"""What the visits of one article tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.core import Core
from harvester.watch.events import GONE_STATES, Event, events_of
from harvester.watch.kinds import KINDS
from harvester.watch.visits import Seen

START = datetime(2026, 5, 8, 6, tzinfo=UTC)
URL = "https://mp.weixin.qq.com/s/FixtureArticle00000001"


def core(text: str = "a", title: str = "t") -> Core:
    return Core(digest=f"{text}/{title}", parts={"text": text, "title": title})


def visit(hours: float, state: str = "ok", text: str = "a", **more: Any) -> Seen:
    name = f"id-{hours:g}"
    good = {"core": core(text), "rules": "r", "identity": "wechat:B:1:1"} if state == "ok" else {}
    return Seen(at=START + timedelta(hours=hours), url=URL, state=state, id=name, **{**good, **more})


def kinds(*visits: Seen) -> list[str]:
    return [event.kind for event in events_of(visits)]


def only(kind: str, *visits: Seen) -> Event:
    [event] = [event for event in events_of(visits) if event.kind == kind]
    return event


def test_captured_then_unchanged() -> None:
    """The first good capture is told once; an equal core is unchanged, however often."""
    assert kinds(visit(0), visit(1), visit(6)) == ["captured", "unchanged", "unchanged"]


def test_an_edit_names_its_parts_and_its_interval() -> None:
    """An edit happened between the last good capture and this one, and says what changed."""
    event = only("edited", visit(0), visit(1), visit(6, text="b", modified_at="2026-05-08T19:00:00+08:00"))
    assert (event.fields, event.before) == (("text",), "id-1")
    assert event.between == (START + timedelta(hours=1), START + timedelta(hours=6))
    assert event.declared == "2026-05-08T19:00:00+08:00"


def test_one_sight_of_a_notice_is_a_report_and_two_apart_are_gone() -> None:
    """Gone needs a second sight six hours after the first; it went before that, after the last good one."""
    story = [
        visit(0),
        visit(1),
        visit(6, "deleted"),
        visit(7, "deleted"),
        visit(12, "deleted"),
        visit(99, "deleted"),
    ]
    assert kinds(*story) == ["captured", "unchanged", "reported-gone", "unchanged", "gone", "unchanged"]
    event = only("gone", *story)
    assert event.between == (START + timedelta(hours=1), START + timedelta(hours=6))
    assert event.before == "id-1"


def test_what_comes_back_is_told() -> None:
    """Back after a notice; if it is not the same text any more, that is an edit as well."""
    assert kinds(visit(0), visit(6, "deleted"), visit(7)) == ["captured", "reported-gone", "back"]
    changed = [visit(0), visit(6, "deleted"), visit(24, "deleted"), visit(48, text="b"), visit(49, text="b")]
    assert kinds(*changed) == ["captured", "reported-gone", "gone", "back", "edited", "unchanged"]


def test_gone_again_is_a_new_report() -> None:
    """After it was back, a notice must be confirmed anew."""
    story = [visit(0), visit(6, "deleted"), visit(7), visit(8, "deleted"), visit(15, "deleted")]
    assert kinds(*story) == ["captured", "reported-gone", "back", "reported-gone", "gone"]


def test_another_notice_is_a_change_of_state() -> None:
    """Deleted by its author, then shown as a violation: the second is not a second sight too early."""
    story = [visit(0), visit(6, "deleted"), visit(7, "violation"), visit(8, "violation")]
    assert kinds(*story) == ["captured", "reported-gone", "state-changed", "unchanged"]


def test_what_fails_or_is_blocked_says_nothing_of_the_article() -> None:
    """Failures and demands for verification stand between, and change nothing before or after."""
    story = [
        visit(0),
        visit(1, "verification"),
        visit(2, "failed", reason="dns"),
        visit(3, "http_error", status=503),
        visit(4, "unknown", rule="guard.time"),
        visit(5),
    ]
    assert kinds(*story) == ["captured", "blocked", "failed", "failed", "failed", "unchanged"]
    assert [event.reason for event in events_of(story)][2:4] == ["dns", "http 503"]


@pytest.mark.parametrize("status", [404, 410])
def test_not_found_by_status_is_a_notice(status: int) -> None:
    """A page whose address answers 404 or 410 is reported gone."""
    assert kinds(visit(0), visit(1, "http_error", status=status)) == ["captured", "reported-gone"]


def test_a_notice_before_any_capture() -> None:
    """What was gone when it was first seen has no interval; when it appears, it is captured."""
    event = only("gone", visit(0, "deleted"), visit(6, "deleted"))
    assert (event.between, event.before) == (None, None)
    assert kinds(visit(0, "deleted"), visit(6)) == ["reported-gone", "captured"]


def test_moved() -> None:
    """A migrated account's notice, and another article under the same address, are moves."""
    target = "https://mp.weixin.qq.com/s/FixtureArticle00000002"
    assert only("moved", visit(0), visit(1, "migrated", target=target)).target == target
    assert kinds(visit(0), visit(1, text="b", identity="wechat:B:2:1")) == ["captured", "moved"]
    assert kinds(visit(0, identity="page:1"), visit(1, identity="page:2")) == ["captured", "unchanged"]


def test_an_upgrade_of_the_rules_is_no_edit() -> None:
    """Who is asked what changed sees both visits, and answers by today's rules."""
    asked: list[tuple[str | None, str | None]] = []

    def differ(before: Seen, after: Seen) -> tuple[str, ...]:
        asked.append((before.rules, after.rules))
        return ()

    story = [visit(0), visit(1, text="b", rules="newer")]
    assert [event.kind for event in events_of(story, differ)] == ["captured", "unchanged"]
    assert asked == [("r", "newer")]


def test_an_import_is_not_a_visit() -> None:
    """A saved page that was taken in is told, and says nothing of the live page."""
    assert kinds(visit(0), visit(1, text="b", method="file"), visit(2)) == [
        "captured",
        "imported",
        "unchanged",
    ]


STATES = st.sampled_from(
    ["ok", "failed", "verification", "unavailable", "listing", "migrated", *sorted(GONE_STATES)]
)


@given(st.lists(st.tuples(STATES, st.sampled_from("ab"), st.floats(0.01, 30)), max_size=30))
def test_every_visit_is_told_and_nothing_is_told_twice(story: list[tuple[str, str, float]]) -> None:
    """Any story: each visit has an event, captured at most once, gone once per report, kinds are known."""
    hours, visits = 0.0, []
    for state, text, wait in story:
        hours += wait
        visits.append(visit(hours, state, text))
    events = events_of(visits)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert {event.at for event in events} == {one.at for one in visits}
    assert {event.kind for event in events} <= set(KINDS)
    names = [event.kind for event in events]
    assert names.count("captured") == any(one.state == "ok" for one in visits)
    assert names.count("gone") <= names.count("reported-gone")
    assert names.count("edited") <= sum(one.state == "ok" for one in visits)
