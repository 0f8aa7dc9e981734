"""Candidates on the terminal and for programs: by account and route, each with the id that names it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.discover.candidates import Candidate
    from harvester.discover.whose import Whose

_MAX_SHOWN = 200
_SOURCE = {"listing": "a list, looked at again and again", "feed": "a feed", "sitemap": "a sitemap"}


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
    candidates: Sequence[Candidate], whose: Whose, *, new: Collection[str] = frozenset()
) -> None:
    """Print candidates, a table for each account, by route; those just found in bold."""
    from harvester.cli.output import cell, console, say, table

    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(whose.label(one.url, one.account, one.account_id), []).append(one)
    left = _MAX_SHOWN
    for name, own in sorted(groups.items()):
        if left <= 0:
            break
        shown = table(None, "id", "route", f"{name} ({len(own)})")
        shown.columns[0].min_width = len(own[0].id)
        shown.columns[0].no_wrap = True
        for one in sorted(own, key=lambda one: one.route)[:left]:
            style = "bold" if one.url in new else None
            shown.add_row(*map(cell, (one.id, one.route, _words(one))), style=style)
        left -= len(own)
        console().print(shown)
    if len(candidates) > _MAX_SHOWN:
        say(f"… and {len(candidates) - _MAX_SHOWN} more: --json lists all")


def _words(candidate: Candidate) -> str:
    """Return what a person decides by: title or URL, what it would be, how it was found."""
    first = candidate.title or candidate.url
    how = candidate.via.removeprefix(f"{candidate.route} ")
    more = [_SOURCE.get(candidate.kind), candidate.note, how]
    return first + "\n" + "; ".join(filter(None, more))
