"""What is told of an event: a value that receivers are handed as JSON, with a sentence for people. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from archive.words import in_short
from harvester.times import utc_text
from harvester.verify import Result
from harvester.watch.events import Event
from harvester.watch.timeline import Story

SCHEMA: Final = "https://harvester.invalid/schema/event/1"
"""Name and version of this form; an identifier, not an address."""
TEST_KIND: Final = "test"
_MAX_TITLE: Final = 300
_MAX_NOTICE: Final = 500
_MAX_PASSAGE: Final = 160
_MAX_SAID: Final = 40
_MAX_CHANGES: Final = 12
_MAX_NAMES: Final = 10
_ID_CHARS: Final = 32


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference of an edited text: what stood there, what stands there now, both cut to 160 characters.

    Of a repost: what stands in the original, what stands in the repost.

    `class` and `material` are as in docs/verify.md.
    """

    class_: str = msgspec.field(name="class")
    material: bool
    before: str
    after: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """An event of an article, as it is told.

    `id` is made of what the event is (its kind, its URL, its record): however often it is told, by whatever
    machine, it has the same. `kind`, `state`, `method`, `fields`, `between`, `declared`, `target`, `reason`
    and `attempts` are as in docs/watch.md; times are RFC 3339 in UTC. `title` and `account` are as last seen,
    `identities` the names of the article. `capture` is the id for `harvester show`, `before` that of the last
    good capture before, `record_id` the WARC record that shows it. `sentence` says it all in English;
    `changes` are the first 12 differences of an edited text, material ones first, `changes_left_out` how many
    more there are. Of a comparison with an original, `verdict` is what came of it, `original` the capture
    that it was compared with, `original_title` its title. `test` marks what only tries a receiver.
    """

    schema: str = SCHEMA
    id: str
    kind: str
    at: str
    url: str
    title: str | None
    account: str | None
    identities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    state: str
    method: str = "live"
    capture: str | None = None
    before: str | None = None
    record_id: str | None = None
    fields: tuple[str, ...] = ()
    between: tuple[str, str] | None = None
    declared: str | None = None
    notice: str | None = None
    target: str | None = None
    reason: str | None = None
    attempts: int = 1
    changes: tuple[Change, ...] = ()
    changes_left_out: int = 0
    verdict: str | None = None
    original: str | None = None
    original_title: str | None = None
    sentence: str = ""
    test: bool = False

    @property
    def moment(self) -> datetime:
        """When it was seen, in UTC."""
        return datetime.fromisoformat(self.at)


def id_of(event: Event) -> str:
    """Return the id of an event: the same whenever and wherever the same records are read."""
    parts = (event.kind, event.url, event.record_id or utc_text(event.at))
    return "evt_" + hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:_ID_CHARS]


def notice_of(story: Story, event: Event, tags: Sequence[str], result: Result | None = None) -> Notice:
    """Return what is told of an event of an article; `result` compares its text with another one."""
    edits = sorted(result.edits, key=lambda edit: not edit.material) if result else []
    changes = [
        Change(
            class_=edit.class_,
            material=edit.material,
            before=_cut(edit.original.text, _MAX_PASSAGE) or "",
            after=_cut(edit.captured.text, _MAX_PASSAGE) or "",
        )
        for edit in edits[:_MAX_CHANGES]
    ]
    notice = Notice(
        id=id_of(event),
        kind=event.kind,
        at=utc_text(event.at),
        url=event.url,
        title=_cut(story.title, _MAX_TITLE),
        account=_cut(story.source, _MAX_TITLE),
        identities=story.identities[:_MAX_NAMES],
        tags=tuple(tags),
        state=event.state,
        method=event.method,
        capture=event.id,
        before=event.before,
        record_id=event.record_id,
        fields=event.fields,
        between=(utc_text(event.between[0]), utc_text(event.between[1])) if event.between else None,
        declared=event.declared,
        notice=_cut(event.notice, _MAX_NOTICE),
        target=event.target,
        reason=event.reason,
        attempts=event.attempts,
        changes=tuple(changes),
        changes_left_out=len(edits) - len(changes),
        verdict=event.compared.verdict if event.compared else None,
        original=event.compared.original if event.compared else None,
        original_title=_cut(event.compared.original_title, _MAX_TITLE) if event.compared else None,
    )
    return msgspec.structs.replace(notice, sentence=sentence_of(notice))


