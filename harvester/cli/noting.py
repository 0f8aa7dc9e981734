"""`harvester note`: what people say of an article, kept as lines that are only ever added to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError


def note(
    name: Annotated[
        str, typer.Argument(metavar="ID|URL", help="A capture's id (or its beginning), or an article's URL.")
    ],
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What to say.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Add a tag; repeatable.")
    ] = None,
    untag: Annotated[
        list[str] | None, typer.Option("--untag", metavar="TAG", help="Take a tag back; repeatable.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Add a note or tags to an article, or show those it has. Nothing is ever overwritten."""
    from harvester.cli.adding import given_tags
    from harvester.cli.library import opened
    from harvester.cli.output import answer, print_json, say
    from harvester.clock import SystemClock
    from harvester.times import for_people, utc_text
    from harvester.watch import journal

    tags, untags = given_tags(tag), given_tags(untag, "--untag")
    directory = archive_directory(archive, configuration())
    with opened(directory) as (_, library):
        row = library.find(name)
    about = row.url or row.requested_url
    if about is None:
        raise UsageError(f"{name} has no URL that a note could be about")
    at = utc_text(SystemClock().now())
    lines = [journal.Note(at=at, about=about, tag=one) for one in tags]
    lines += [journal.Note(at=at, about=about, untag=one) for one in untags]
    lines += [journal.Note(at=at, about=about, text=text)] if text and text.strip() else []
    names = {row.url, row.requested_url}
    before = [one for one in journal.read(directory, journal.NOTES, journal.Note) if one.about in names]
    for absent in set(untags) - set(journal.tags_of(before)):
        say(f"note: it does not have the tag {absent!r}", style="yellow")
    journal.append(directory, journal.NOTES, lines)
    said = [*before, *lines]
    value: dict[str, Any] = {
        "about": about,
        "tags": list(journal.tags_of(said)),
        "notes": [{"at": one.at, "text": one.text} for one in said if one.text],
    }
    if as_json:
        print_json(value)
        return 0
    answer(about, style="bold")
    answer(f"tags: {', '.join(value['tags']) or '–'}")
    for one in value["notes"]:
        answer(f"{for_people(one['at'])}  {one['text']}")
    return 0
