"""`harvester rebuild --compare OLD`: what the new documents are to those of an earlier rebuild."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from archive.words import counted
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.comparing import Comparison, Side

JSON_FILE: Final = "compare.json"
HTML_FILE: Final = "compare.html"
_LISTED: Final = 8


def old_side(named: str, output: str) -> Side:
    """Return the old side, before anything is written. Raises `UsageError`."""
    from archive.storage.places import place, real
    from harvester.comparing import opened

    path = place(named)
    if real(path) == real(place(output)):
        raise UsageError(
            f"{path} is the output itself: write the new documents to another folder to have two sides"
        )
    return opened(path)


def write_comparison(old: Side, named: str) -> Comparison:
    """Compare, write `compare.json` and `compare.html` into the output, and return what was found."""
    from archive.disk import TEMPORARY_PREFIX
    from harvester.cli.output import messages
    from harvester.comparing import compare, html_page, opened, to_bytes
    from harvester.rebuild.outputs import output_at

    output = output_at(named)
    with messages().status("comparing") as status, output.workplace() as folder:
        scratch = folder / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}.sqlite"

        def progress(name: str, count: int) -> None:
            if count % 500 == 0:
                status.update(f"comparing: {counted(count, 'document')} of {name}")

        found = compare(old, opened(output.root), scratch, progress)
    output.write(JSON_FILE, to_bytes(found))
    output.write(HTML_FILE, html_page(found))
    return found


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the counts of a comparison; the samples are in the file."""
    import msgspec

    value: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("samples", "appeared_samples", "vanished_samples"):
        del value[name]
    return value


def tell(found: Comparison, output: str) -> None:
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
    say(f"  look at {output.rstrip('/')}/{HTML_FILE}")
