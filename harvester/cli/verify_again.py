"""Kept results made again from their WARC records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harvester.cli.output import answer, cell, console, print_json, say, table
from harvester.cli.sides import Sides
from harvester.errors import UsageError
from harvester.exits import Exit, combined
from harvester.inputs import read_file
from harvester.times import utc_text
from harvester.verify import Result, result_from_bytes
from harvester.verify.result import SCHEMA
from harvester.verifying import values
from harvester.verifying.again import Again, again
from harvester.verifying.saving import kept_results
from harvester.withdrawal import withdrawals

if TYPE_CHECKING:
    from archive import Archive

_STYLES = {"equal": "green", "other-versions": "yellow", "differs": "red", "cannot-tell": "yellow"}
_MAX_BYTES = 256 << 20


def verify_again(name: str | None, archive: Path | None, *, as_json: bool) -> int:
    """Make results again: all that are kept, or one by its record id or from a file."""
    done: list[tuple[str, str | None, Result | None, Again]] = []
    with Sides(archive) as sides:
        held, _ = sides.opened()
        taken_down = withdrawals(held)
        for record_id, when, result in _results(name, held):
            made = (
                again(held, result, taken_down)
                if result is not None
                else Again(status="cannot-tell", words="the kept result cannot be read", then="–")
            )
            done.append((record_id, when, result, made))
    if as_json:
        print_json({"results": [_value(*one) for one in done]})
    else:
        _print(done)
    return combined(Exit(made.code) for _, _, _, made in done)


def _results(name: str | None, held: Archive) -> list[tuple[str, str | None, Result | None]]:
    if name is not None and Path(name).exists():
        return [(name, None, _of_file(Path(name)))]
    kept: list[tuple[str, str | None, Result | None]] = [
        (one.record_id, utc_text(one.when), one.result) for one in kept_results(held)
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


def _value(record_id: str, when: str | None, result: Result | None, made: Again) -> dict[str, object]:
    sides = result.sides if result else None
    return {
        "record": record_id,
        "when": when,
        "captured": sides.captured.label if sides else None,
        "original": sides.original.label if sides else None,
        **msgspec.structs.asdict(made),
    }


def _print(done: list[tuple[str, str | None, Result | None, Again]]) -> None:
    if not done:
        say("no result is kept yet (`harvester verify CAPTURED ORIGINAL --save` keeps one)")
        return
    shown = table(None, "then", "again", "record, sides, and what is said")
    for record_id, when, result, made in done:
        sides = f"{result.sides.captured.label} ⟷ {result.sides.original.label}" if result else ""
        lines = [f"{record_id}{f'  {when}' if when else ''}", sides, made.words]
        status = cell(made.status)
        status.stylize(_STYLES[made.status])
        shown.add_row(cell(made.then), status, cell("\n".join(line for line in lines if line)))
    console().print(shown)
    good = sum(made.code == 0 for _, _, _, made in done)
    answer(f"{good} of {len(done)} give the same verdict")
