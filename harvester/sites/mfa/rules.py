"""The rules of rules.toml as checked values."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One layout of an article page: CSS selectors, the first that gives something wins.

    A page has the layout if one of `marks` is there (or the two metas of `between`, which enclose
    the body in pages of the oldest system) and one of `body` is. `drop` names interface inside the
    body; `end` elements that are direct children of it and close it.
    """

    id: str
    seen: str
    marks: tuple[str, ...] = ()
    between: tuple[str, str] | None = None
    body: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    subtitle: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    original_source: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    language: str | None = None
    needs_address: bool = False


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One layout of a listing page."""

    id: str
    links: tuple[str, ...]


class States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of pages that are neither article nor listing."""

    system_path: str
    firewall_marks: tuple[str, ...]
    firewall_statuses: tuple[int, ...]
    missing_statuses: tuple[int, ...]


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of a press conference, and what stands before the colon that opens a turn.

    `answers` marks headlines of written answers to the press: articles with questions. The rest are
    patterns that a whole label must match: `ask` (group `asker`, if any), `lead_in` (what may
    stand before 有记者问 and a comma), `outlets` (who asks), `reply`
    (who answers is not said), `offices` (who answers, by office); `names` finds in the headline who
    answers; `intro` is the sentence of the page itself that such an event took place.
    """

    sections: tuple[str, ...]
    folders: tuple[str, ...]
    titles: tuple[str, ...]
    answers: tuple[str, ...]
    ask: tuple[str, ...]
    lead_in: tuple[str, ...]
    outlets: tuple[str, ...]
    reply: tuple[str, ...]
    offices: tuple[str, ...]
    names: tuple[str, ...]
    intro: tuple[str, ...]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of this publisher.

    `tail` are the interface's words in the last lines of a body: a line of nothing else is none of the text.
    """

    version: str
    drop: tuple[str, ...]
    tail: tuple[str, ...]
    attachment_name: str
    layout: tuple[Layout, ...]
    listing: tuple[Listing, ...]
    states: States
    press: Press
    site_names: dict[str, str]
    hosts: dict[str, str]
    languages: dict[str, str]
    months: dict[str, int]


@cache
def load() -> Rules:
    """Return the rules that ship with this version."""
    data = files("harvester.sites.mfa").joinpath("rules.toml").read_bytes()
    return msgspec.convert(tomllib.loads(data.decode("utf-8")), Rules)
