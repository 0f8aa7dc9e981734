"""`harvester discover --index`: pages that the index of a web archive names, and their copies looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.cli.session import Session
    from harvester.discover.asking import Asked
    from harvester.discover.copies import Copies, LookedAt
    from harvester.discover.indexes import Held
    from harvester.imports.importer import Importer
    from harvester.reading import Lead

_ADVICE = (
    "a copy is that archive's answer and is recorded as such: it is no capture of the publisher's page, "
    "and no visit in a timeline"
)
Propose = Callable[[Sequence[Any], str, str], None]


@dataclass(frozen=True, kw_only=True)
class FromIndex:
    """Which index is asked, for which URLs, how far, and how many copies of each page are looked at."""

    index: str
    match: str | None = None
    pages: int = 1
    copies: int = 0
    replay: str | None = None
    take: bool = False


def wanted_index(
    index: str | None,
    *,
    match: str | None,
    copies: int | None,
    replay: str | None,
    pages: int | None,
    take: bool,
) -> FromIndex | None:
    """Return what the options ask of an index; None where none is named.

    Raises `UsageError` for options that do not go together.
    """
    if index is None:
        given = {"--match": match, "--copies": copies, "--replay": replay, "--take": take or None}
        lone = next((name for name, value in given.items() if value is not None), None)
        if lone:
            raise UsageError(f"{lone} is for an index of a web archive: name one by --index URL")
        return None
    from harvester.discover.indexes import is_timemap, question, replay_of

    if take and not copies:
        raise UsageError("--take takes in copies that were looked at: say how many by --copies N")
    question(index, match)  # says what is missing
    if copies and replay is None and not is_timemap(index) and replay_of(index) is None:
        raise UsageError("where that archive shows its copies does not follow from its address: --replay URL")
    return FromIndex(index=index, match=match, pages=pages or 1, copies=copies or 0, replay=replay, take=take)


def ask_index(
    session: Session, wanted: FromIndex, now: datetime, propose: Propose
) -> tuple[Asked, list[LookedAt]]:
    """Ask an index, look at copies where that is wanted, and propose each page as soon as that is done."""
    import msgspec

    from harvester.cli.output import say
    from harvester.discover.copies import Copies
    from harvester.discover.indexes import replay_of
    from harvester.discover.indexing import Indexing
    from harvester.exits import Exit
    from harvester.imports.importer import Importer
    from harvester.watch.manners import Manners

    manners = Manners(session.archive, session.library, session.fetcher)
    listed = Indexing(session.client, session.fetcher, manners).ask(
        wanted.index, wanted.match, pages=wanted.pages, now=now
    )
    asked, looked = listed.asked, list[Any]()
    copies = Copies(session.archive, session.library, session.client, session.fetcher, manners)
    replay = wanted.replay or replay_of(wanted.index)
    importer = Importer(session.archive, session.library, session.now)
    plain: list[Lead] = []
    most = wanted.copies
    for held in listed.held:
        if not most or not copies.are_wanted(held):
            plain.append(replace(held.lead, note=held.summary))
            continue
        found = _look(copies, held, replay, most, now)
        looked += found
        propose([_lead(held, found)], asked.where, asked.source)
        if wanted.take:
            _take(importer, session, found)
        if found and found[-1].code == Exit.BLOCKED:
            most = 0
            asked = msgspec.structs.replace(asked, code=Exit.BLOCKED, message=found[-1].message)
    propose(plain, asked.where, asked.source)
    if looked:
        say(_ADVICE)
    return asked, looked


def _take(importer: Importer, session: Session, found: Sequence[LookedAt]) -> None:
    """Take in the copy that is an article, if there is one."""
    from harvester.cli.output import say
    from harvester.discover.copies import taken

    for one in found:
        outcome = taken(importer, session.archive, one)
        if outcome is not None:
            say(f"{'':4}{'held already' if outcome.held else 'taken in'} as {outcome.id}")


def _look(copies: Copies, held: Held, replay: str | None, most: int, now: datetime) -> list[LookedAt]:
    found = []
    for one in copies.look(held, replay, most, now):
        found.append(one)
        print_copy(one)
    return found


def _lead(held: Held, found: Sequence[LookedAt]) -> Lead:
    """Return a page's lead with what its copies are."""
    good = next((one for one in found if one.offered), None)
    states = ", ".join(dict.fromkeys(one.state for one in found))
    if good:
        told = f"that archive's copy of {good.at} is an article: {good.copy}"
    else:
        told = f"of its copies looked at none is an article ({states})" if found else "none may be a page"
    return replace(held.lead, title=good.title if good else None, note=f"{held.summary}; {told}")


def print_copy(one: LookedAt) -> None:
    """Print what one copy is, for a person."""
    from harvester.cli.output import say

    word = "article" if one.offered else one.state
    style = "green" if one.offered else "yellow"
    say(f"copy of {one.at}: {word}{' (looked at before)' if one.held else ''}", style=style)
    said = (one.title, one.notice, one.message, one.copy)
    for words in filter(None, said):
        say(f"{'':4}{' '.join(words.split())}", style="dim" if words == one.copy else None)
