"""`harvester trace`: where each field of a document stands in the record it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from archive.words import counted, in_short
from harvester.cli.common import JsonOption, PlaceOption, archive_place, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.places import Place
    from harvester.tracing import FieldTrace, RecordTrace, Trace

_SHOWN_CHARS: Final = 60


def trace(
    name: Annotated[
        str, typer.Argument(metavar="ID|URL[@TIME]", help="A capture's id (or its beginning), or a URL.")
    ],
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="NAME", help="Only this field (title, account.name, …); may be repeated."
        ),
    ] = None,
    archive: PlaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show where each field of a document came from, and read it again from exactly there.

    File, offset and digests of the records; byte span of a literal, selector path and digest of an element.
    Exit 0: every field and digest is what it was. 1: some is not (or the capture was withdrawn).
    """
    from harvester.cli.library import opened, show_withdrawn
    from harvester.cli.output import print_json
    from harvester.exits import Exit
    from harvester.tracing import trace_capture
    from harvester.withdrawal import Withdrawal, visible

    with opened(archive_place(archive, configuration())) as (held, library):
        row = visible(held, library, name)
        if isinstance(row, Withdrawal):
            return show_withdrawn(row, as_json=as_json)
        found = trace_capture(row, held, library)
    chosen = _chosen(found, fields)
    if as_json:
        print_json(_as_json(found, chosen))
    else:
        _show(found, chosen)
    return Exit.NEGATIVE if _wrong(found, chosen) else Exit.DONE


def _chosen(found: Trace, names: list[str] | None) -> list[FieldTrace]:
    """Return the fields asked for: `account` stands for its members too. Raises `UsageError` for none."""
    if not names:
        return list(found.fields)
    chosen = []
    for name in names:
        fits = [one for one in found.fields if one.field == name or one.field.startswith(name + ".")]
        if not fits:
            known = ", ".join(one.field for one in found.fields)
            raise UsageError(f"no field {name!r} in {found.id}: there are {known}")
        chosen += fits
    return chosen


def _wrong(found: Trace, chosen: list[FieldTrace]) -> list[str]:
    """Return what differs among the fields shown, and the digests."""
    shown = {one.field for one in chosen}
    digests = [name for name in found.differing if name.endswith(" digest")]
    return [*digests, *(name for name in found.differing if name in shown)]


def _as_json(found: Trace, chosen: list[FieldTrace]) -> dict[str, Any]:
    import msgspec

    value: dict[str, Any] = msgspec.to_builtins(found)
    value["fields"] = msgspec.to_builtins(chosen)
    value["differing"] = _wrong(found, chosen)
    return value


# -- for a person ------------------------------------------------------------------------------------


def _show(found: Trace, chosen: list[FieldTrace]) -> None:
    from harvester.cli.output import answer, say

    answer(f"{found.id} ({found.site}, {found.state})\n{found.url or 'of unknown URL'}")
    for record in found.records:
        answer(_record_words(record))
    answer(f"decoded body: {found.body_bytes} bytes, {found.body.stated} {_mark(found.body.equal)}")
    answer("")
    for one in chosen:
        _show_field(one)
    answer("")
    for what, (was, now) in found.versions.items():
        say(f"another version: {what} was {was}, is {now}", style="yellow")
    wrong = _wrong(found, chosen)
    exact = sum(1 for one in chosen if one.places and one.whole is None)
    whole = sum(1 for one in chosen if one.whole is not None)
    say(
        f"{counted(len(chosen), 'field')}: {exact} from an exact place, {whole} from the whole page, "
        f"{len(chosen) - exact - whole} without a value; "
        + (f"{len(wrong)} differ: {', '.join(wrong)}" if wrong else "all are what is read there now"),
        style="red" if wrong else "green",
    )


def _show_field(one: FieldTrace) -> None:
    from harvester.cli.output import entry

    parts = [] if one.equal else [f"now: {_short(one.recomputed)}"]
    parts += map(_place_words, one.places)
    if not one.places:
        parts.append(one.reason or "–")
    parts += [f"({one.whole})"] if one.whole else []
    if one.lines:
        alone = sum(line.path is not None for line in one.lines)
        parts.append(f"{alone} of {counted(len(one.lines), 'line')} in one element each (--json names it)")
    head = f"{_mark(one.equal)} {one.field}: {_short(one.stored)}"
    entry(head, *parts, style=None if one.equal else "red")


def _record_words(record: RecordTrace) -> str:
    place = f"{record.file}, byte {record.offset}, {record.length} bytes"
    digests = "".join(
        f"\n  {one.of} digest ({one.stated_by}): {one.stated} {_mark(one.equal)}"
        + (f" computed {one.computed}" if one.equal is False else "")
        for one in record.digests
    )
    return f"{record.role} {record.record_id} of {record.date}\n  {place}{digests}"


def _mark(equal: bool | None) -> str:
    return {True: "=", False: "≠", None: "?"}[equal]


def _place_words(place: Place) -> str:
    """Return a place in one or two lines."""
    digest = f" sha256 {place.sha256[:16]}…" if place.sha256 else ""
    name = f" {place.name}" if place.name else ""
    if place.kind in {"literal", "bytes"} and place.start is not None:
        span = f"bytes {place.start}–{place.end} of the body"
        return f"{place.kind}{name}: {span}{digest}\n  {_short(place.shown)}"
    if place.path is not None:
        attribute = f" @{place.name}" if place.name else ""
        return f"{place.path}{attribute}{digest}"
    if place.kind == "computed":
        return f"computed from {', '.join(place.of)}"
    words = {
        "page": "the whole page",
        "url": "URL",
        "record": "record",
        "note": "note",
        "program": "the program",
    }
    return words.get(place.kind, place.kind) + (f":{name}" if name else "")


def _short(value: Any) -> str:
    import json

    text = (
        value if isinstance(value, str) else "–" if value is None else json.dumps(value, ensure_ascii=False)
    )
    return in_short(text, _SHOWN_CHARS)
