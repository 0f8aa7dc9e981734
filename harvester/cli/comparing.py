"""`harvester rebuild --compare OLD`: what the new documents are to those of an earlier rebuild."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.comparing import Comparison, Side

JSON_FILE: Final = "compare.json"
HTML_FILE: Final = "compare.html"
_LISTED: Final = 8


def old_side(named: str, output: Path) -> Side:
    """Return the old side, before anything is written. Raises `UsageError`."""
    from archive.storage.places import place, real
    from harvester.comparing import opened

    path = place(named)
    if real(path) == real(output):
        raise UsageError(
            f"{path} is the output itself: write the new documents to another folder to have two sides"
        )
    return opened(path)


def write_comparison(old: Side, output: Path) -> Comparison:
    """Compare, write `compare.json` and `compare.html` into the output, and return what was found."""
    from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, storage_errors, write_file
    from harvester.cli.output import messages
    from harvester.comparing import compare, html_page, opened, to_bytes

    scratch = output / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}.sqlite"
    with messages().status("comparing") as status:

        def progress(name: str, count: int) -> None:
            if count % 500 == 0:
                status.update(f"comparing: {count:,} documents of {name}")

        found = compare(old, opened(output), scratch, progress)
        for name, data in ((JSON_FILE, to_bytes(found)), (HTML_FILE, html_page(found))):
            with storage_errors("cannot write", output / name):
                write_file(SYSTEM_DISK, output / name, data)
    return found


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the counts of a comparison; the samples are in the file."""
    import msgspec

    value: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("samples", "appeared_samples", "vanished_samples"):
        del value[name]
    return value


def tell(found: Comparison, output: Path) -> None:
    """Say what was found, for a person."""
    from harvester.cli.output import say

    others = {
        "articles now": found.appeared,
        "no articles any more": found.vanished,
        "looked at by the old side alone": found.only_old,
        "looked at by the new side alone": found.only_new,
    }
    told = ", ".join(f"{words} {count:,}" for words, count in others.items() if count)
    say(
        f"compared with {found.old.name}: documents equal {found.equal:,}, different {found.changed:,}"
        + (f"; {told}" if told else "")
    )
    fields = list(found.fields.items())
    if fields:
        named = ", ".join(f"{name} {count.changed:,}" for name, count in fields[:_LISTED])
        say(f"  by field: {named}" + (" …" if len(fields) > _LISTED else ""))
    if found.is_same_version and fields:
        say("  both sides name the same versions: no extractor made these differences", style="yellow")
    say(f"  look at {output / HTML_FILE}")
