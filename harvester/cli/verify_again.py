"""Kept results made again from their WARC records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harvester.cli.output import answer, cell, console, print_json, say, table
from harvester.cli.sides import Sides
from harvester.clock import SystemClock
from harvester.errors import UsageError
from harvester.exits import Exit, combined
from harvester.inputs import read_file
from harvester.times import for_people, utc_text
from harvester.verify import Result, result_from_bytes
from harvester.verify.result import SCHEMA
from harvester.verifying import values
from harvester.verifying.again import Again, again
from harvester.verifying.saving import Keeping, kept_results, newest
from harvester.withdrawal import withdrawals

if TYPE_CHECKING:
    from archive import Archive

_STYLES = {"equal": "green", "other-versions": "yellow", "differs": "red", "cannot-tell": "yellow"}
_MAX_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class _Done:
    """A result that was made again: its record or file, when it was kept, and the record of the new one."""

    name: str
    when: str | None
    result: Result | None
    made: Again
    kept: str | None = None


def verify_again(name: str | None, archive: Path | None, *, save: bool, as_json: bool) -> int:
    """Make results again: all that are kept, or one by its record id or from a file.

    With `save`, those that other versions make otherwise are kept beside the former, and count from then on.
    """
    done: list[_Done] = []
    with Sides(archive, write=save) as sides:
        held, library = sides.opened()
        taken_down = withdrawals(held)
        for record_id, when, result in _results(name, held):
            if result is None:
                made = Again(status="cannot-tell", words="the kept result cannot be read", then="–")
                done.append(_Done(record_id, when, result, made))
                continue
            made, now = again(held, result, taken_down)
            kept = None
            if save and now is not None and made.status == "other-versions":
                kept = Keeping(held, library).keep(now, SystemClock().now())
            done.append(_Done(record_id, when, result, made, kept))
    if as_json:
        print_json({"results": [_value(one) for one in done]})
    else:
        _print(done)
    return combined(Exit(one.made.code) for one in done)


def _results(name: str | None, held: Archive) -> list[tuple[str, str | None, Result | None]]:
    if name is not None and Path(name).exists():
        return [(name, None, _of_file(Path(name)))]
    everything = kept_results(held)
    kept: list[tuple[str, str | None, Result | None]] = [
        (one.record_id, utc_text(one.when), one.result)
        for one in (newest(everything) if name is None else everything)
    ]
    if name is None:
        return kept
    wanted = name.strip("<>").removeprefix("urn:uuid:")
    fits = [one for one in kept if one[0].strip("<>").removeprefix("urn:uuid:").startswith(wanted)]
    if len(fits) == 1:
        return fits
    if fits:
        raise UsageError(f"{name!r} fits {len(fits)} kept results; give more of the record id")
    raise UsageError(
        f"no kept result {name!r} in {held.path}, and no file of that name; `--recheck` alone lists all"
    )


def is_result_file(path: Path) -> bool:
    """Tell a file that `verify --json` wrote from a document, and from what is no JSON."""
    try:
        value = msgspec.json.decode(read_file(path, _MAX_BYTES, "one article"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(value, dict) and value.get("schema") in {SCHEMA, values.SCHEMA}


def _of_file(path: Path) -> Result:
    """Read a result, or the whole answer about a capture whose original was found."""
    data = read_file(path, _MAX_BYTES, "one result of verify")
    try:
        value = msgspec.json.decode(data)
        if isinstance(value, dict) and isinstance(value.get("result"), dict):
            return msgspec.convert(value["result"], Result)
        return result_from_bytes(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no result of `harvester verify --json`: {error}") from error


def _value(one: _Done) -> dict[str, object]:
    sides = one.result.sides if one.result else None
    return {
        "record": one.name,
        "when": one.when,
        "captured": sides.captured.label if sides else None,
        "original": sides.original.label if sides else None,
        **msgspec.structs.asdict(one.made),
        "kept": one.kept,
    }


def _print(done: list[_Done]) -> None:
    if not done:
        say("no result is kept yet (`harvester verify CAPTURED ORIGINAL --save` keeps one)")
        return
    shown = table(None, "then", "again", "record, sides, and what is said")
    for one in done:
        sides = f"{one.result.sides.captured.label} ⟷ {one.result.sides.original.label}" if one.result else ""
        when = f"  {for_people(one.when)}" if one.when else ""
        lines = [f"{one.name}{when}", sides, one.made.words, f"kept: {one.kept}" if one.kept else ""]
        status = cell(one.made.status)
        status.stylize(_STYLES[one.made.status])
        shown.add_row(cell(one.made.then), status, cell("\n".join(line for line in lines if line)))
    console().print(shown)
    good = sum(one.made.code == 0 for one in done)
    answer(f"{good} of {len(done)} give the same verdict")
    if any(one.made.status == "other-versions" and one.kept is None for one in done):
        say("--save keeps what these versions say beside it: the newest counts")