def trial_notice(now: datetime) -> Notice:
    """Return a notice that is marked as a test and tells of nothing."""
    at = utc_text(now)
    return Notice(
        id="evt_test_" + hashlib.sha256(at.encode()).hexdigest()[:_ID_CHARS],
        kind=TEST_KIND,
        at=at,
        url="https://example.org/",
        title="A test of Harvester's notifications",
        account=None,
        state="ok",
        sentence="This is a test: nothing has happened to any article.",
        test=True,
    )


def sentence_of(notice: Notice) -> str:
    """Return what happened as a sentence for a person."""
    said = _SAID.get(notice.kind)
    return said(notice) if said else f"{_what(notice)}: {notice.kind}."


def to_bytes(notice: Notice) -> bytes:
    """Return a notice as one line of JSON, its keys in order; what no UTF-8 can hold is replaced."""
    return msgspec.json.encode(notice)


def from_bytes(data: bytes) -> Notice:
    """Read what `to_bytes` made. Raises `msgspec.DecodeError`."""
    return msgspec.json.decode(data, type=Notice)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Notice` (shipped as docs/event.schema.json)."""
    return {"$id": SCHEMA, **msgspec.json.schema(Notice)}


def _what(notice: Notice) -> str:
    named = f"“{notice.title}”" if notice.title else notice.url
    return f"{named} ({notice.account})" if notice.account else named


def _edited(notice: Notice) -> str:
    said = f"{_what(notice)} was edited ({', '.join(notice.fields)}){_span(notice)}{_first(notice)}."
    return f"{said} The platform's own record says {notice.declared}." if notice.declared else said


def _first(notice: Notice) -> str:
    """Return the first material difference in words, nothing where there is none."""
    found = next((one for one in notice.changes if one.material), None)
    if found is None:
        return ""
    before, after = (text[:_MAX_SAID] or "nothing" for text in (found.before, found.after))
    return f", {found.class_}: “{before}” → “{after}”"


def _from(notice: Notice) -> str:
    return f"“{notice.original_title}”" if notice.original_title else "its original"


def _state(notice: Notice) -> str:
    return f"{notice.state}: {notice.notice}" if notice.notice else notice.state


def _span(notice: Notice) -> str:
    if notice.between is None:
        return ""
    first, last = (datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M") for text in notice.between)
    return f" between {first} and {last} UTC"


def _failed(notice: Notice) -> str:
    why = f" ({notice.reason})" if notice.reason else ""
    return f"{_what(notice)} could not be fetched{why}: this says nothing of the article."


_SAID: Final[dict[str, Callable[[Notice], str]]] = {
    "captured": lambda one: f"{_what(one)} was captured for the first time.",
    "unchanged": lambda one: f"{_what(one)} is as it was.",
    "edited": _edited,
    "state-changed": lambda one: f"{_what(one)} is in another state ({_state(one)}).",
    "reported-gone": lambda one: f"A notice stands in place of {_what(one)} ({_state(one)}), seen once.",
    "gone": lambda one: f"{_what(one)} is gone ({_state(one)}){_span(one)}.",
    "back": lambda one: f"{_what(one)} is back{_span(one)}.",
    "moved": lambda one: f"{_what(one)} has moved{f' to {one.target}' if one.target else ''}.",
    "blocked": lambda one: f"The host of {_what(one)} demanded verification or throttled ({one.state}).",
    "failed": _failed,
    "verified": lambda one: f"{_what(one)} says what {_from(one)} says ({one.verdict}).",
    "differs": lambda one: f"{_what(one)} differs from {_from(one)} ({one.verdict}){_first(one)}.",
    "original-edited": lambda one: (
        f"{_from(one)} was edited after {_what(one)} was compared with it; to its new version this is "
        f"{one.verdict}{_first(one)}."
    ),
    "imported": lambda one: f"A saved copy of {_what(one)} was taken in.",
}


def _cut(text: str | None, most: int) -> str | None:
    """Return text in one line, without what JSON cannot hold, cut where it is longer than that."""
    if text is None:
        return None
    return in_short(text.encode("utf-8", "replace").decode(), most)
