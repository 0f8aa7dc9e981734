"""What is settled before a rebuild begins, and tidied when shares are put together."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from typing import Final

from harvester.errors import UsageError
from harvester.rebuild.completion import completion_of, set_aside
from harvester.rebuild.outputs.base import UNITS, Output
from harvester.rebuild.unit import PLACES, REVISITS, Unit

_NAMED: Final = 3
_RECORD: Final = ".json"
_OF_SHARES: Final = ("report-*-of-*.json", "progress-*-of-*.json")


def refuse_strangers(output: Output, units: Sequence[Unit], *, prune: bool) -> None:
    """Refuse an output that holds results of other inputs, or (`prune`) see to it that they are removed.

    Raises `UsageError`.
    """
    parts = {f"{unit.id}{part}" for unit in units for part in ("", f"-{REVISITS}", f"-{PLACES}")}
    there = {name.removesuffix(_RECORD) for name in output.listed(UNITS) if name.endswith(_RECORD)}
    strangers = {
        key: found for key in sorted(there - parts) if (found := completion_of(output, key)) is not None
    }
    if not strangers:
        return
    if not prune:
        names = sorted({completion.input.name for completion in strangers.values()})
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise UsageError(
            f"{output} holds the results of inputs not named now ({', '.join(names[:_NAMED])}{more}): "
            "name these too, or another --output, or say --prune to remove their results"
        )
    for key in strangers:
        set_aside(output, key)


def remove_shares(output: Output) -> None:
    """Remove what only shares need, now that all is put together. Raises `StorageError`."""
    parts = fnmatch.filter(output.listed(UNITS), f"*-{PLACES}.*")
    reports = [name for pattern in _OF_SHARES for name in fnmatch.filter(output.listed(""), pattern)]
    output.remove([*(f"{UNITS}/{name}" for name in parts), *reports])
