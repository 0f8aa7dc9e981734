"""Links in JSON and JSON lines of any nesting: objects with a link among their values, lists of addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from harvester.errors import UsageError
from harvester.links.columns import Role, normal, rank, time_text
from harvester.links.named import Gathering
from harvester.links.texts import as_whole

_MAX_DEPTH: Final = 60
_MESSAGE: Final = "comm_msg_info"
"""Beside an article in a list of messages as WeChat's clients get it: when they were sent (`datetime`)."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known from outside an object: the account, the time, whether it lies within an article's."""

    account: str | None = None
    published: str | None = None
    inside: bool = False


Values = list[tuple[str, Any]]
"""Values with their place in the file ("line 3"; empty for the only one)."""


def parsed(text: str, name: str, *, sure: bool) -> tuple[Values, list[str]] | None:
    """Return the value of a JSON text, or those of its lines, and what is wrong with lines that are none.

    None for what is no JSON; with `sure` (the file is called so) `UsageError` says what is wrong with it.
    """
    try:
        # Not msgspec's: tools cut texts in the midst of a character, and it refuses the lone surrogate.
        return [("", json.loads(text.strip()))], []
    except (ValueError, RecursionError) as error:
        fault = str(error) if isinstance(error, ValueError) else "it is nested too deep"
    values: Values = []
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values.append((f"line {number}", json.loads(line)))
        except (ValueError, RecursionError):
            faults.append(f"line {number}: it is no JSON")
            if not values:
                break
    if (
        values
        and all(isinstance(value, dict | list | str) for _, value in values)
        and len(faults) <= len(values)
    ):
        return values, faults
    if sure:
        raise UsageError(f"{name} cannot be read as JSON: {fault}")
    return None


def read(values: tuple[Values, list[str]], name: str, into: Gathering) -> None:
    """Gather the links of JSON values: of objects, else whatever strings are web addresses.

    Raises `UsageError` for a HAR capture, whose addresses are every request's.
    """
    pairs, faults = values
    first = pairs[0][1] if pairs else None
    if isinstance(first, dict) and isinstance(first.get("log"), dict) and "entries" in first["log"]:
        raise UsageError(f"{name} is a HAR capture: take it in with `harvester import`")
    for where, value in pairs:
        _walk(value, where, _Around(), into, _MAX_DEPTH)
    if not into.found:
        for where, value in pairs:
            _strings(value, where, into, _MAX_DEPTH)
    for fault in faults:
        into.skip("", fault)


def _walk(value: Any, where: str, around: _Around, into: Gathering, depth: int) -> None:
    if not depth:
        into.skip(where, "nested too deep: not looked at")
    elif isinstance(value, dict):
        _object(value, where, around, into, depth)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if isinstance(one, str) and not around.inside and as_whole(one):
                into.add(one, f"{where}[{index}]", account=around.account)
            elif isinstance(one, dict | list):
                _walk(one, f"{where}[{index}]", around, into, depth - 1)


def _object(value: dict[str, Any], where: str, around: _Around, into: Gathering, depth: int) -> None:
    message = value.get(_MESSAGE)
    sent = _scalar(message.get("datetime")) if isinstance(message, dict) else None
    account = _best(value, "account") or around.account
    around = _Around(account, time_text(sent) or around.published, around.inside)
    title, link = _best(value, "title"), _link(value)
    # What lies within an article's object and has no title is one of its pictures or other parts.
    if link and (title or not around.inside):
        published = time_text(_best(value, "published")) or around.published
        into.add(link, where, title=title, account=account, published=published)
        around = _Around(account, around.published, inside=True)
    for key, inner in value.items():
        at = f"{where}.{key}" if where else key
        if as_whole(key) and key.lower().startswith("http"):
            named = (
                _best(inner, "title")
                if isinstance(inner, dict)
                else inner
                if isinstance(inner, str)
                else None
            )
            into.add(key, where, title=named, account=account)
        if isinstance(inner, dict | list):
            _walk(inner, at, around, into, depth - 1)
        elif isinstance(inner, str) and (embedded := _embedded(inner)) is not None:
            _walk(embedded, at, around, into, depth - 1)


def _link(value: dict[str, Any]) -> str | None:
    """Return an object's address: that under the best of its names which is one."""
    found = [(place, inner) for place, inner in _ranked(value, "link") if isinstance(inner, str)]
    return next((inner.strip() for _, inner in sorted(found) if as_whole(inner)), None)


def _best(value: dict[str, Any], role: Role) -> str | None:
    found = [(place, text) for place, inner in _ranked(value, role) if (text := _scalar(inner))]
    return min(found)[1] if found else None


def _ranked(value: dict[str, Any], role: Role) -> Iterator[tuple[int, Any]]:
    for key, inner in value.items():
        place = rank(role, normal(key))
        if place is not None:
            yield place, inner


def _scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) and value else None


def _embedded(text: str) -> Any:
    """Return what a string that is itself JSON holds (`general_msg_list`, `publish_info`), else None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _strings(value: Any, where: str, into: Gathering, depth: int) -> None:
    """Gather every string that is an address: what is left where no object calls one its link."""
    if isinstance(value, str):
        if value.strip().lower().startswith("http") and as_whole(value):
            into.add(value, where)
    elif isinstance(value, dict | list) and depth:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            at = f"[{key}]" if isinstance(key, int) else f".{key}" if where else str(key)
            _strings(inner, f"{where}{at}", into, depth - 1)
