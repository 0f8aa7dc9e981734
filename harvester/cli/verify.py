"""`harvester verify`: is the captured text the original's?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.verify import Result, Side

_SHOWN_EDITS = 20
_CONTEXT = 12

SideArgument = typer.Argument(
    metavar="SIDE", help="An archive id or URL, or a file: document JSON, HTML, Markdown or text."
)


def verify(
    captured: Annotated[str, typer.Argument(metavar="CAPTURED", help=SideArgument.help)],
    original: Annotated[str, typer.Argument(metavar="ORIGINAL", help="The same, for the original.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare a captured text with its original: what is the same, and which edits there are.

    Exit 0: identical, same-text, minor, or a faithful excerpt. 1: altered, excerpt-altered or different.
    4: cannot-verify.
    """
    from harvester.cli.output import write_bytes
    from harvester.verify import compare, exit_code, to_bytes

    sides = [_side(name, archive) for name in (captured, original)]
    result = compare(*sides)
    if as_json:
        write_bytes(to_bytes(result))
    else:
        _print(result)
    return exit_code(result)
