"""`harvester extract`: bring your own HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from harvester.cli.common import Format
from harvester.errors import UsageError

_MAX_BYTES: Final = 64 << 20
_WHAT: Final = "a page"


def extract(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A saved page (gzip accepted), or - for stdin.")
    ],
    url: Annotated[str | None, typer.Option("--url", help="The page's final URL, if known.")] = None,
    output: Annotated[Format, typer.Option("--format", help="What to print: json, md or txt.")] = Format.JSON,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> int:
    """Read one saved page and print its document, or what the page is if it is not an article.

    Exit 0: an article. 1: a page that is not one (its state is printed). 4: a page we do not know.
    """
    from harvester import pipeline
    from harvester.cli.output import as_format, say, write_bytes
    from harvester.document import Document, to_bytes
    from harvester.exits import Exit, of_state
    from harvester.intake import known_url

    found = pipeline.extract(read_page(file), known_url(url) if url else None)
    if as_json or output is Format.JSON:
        write_bytes(to_bytes(found))
    elif not isinstance(found, Document):
        why = found.notice or next(iter(found.evidence), None)
        say(f"not an article: {found.state}" + (f": {why}" if why else ""), style="yellow")
    else:
        write_bytes(as_format(found, output))
    code = of_state(found.state)
    return Exit.NEGATIVE if code == Exit.BLOCKED else code  # nobody was asked, so nobody blocked


def read_page(file: str) -> bytes:
    """Return a page's bytes from a file or stdin, gunzipped if they are gzip.

    Raises `UsageError`, and `StorageError` where permission is missing.
    """
    from harvester.inputs import gunzipped, read_file, read_stdin

    data = read_stdin(_MAX_BYTES, _WHAT) if file == "-" else read_file(Path(file), _MAX_BYTES, _WHAT)
    data = gunzipped(data, file, _MAX_BYTES, _WHAT)
    if not data.strip():
        raise UsageError(f"{file} is empty: nothing to read")
    return data
