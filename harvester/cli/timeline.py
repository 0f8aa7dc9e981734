"""`harvester timeline` and `harvester changes`: what became of what was captured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import in_short
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.library import Library
    from harvester.watch.events import Event
    from harvester.watch.timeline import Story

_MAX_NOTICE = 80
_STYLES = {
    "captured": "green",
    "back": "green",
    "edited": "magenta",
    "moved": "magenta",
    "state-changed": "yellow",
    "reported-gone": "yellow",
    "gone": "red",
    "blocked": "yellow",
    "failed": "yellow",
    "unchanged": "dim",
    "verified": "green",
    "differs": "red",
    "original-edited": "magenta",
}


def timeline(
    name: Annotated[
        str, typer.Argument(metavar="ID|URL", help="A capture's id (or its beginning), or an article's URL.")
    ],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Tell the story of one article: every visit, what it found, and what was edited.

    Exit 1: it was never visited.
    """
    from harvester.cli.library import opened
    from harvester.cli.output import print_json, say
    from harvester.exits import Exit
    from harvester.watch.timeline import Stories

    directory = archive_directory(archive, configuration())
    with opened(directory) as (held, library):
        story = _found(name, Stories(held, library), library)
        if story is None:
            say(f"{name} was never visited", style="yellow")
            if as_json:
                print_json({"urls": [], "events": []})
            return Exit.NEGATIVE
        if as_json:
            print_json(_story_value(story, library))
        else:
            _print_story(story, library)
    return Exit.DONE


def _found(name: str, stories: Any, library: Library) -> Story | None:
    from harvester.intake import prepare

    is_url = "/" in name or "." in name  # neither is ever in an id
    found: Story | None = stories.of_url(prepare(name).url) if is_url else stories.of_row(library.find(name))
    return found


def changes(
    since: Annotated[
        str,
        typer.Option("--since", metavar="TIME", help="How far back: 7d, 12h, or a date such as 2026-05-08."),
    ] = "7d",
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Only this kind of event (edited, gone, …); repeatable."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Unchanged pages and failures, too.")] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """List what changed: articles that appeared, were edited, went, came back, or differ from their original.

    Newest last. Visits that found nothing new, that failed or were blocked, and reposts that say what their
    original says are left out unless asked for.
    """
    from harvester.cli.library import opened
    from harvester.cli.output import console, print_json, say
    from harvester.exits import Exit
    from harvester.watch.kinds import is_of_an_article
    from harvester.watch.timeline import Stories

    kinds = _kinds(kind, everything=everything)
    start = moment(since)
    directory = archive_directory(archive, configuration())
    with opened(directory) as (held, library):
        found = [
            (event, story)
            for story in Stories(held, library).since(start)
            for event in story.events
            if event.kind in kinds and (everything or is_of_an_article(event.state, event.before))
        ]
        found.sort(key=lambda pair: pair[0].at)
        if as_json:
            print_json([_event_value(event, library) | _head(story) for event, story in found])
        elif not found:
            say(f"nothing changed since {start:%Y-%m-%d %H:%M} UTC")
        else:
            console().print(_table(found, library))
    return Exit.DONE


def _kinds(wanted: Sequence[str] | None, *, everything: bool) -> set[str]:
    from harvester.watch.kinds import KINDS, NEWS

    unknown = set(wanted or ()) - set(KINDS)
    if unknown:
        raise UsageError(f"no such kind of event: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if wanted:
        return set(wanted)
    return set(KINDS if everything else NEWS)


def moment(text: str) -> datetime:
    """Return the moment that `7d` (ago) or a date or time (UTC where no zone is named) means."""
    from datetime import UTC

    from harvester.clock import SystemClock
    from harvester.watch.schedule import interval

    try:
        return SystemClock().now() - interval(text)
    except (ValueError, OverflowError):
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time: write 7d, 12h, or a date such as 2026-05-08") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _head(story: Story) -> dict[str, Any]:
    return {"title": story.title, "source": story.source, "identities": list(story.identities)}


def _story_value(story: Story, library: Library) -> dict[str, Any]:
    return {
        **_head(story),
        "urls": list(story.urls),
        "events": [_event_value(event, library) for event in story.events],
    }


def _event_value(event: Event, library: Library) -> dict[str, Any]:
    """Return an event for programs: times as RFC 3339, an edit with its differences."""
    import msgspec

    from harvester.times import utc_text
    from harvester.watch.diff import diff_of

    value = msgspec.structs.asdict(event)
    if event.compared is not None:
        value["compared"] = msgspec.structs.asdict(event.compared)
        value["compared"]["original_at"] = event.compared.original_at and utc_text(event.compared.original_at)
    value["at"] = utc_text(event.at)
    value["between"] = [utc_text(when) for when in event.between] if event.between else None
    value["fields"] = list(event.fields)
    if event.kind == "edited" and event.before and event.id:
        result = diff_of(library, event.before, event.id)
        value["diff"] = msgspec.to_builtins(result) if result else None
    return value


def _print_story(story: Story, library: Library) -> None:
    from harvester.cli.output import answer, console

    answer(" ".join((story.title or "(no title is known)").split()), style="bold")
    for name in filter(None, (story.source, *story.urls)):
        answer(name, style="dim")
    console().print(_table([(event, None) for event in story.events], library))


def _table(events: Iterable[tuple[Event, Story | None]], library: Library) -> Any:
    from harvester.cli.output import cell, table

    shown = table(None, "when (UTC)", "event", "what")
    shown.columns[0].min_width = len("2026-05-08 06:04")
    shown.columns[1].min_width = len("reported-gone")
    for event, story in events:
        lines = [] if story is None else [" ".join((story.title or event.url).split())]
        lines += _what(event, library)
        cells = (f"{event.at:%Y-%m-%d %H:%M}", event.kind, "\n".join(lines) or None)
        shown.add_row(*map(cell, cells), style=_STYLES.get(event.kind))
    return shown


def _what(event: Event, library: Library) -> list[str]:
    """Return what there is to say of an event, for a person."""
    from harvester.watch.diff import compared_lines, diff_of, edit_lines, edits_in_words

    lines = [in_short(event.notice, _MAX_NOTICE)] if event.notice and event.kind != "unchanged" else []
    if event.kind in {"reported-gone", "gone", "state-changed"} or (
        event.kind == "unchanged" and event.state != "ok"
    ):
        lines.insert(0, event.state)
    if event.between and event.kind != "moved":
        lines.append(f"between {event.between[0]:%Y-%m-%d %H:%M} and {event.between[1]:%Y-%m-%d %H:%M}")
    if event.fields:
        lines.append(f"changed: {', '.join(event.fields)}")
    if event.declared:
        lines.append(f"the platform says: edited {event.declared.replace('T', ' ', 1)}")
    if event.kind == "edited" and event.before and event.id and {"text", "title"} & set(event.fields):
        result = diff_of(library, event.before, event.id)
        lines += [edits_in_words(result), *edit_lines(result)] if result else []
    if event.compared is not None:
        lines += compared_lines(event.compared)
    lines += [f"to {event.target}"] if event.target else []
    if event.reason:
        lines.append(event.reason + (f", {event.attempts} attempts" if event.attempts > 1 else ""))
    lines += [f"saved by hand ({event.method}), since it was handed over"] if event.via else []
    if event.id and event.kind not in {"unchanged", "blocked", "failed"}:
        lines.append(event.id)
    return lines
