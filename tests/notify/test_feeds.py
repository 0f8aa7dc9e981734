"""Feeds of events: readable by feed readers, fit for their standards, the same for the same events."""

from __future__ import annotations

import json

import feedparser
import msgspec
import pytest

from harvester.watch.notify.feeds import feed_bytes
from harvester.watch.notify.notice import Change
from tests.notify.events import URL, notice

NOTICES = [
    msgspec.structs.replace(
        notice(2, kind="edited", fields=("text",)),
        title="a < b & \x01\x0b\ufffe]]> \U0001f6a2",
        changes=(Change(class_="number", material=True, before="3", after="<4>"),),
        changes_left_out=2,
    ),
    notice(1),
]


def test_atom_is_atom() -> None:
    """RFC 4287: what must be there is there once, and pages' words cannot break the file."""
    found = feedparser.parse(feed_bytes("atom", "Harvester: a", NOTICES))
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    assert found.feed.title == "Harvester: a"
    assert found.feed.id.startswith("urn:uuid:")
    assert found.feed.author == "Harvester"
    assert len({entry.id for entry in found.entries}) == 2
    assert [entry.link for entry in found.entries] == [URL, URL]
    assert found.feed.updated == found.entries[0].updated == NOTICES[0].at
    assert [tag.term for tag in found.entries[0].tags] == ["edited", "press"]
    [content] = found.entries[0].content
    assert content.type == "text/plain"
    assert "! number: 3 → <4>" in content.value
    assert "and 2 further differences" in content.value


def test_json_feed_is_json_feed() -> None:
    """JSON Feed 1.1: version, title, items; each with an id and content; our extension begins with `_`."""
    value = json.loads(feed_bytes("json", "Harvester: a", NOTICES))
    assert value["version"] == "https://jsonfeed.org/version/1.1"
    assert value["title"]
    assert [item["id"] for item in value["items"]] == [one.id for one in NOTICES]
    for item in value["items"]:
        assert item["content_text"]
        assert item["date_published"].endswith("Z")
        assert item["_harvester"]["id"] == item["id"]


@pytest.mark.parametrize("form", ["json", "atom"])
def test_feeds_are_deterministic(form: str) -> None:
    """A feed that has nothing new has the same bytes; an empty one is a feed."""
    assert feed_bytes(form, "t", NOTICES) == feed_bytes(form, "t", NOTICES)  # type: ignore[arg-type]
    assert not feedparser.parse(feed_bytes("atom", "t", [])).bozo
    assert json.loads(feed_bytes("json", "t", []))["items"] == []
