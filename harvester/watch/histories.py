"""What the library knows of an item's visits: it decides, the queue only remembers."""

from __future__ import annotations

from datetime import datetime

from harvester.handoff.lines import VIA
from harvester.library import Library
from harvester.watch.events import Event
from harvester.watch.plan import History
from harvester.watch.queue import Item
from harvester.watch.timeline import Stories, Story

_ANSWERS = frozenset({"ok", "listing", "unknown", "account_page"})
"""States of a source that was answered: a listing of no known layout may be anything."""
_SAYS_NOTHING = frozenset({"failed", "blocked", "imported"})


def history_of(item: Item, stories: Stories, library: Library) -> History:
    """Return the history of an item; of a source, which is looked at for years, only its last capture."""
    if item.kind == "page":
        return of_story(stories.of_url(item.url))
    row = library.last_answer(item.url) if item.kind == "listing" else library.last_asset(item.url)
    if row is None or row.state not in _ANSWERS:
        return History()
    last = datetime.fromisoformat(row.fetch_date)
    return History(first=last, last=last, kind="unchanged", attempted=last)


def of_story(story: Story | None) -> History:
    """Return first and last answer, the kind of the last, and the failures since.

    A page that a person saved because it was handed over is an answer like one of the host's own.
    """
    told = story.events if story else ()
    events = [event for event in told if event.method == "live" or event.via == VIA]
    answered = [event for event in events if event.kind not in _SAYS_NOTHING or event.via == VIA]
    last = answered[-1] if answered else None
    since = [event for event in events if last is None or event.at > last.at]
    return History(
        first=answered[0].at if answered else None,
        last=last.at if last else None,
        kind=_standing(answered),
        failures=len(since),
        attempted=events[-1].at if events else None,
    )


def _standing(answered: list[Event]) -> str | None:
    """Return the last kind that counts for the plan: a report stands until it is confirmed or taken back."""
    for event in reversed(answered):
        if event.kind == "unchanged" and event.state != "ok":
            continue
        return event.kind
    return None
