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


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One layout of a listing page."""

    id: str
    links: tuple[str, ...]


class States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of pages that are neither article nor listing."""

    system_path: str
    firewall_marks: tuple[str, ...]


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of a press conference."""

    sections: tuple[str, ...]
    folders: tuple[str, ...]
    titles: tuple[str, ...]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of this publisher."""

    version: str
    drop: tuple[str, ...]
    attachment_name: str
    layout: tuple[Layout, ...]
    listing: tuple[Listing, ...]
    states: States
    press: Press
    site_names: dict[str, str]
    hosts: dict[str, str]
    languages: dict[str, str]


@cache
def load() -> Rules:
    """Return the rules that ship with this version."""
    data = files("harvester.sites.mfa").joinpath("rules.toml").read_bytes()
    return msgspec.convert(tomllib.loads(data.decode("utf-8")), Rules)
