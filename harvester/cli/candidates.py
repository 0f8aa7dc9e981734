"""Candidates on the terminal and for programs: by account and route, each with the id that names it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.discover.candidates import Candidate
    from harvester.discover.whose import Whose
    from harvester.library import Library

_MAX_SHOWN = 200
_MAX_HOW_CHARS = 70
_ROUTE_CHARS = len("album-neighbour")
_SOURCE = {"listing": "a list", "feed": "a feed", "sitemap": "a sitemap"}


def value_of(candidate: Candidate, whose: Whose, *, new: bool = False) -> dict[str, Any]:
    """Return a candidate for programs."""
    import msgspec

    value = msgspec.to_builtins(candidate)
    value.pop("type")
    names = ("title", "account", "account_id", "note", "source")
    label = whose.label(candidate.url, candidate.account, candidate.account_id)
    return {
        "id": candidate.id,
        **dict.fromkeys(names),
        "kind": candidate.kind,
        **value,
        "of": label,
        "new": new,
    }


def print_candidates(
    candidates: Sequence[Candidate],
    whose: Whose,
    library: Library,
    *,
    new: Collection[str] = frozenset(),
) -> None:
    """Print candidates, a table for each account, by route; those just found in bold."""
    from harvester.cli.output import cell, console, say, table

    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(whose.label(one.url, one.account, one.account_id), []).append(one)
    rows = library.named(one.source for one in candidates if one.source)
    titles = {name: row.title for name, row in rows.items()}
    left = _MAX_SHOWN
    for name, own in sorted(groups.items()):
        if left <= 0:
            break
        shown = table(None, "id", "route", f"{name} ({len(own)})")
        shown.columns[0].min_width = len(own[0].id)
        shown.columns[1].min_width = _ROUTE_CHARS
        for one in sorted(own, key=lambda one: one.route)[:left]:
            style = "bold" if one.url in new else None
            shown.add_row(*map(cell, (one.id, one.route, _words(one, titles))), style=style)
        left -= len(own)
        console().print(shown)
    if len(candidates) > _MAX_SHOWN:
        say(f"… and {len(candidates) - _MAX_SHOWN} more: --json lists all")


def _words(candidate: Candidate, titles: Mapping[str, str | None]) -> str:
    """Return what a person decides by: title or URL, what it would be, how it was found."""
    first = candidate.title or candidate.url
    how: str | None = candidate.via.removeprefix(f"{candidate.route} ")
    title = titles.get(candidate.source or "")
    how = f"{how}: {title}" if title else how
    kind = _SOURCE.get(candidate.kind)
    if candidate.source == candidate.url:  # the source that was named itself
        how = None
    elif how and len(how) > _MAX_HOW_CHARS:
        how = how[: _MAX_HOW_CHARS - 1] + "…"
    more = [f"{kind}; approved, it is looked at again and again" if kind else None, candidate.note, how]
    return "\n".join([first, *filter(None, more)])
